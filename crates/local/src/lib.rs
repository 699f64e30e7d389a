//! Runs an Ensign model for real: controller, agents, processes, machines.
//!
//! `ensign_model` knows what Juju would do; this crate does it. [`LocalModel`] is what a command holds:
//!
//! ```no_run
//! use std::time::Duration;
//! use ensign_local::{Charm, Home, LocalModel, Options, Wanted, read_steps};
//! use ensign_model::{CharmInfo, Profile};
//!
//! # fn main() -> ensign_local::Result<()> {
//! let mut model = LocalModel::start(Options {
//!     home: Home::of_this_user()?,
//!     name: "trial".into(),
//!     profile: Profile::V3_6,
//!     seed: None,
//!     wanted: Wanted::Machines,
//!     exe: None,
//!     keep: false,
//! })?;
//! let charm = Charm { info: CharmInfo::named("password"), dir: "build/password".into() };
//! model.deploy("password", &charm, 3)?;
//! let settling = model.settle(Duration::from_secs(600), &mut |event| drop(event))?;
//! assert!(settling.is_settled());
//! assert!(model.compare_file("/etc/foopass")?.is_same());
//! model.destroy()
//! # }
//! ```
//!
//! The executable plays several parts (see [`entry`], which `main` calls first): the controller, which owns
//! the model and its folder; process 1 of the model and of each machine; an agent per unit; the hook tools.
//!
//! | module | holds |
//! |---|---|
//! | `home`, `folder` | where models live, and what is in a model's folder |
//! | `machine` | namespaces and overlays: what a unit runs in |
//! | `network` | the machines' links, addresses and way out |
//! | `controller` | the process that owns the model: time, saving, agents, requests |
//! | `services` | `systemctl` in a machine, where no systemd runs |
//! | `agent` | the process beside the charm: files, hooks, hook tools |
//! | `juju` | the command's side: start, talk, destroy; steps and reports |
//! | `wire` | messages between all of them |

mod agent;
mod charm;
mod controller;
mod entry;
mod error;
mod folder;
mod home;
mod juju;
mod machine;
mod network;
mod roles;
mod services;
mod wire;

pub use charm::Charm;
pub use entry::entry;
pub use error::{Error, Result};
pub use home::{Home, ModelEntry};
pub use juju::{
    BadStep, Comparison, Event, Forward, HookReport, LocalModel, Options, Report, Settling, Step,
    UnitReport, Wanted, Workload, read_duration, read_steps,
};
pub use machine::{Base, Refusal};
