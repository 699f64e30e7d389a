//! What a command asks a model's controller, and what it hears.

use std::time::Duration;

use ensign_model::{ActionRecord, LogRecord, ModelStatus, Outcome, UnitName};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::report::{Comparison, Report};
use super::step::Step;
use crate::charm::Charm;

/// A question or command.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    Deploy {
        application: String,
        charm: Box<Charm>,
        units: u32,
    },
    Step(Step),
    Settle {
        timeout: Duration,
    },
    Compare {
        path: String,
    },
    Report {
        files: Vec<String>,
    },
    Status,
    Exec {
        unit: UnitName,
        commands: String,
        timeout: Duration,
    },
    Run {
        unit: UnitName,
        action: String,
        params: Map<String, Value>,
        timeout: Duration,
    },
    /// The first process of the unit's machine.
    Process {
        unit: UnitName,
    },
    /// The controller goes on when the command that started it ends.
    Keep,
    /// Ends the model and removes its folder.
    Destroy,
}

/// What comes back: any number of events, then an answer or a failure.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Event(Event),
    Done(Answer),
    Failed(String),
}

/// The answer to a [`Request`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Answer {
    Nothing,
    Units(Vec<UnitName>),
    Settling(Settling),
    Comparison(Comparison),
    Report(Report),
    Status(Box<ModelStatus>),
    Action(Box<ActionRecord>),
    Process(u32),
}

/// How settling ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settling {
    /// Why the model has not settled; empty if it has.
    pub unsettled: Vec<String>,
    /// Model time that passed.
    pub took: Duration,
}

impl Settling {
    /// Every live agent is idle, nothing is pending, due or in error.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.unsettled.is_empty()
    }
}

/// Something that happens while a model settles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Event {
    /// A machine is up, and its agent runs.
    MachineUp(String),
    /// A machine is down: killed, removed or rebooting.
    MachineDown(String),
    /// A unit begins a hook, an action or commands.
    Started {
        /// The unit.
        unit: UnitName,
        /// The hook's or action's name; `deploy`, `run-commands`.
        what: String,
    },
    /// It has ended.
    Ended {
        /// The unit.
        unit: UnitName,
        /// What was started.
        what: String,
        /// What became of it.
        outcome: Outcome,
        /// How long it took.
        took: Duration,
    },
    /// Every unit is idle and model time goes on by this much at once.
    Jumped(Duration),
    /// A line of the model's log.
    Log(LogRecord),
    /// What the person should know: a limit of the machines that was found just now.
    Note(String),
}
