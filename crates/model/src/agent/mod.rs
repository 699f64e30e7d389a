//! One unit's agent: what it remembers, and the choice of its next operation.

mod local;
mod memory;
mod news;
pub(crate) mod next;

use serde::{Deserialize, Serialize};

pub(crate) use local::{Local, LocalRelation, Op};
pub(crate) use memory::Memory;
pub(crate) use news::{First, News};

use crate::context::Run;
use crate::{Machine, Profile};

/// A unit's agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub(crate) link: Link,
    /// The version it is.
    pub(crate) profile: Profile,
    /// The version it becomes when it starts next.
    pub(crate) upgrade: Option<Profile>,
    pub(crate) machine: Machine,
    /// What the controller keeps for it: survives restarts.
    pub(crate) local: Local,
    /// What lives as long as its process.
    pub(crate) memory: Memory,
    /// What it runs.
    pub(crate) running: Option<Box<Run>>,
    /// It stands in the queue of those whose next operation has to be looked at.
    pub(crate) awake: bool,
}

/// Whether an agent runs and reaches the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Link {
    /// Its machine has never been up.
    Never,
    /// It runs.
    Up,
    /// It runs, and is cut off.
    Cut,
    /// It is reached again, but waits for a hook that began before it was cut off.
    Draining,
    /// It does not run; it may again.
    Stopped,
    /// Its machine is lost for good.
    Lost,
}

impl Agent {
    pub(crate) fn new(profile: Profile) -> Self {
        Self {
            link: Link::Never,
            profile,
            upgrade: None,
            machine: Machine::default(),
            local: Local::default(),
            memory: Memory::default(),
            running: None,
            awake: false,
        }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.link == Link::Up
    }

    /// Whether a hook of it has failed and waits to be resolved.
    pub(crate) fn failed_hook(&self) -> Option<&crate::Hook> {
        match &self.local.op {
            Op::Pending(hook) if !self.runs_hook() => Some(hook),
            _ => None,
        }
    }

    /// Whether something of it has failed and waits for an operator or the retry timer.
    pub(crate) fn is_in_error(&self) -> bool {
        self.failed_hook().is_some()
            || (matches!(self.local.op, Op::DeployFailed(_)) && self.running.is_none())
    }

    /// Whether what it runs is a hook.
    pub(crate) fn runs_hook(&self) -> bool {
        self.running
            .as_ref()
            .is_some_and(|run| run.hook().is_some())
    }
}
