//! Where a test can put something faulty between a charm's processes and the world.

use ensign::host::{Clock, Disk, Entropy};
use ensign::tools::Transport;
use ensign_model::UnitName;

/// A process of a charm: a hook, an action, or one command of a `juju exec`.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its unit.
    pub unit: UnitName,
    /// The hook's or action's name; `run-commands` for commands.
    pub operation: String,
    /// Which of the operation's processes it is, from 0.
    pub number: usize,
}

/// Wraps what the processes of a campaign run with. As it is, everything is honest: a test that wants to know
/// whether a campaign would notice the lack of something takes it away here.
pub trait Seams: Send + Sync {
    /// The environment of a process.
    fn environment(&self, process: &Process, variables: &mut Vec<(String, String)>) {
        let _ = (process, variables);
    }

    /// The hook tools of a process.
    fn transport(&self, process: &Process, honest: Box<dyn Transport>) -> Box<dyn Transport> {
        let _ = process;
        honest
    }

    /// The files of a process.
    fn disk(&self, process: &Process, honest: Box<dyn Disk>) -> Box<dyn Disk> {
        let _ = process;
        honest
    }

    /// The clock of a process.
    fn clock(&self, process: &Process, honest: Box<dyn Clock>) -> Box<dyn Clock> {
        let _ = process;
        honest
    }

    /// The random generator of a process.
    fn entropy(&self, process: &Process, honest: Box<dyn Entropy>) -> Box<dyn Entropy> {
        let _ = process;
        honest
    }
}

/// Nothing is taken away.
#[derive(Debug, Clone, Copy, Default)]
pub struct Honest;

impl Seams for Honest {}
