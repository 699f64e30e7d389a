//! Runs charms in an in-process Juju model, for tests.

mod faults;
mod memory;

pub use faults::{Faults, MortalDisk, MortalTools};
pub use memory::{MemoryDisk, SeededEntropy, TestClock};
