//! A world as the driver describes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A unit's life: the versions of its charm, and its hooks.
#[derive(Debug, Deserialize)]
pub(crate) struct World {
    /// `metadata.yaml`.
    pub(crate) metadata: Value,
    /// The options of `config.yaml`.
    pub(crate) options: Value,
    pub(crate) versions: Vec<Version>,
    pub(crate) hooks: Vec<Hook>,
}

/// One version of the charm.
#[derive(Debug, Deserialize)]
pub(crate) struct Version {
    pub(crate) handlers: Vec<Handler>,
    /// In force from the moment the charm is loaded.
    pub(crate) triggers: Vec<Trigger>,
    /// What triggers call.
    pub(crate) callbacks: Vec<Vec<Op>>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Handler {
    pub(crate) id: String,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) ops: Vec<Op>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Clause {
    When(Vec<String>),
    WhenAny(Vec<String>),
    WhenNot(Vec<String>),
    WhenNotAll(Vec<String>),
    NotUnless(Vec<String>),
    Hook(Vec<String>),
    OnlyOnce,
    CollectMetrics,
    MeterStatusChanged,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Trigger {
    pub(crate) when: Option<String>,
    pub(crate) when_not: Option<String>,
    pub(crate) set: Option<String>,
    pub(crate) clear: Option<String>,
    pub(crate) callback: Option<usize>,
}

/// One thing that a handler does.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Op {
    Set(String),
    Clear(String),
    Toggle(String, bool),
    /// The group, and whether a failure is ignored.
    LeaderSet(BTreeMap<String, Value>, bool),
    LookFlag(String),
    LookLeader(String),
    LookConfig(String),
    Trigger(Trigger),
    /// Another unit writes a leader setting meanwhile.
    Elsewhere(String, String),
    Fail,
    Stop,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hook {
    pub(crate) hook: String,
    pub(crate) version: usize,
    pub(crate) leader: bool,
    pub(crate) config: BTreeMap<String, Value>,
    /// Leader settings that another unit has written since; null removes.
    pub(crate) elsewhere: BTreeMap<String, Option<String>>,
    /// `leader-set` fails in this hook.
    pub(crate) broken: bool,
}
