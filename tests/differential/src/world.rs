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
    /// By role and interface, such as `requires/sql`.
    #[serde(default)]
    pub(crate) interfaces: BTreeMap<String, Interface>,
}

/// The handlers and triggers that each endpoint of an interface and role has.
#[derive(Debug, Deserialize)]
pub(crate) struct Interface {
    pub(crate) handlers: Vec<Handler>,
    pub(crate) triggers: Vec<Trigger>,
}

impl Version {
    /// All handlers, in the order in which their functions are numbered.
    pub(crate) fn all_handlers(&self) -> impl Iterator<Item = &Handler> {
        let of_interfaces = self.interfaces.values().flat_map(|i| &i.handlers);
        self.handlers.iter().chain(of_interfaces)
    }
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
    /// To every relation of the endpoint, for this unit; null removes.
    Publish(String, BTreeMap<String, Option<String>>),
    PublishJson(String, BTreeMap<String, Value>),
    PublishDefault(String, String, String),
    /// For the application, if this unit leads.
    PublishApp(String, BTreeMap<String, Option<String>>),
    LookUnits(String),
    LookRelations(String),
    LookReceived(String, String),
    LookApp(String, String),
    LookPublished(String),
    LookDeparted(String),
    ForgetDeparted(String),
    /// Of every relation of the endpoint, what and how much of it; what was asked for already changes.
    Request(String, String, u32),
    /// To all that have no answer yet.
    Respond(String, u32),
    LookRequests(String),
    LookAsked(String),
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
    /// Which relation a relation hook is about, and which remote unit.
    #[serde(default)]
    pub(crate) relation: Option<String>,
    #[serde(default)]
    pub(crate) unit: Option<String>,
    /// What the remote unit says, from now on, to what was asked for by now; null takes it back.
    #[serde(default)]
    pub(crate) answers: BTreeMap<String, Option<u32>>,
    /// What there is on the other side, by relation. Worlds that have it are about endpoints.
    #[serde(default)]
    pub(crate) relations: Option<BTreeMap<String, Relation>>,
}

/// A relation as this unit sees it.
#[derive(Debug, Deserialize)]
pub(crate) struct Relation {
    pub(crate) app: String,
    /// The application's data.
    pub(crate) data: BTreeMap<String, String>,
    /// The data of units that are there.
    pub(crate) units: BTreeMap<String, BTreeMap<String, String>>,
    /// The data of units that were.
    pub(crate) gone: BTreeMap<String, BTreeMap<String, String>>,
}
