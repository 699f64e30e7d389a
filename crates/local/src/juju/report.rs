//! What a run shows in the end, ready for JSON.

use std::collections::{BTreeMap, BTreeSet};

use ensign_model::UnitName;
use serde::{Deserialize, Serialize};

/// One profile's part of `ensign run --format json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The profile's name.
    pub juju: String,
    /// Whether every live agent is idle, with nothing pending, due or in error.
    pub settled: bool,
    /// Why not; empty if settled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<String>,
    /// The leader of each application that has one.
    pub leaders: BTreeMap<String, UnitName>,
    /// Whether the file has the same bytes on all live units.
    pub same: BTreeMap<String, bool>,
    /// All units, in the order of applications and numbers.
    pub units: Vec<UnitReport>,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnitReport {
    /// Its name.
    pub unit: UnitName,
    /// Its application.
    pub app: String,
    /// Whether its agent runs and reaches the controller.
    pub alive: bool,
    /// Whether it holds its application's lease.
    pub leader: bool,
    /// `idle`, `executing`, `error`, `lost`, …
    pub agent: String,
    /// What the charm says of itself.
    pub workload: Workload,
    /// Its machine's number.
    pub machine: String,
    /// The flags of its state document, less those that each hook derives anew.
    pub flags: BTreeSet<String>,
    /// What it has run, in order.
    pub hooks: Vec<HookReport>,
}

/// A workload status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    /// `active`, `blocked`, …
    pub status: String,
    /// May be empty.
    pub message: String,
}

/// One hook, action or command that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookReport {
    /// Its name.
    pub hook: String,
    /// Its exit code; none when it was killed or had nothing to run.
    pub exit: Option<i32>,
    /// The tools it called, in order.
    pub tools: Vec<String>,
    /// How long it took, in milliseconds of model time, which are real ones while a hook runs.
    pub ms: u64,
}

/// A file compared over all live units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The file.
    pub path: String,
    /// The units that have it, in groups of equal bytes, the largest group first.
    pub groups: Vec<Vec<UnitName>>,
    /// Live units that do not have it.
    pub missing: Vec<UnitName>,
}

impl Comparison {
    /// Every live unit has the file, with the same bytes.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.groups.len() == 1 && self.missing.is_empty()
    }
}
