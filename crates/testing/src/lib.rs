//! Runs charms in an in-process Juju model, for tests.
//!
//! [`Sim`] is a model of Juju, with its real rules and a logical clock, whose units call the charm's handlers in
//! this process: many units, elections, failures, tens of thousands of hooks a second.
//!
//! ```
//! use ensign::handler::{CrateOrder, Registry};
//! use ensign_model::Profile;
//! use ensign_testing::{Charm, Sim};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let charm = Charm::with_peers("empty", Registry::new([], []))?;
//! let mut sim = Sim::new(Profile::V4_0, 7);
//! sim.deploy("empty", &charm, 3)?;
//! sim.settle()?;
//! assert!(sim.model().status().applications["empty"].leader.is_some());
//! # Ok(())
//! # }
//! ```

pub mod campaign;
mod charm;
mod faults;
mod memory;
mod rooted;
mod sim;
mod tools;
mod workload;

pub use charm::{BadCharm, Charm};
pub use faults::{Faults, MortalDisk, MortalPrograms, MortalTools};
pub use memory::{MemoryDisk, SeededEntropy, TestClock};
pub use rooted::RootedDisk;
pub use sim::{Ran, Sim, Unsettled};
pub use workload::{Bare, Workload, exited};

/// The model itself: for operators' steps, faults and a closer look.
pub use ensign_model as model;
pub use ensign_model::{Documents, Profile, UnitName};
