//! Actions, and `juju exec`, which is one.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Time, UnitName};

/// The number of an action, unique in its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ActionId(pub u64);

impl fmt::Display for ActionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// How far an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ActionStatus {
    /// Waits for its unit.
    Pending,
    /// Runs.
    Running,
    /// Ended well.
    Completed,
    /// Ended badly.
    Failed,
}

impl ActionStatus {
    /// Whether it will not change any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed)
    }
}

/// An action that was asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRecord {
    /// Its number.
    pub id: ActionId,
    /// The unit it is for.
    pub unit: UnitName,
    /// Its name; `juju-exec` for commands.
    pub name: String,
    /// Its parameters, defaults filled in.
    pub params: Map<String, Value>,
    /// How far it is.
    pub status: ActionStatus,
    /// Its results: nested maps of strings, and `return-code`, a number.
    pub results: Map<String, Value>,
    /// Why it failed; empty if it did not.
    pub message: String,
    /// What `action-log` said, and when.
    pub log: Vec<(Time, String)>,
    /// When it was asked for.
    pub enqueued: Time,
    /// When it began.
    pub started: Option<Time>,
    /// When it ended.
    pub completed: Option<Time>,
}
