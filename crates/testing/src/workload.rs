//! What runs on a model's machines beside the charms: programs, as a test plays them.

use std::cell::RefCell;
use std::fmt;
use std::io;
use std::process::{ExitStatus, Output};
use std::rc::Rc;

use ensign::host::{Program, Programs, Running};
use ensign_model::UnitName;

use crate::memory::MemoryDisk;

/// The programs of all machines of a model, and what they did so far.
///
/// Nothing of the host runs in a model: a program that the workload does not know is not installed.
pub trait Workload: fmt::Debug {
    /// Runs a program on a unit's machine, whose files are `disk`; `None` where it is not installed.
    fn run(&mut self, unit: &UnitName, disk: &MemoryDisk, program: &Program) -> Option<Output>;

    /// A copy that goes on from here on its own: a model is copied to look at what would be.
    fn copied(&self) -> Box<dyn Workload>;

    /// The unit's machine is gone, with everything that ran there. A campaign says so; a test that kills a unit does
    /// it itself.
    fn lost(&mut self, _unit: &UnitName) {}
}

/// Machines on which nothing is installed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bare;

impl Workload for Bare {
    fn run(&mut self, _: &UnitName, _: &MemoryDisk, _: &Program) -> Option<Output> {
        None
    }

    fn copied(&self) -> Box<dyn Workload> {
        Box::new(*self)
    }
}

/// How a program ended that exited with `code` and said this.
#[must_use]
pub fn exited(code: u8, stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>) -> Output {
    use std::os::unix::process::ExitStatusExt;
    Output {
        status: ExitStatus::from_raw(i32::from(code) << 8),
        stdout: stdout.as_ref().to_owned(),
        stderr: stderr.as_ref().to_owned(),
    }
}

/// A workload that several machines share.
pub(crate) type SharedWorkload = Rc<RefCell<Box<dyn Workload>>>;

/// The programs of one machine.
#[derive(Debug)]
pub(crate) struct MachinePrograms {
    pub(crate) workload: SharedWorkload,
    pub(crate) unit: UnitName,
    pub(crate) disk: MemoryDisk,
}

impl Programs for MachinePrograms {
    fn start(&mut self, program: &Program) -> io::Result<Box<dyn Running>> {
        let mut workload = self.workload.borrow_mut();
        match workload.run(&self.unit, &self.disk, program) {
            Some(output) => Ok(Box::new(output)),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }
}
