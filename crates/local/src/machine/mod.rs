//! A machine: Linux namespaces over a copy-on-write view of the host's root.
//!
//! ```text
//! controller                       the host's namespaces; holds the orders pipe
//! └ __user-namespace → __outer     without root: a user namespace first; waits, outside the model's pid namespace
//!   └ __model-init                 pid 1 of the model; dies with the controller and takes everything with it
//!     └ __machine-init             pid 1 of one machine: builds its root, enters it, starts its agents, reaps
//!       └ __agent                  one per unit (crate::agent)
//! ```
//!
//! `root` assembles the files of a machine with the rights of root, `rootless` without; `devices` and
//! `identity` are common to both. What a machine writes lies in its [`Disk`].

mod base;
mod devices;
mod disk;
mod enter;
mod identity;
mod ids;
mod init;
mod lifecycle;
mod mounts;
mod overlay;
mod probe;
mod refusal;
mod root;
mod rootless;
mod skeleton;
mod spec;
mod tree;

pub use base::Base;
pub(crate) use disk::Disk;
pub(crate) use enter::{dial, enter};
pub(crate) use ids::{Ids, Lack, enter_user_namespace};
pub(crate) use init::machine_init;
pub(crate) use lifecycle::{MachineEvent, Machines, model_init, mount_memory, outer};
pub(crate) use probe::{Note, probe, probe_child};
pub use refusal::Refusal;
pub(crate) use skeleton::Skeleton;
pub(crate) use spec::{Kind, MachineSpec};
pub(crate) use tree::{remove_own, remove_tree};
