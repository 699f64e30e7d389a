//! The format of a recording.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One recorded hook context with the calls made in it.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// `TOOL/NNNN`
    pub id: String,
    pub(super) context: Context,
    pub(super) calls: Vec<RecordedCall>,
    pub(super) effects: Map<String, Value>,
}

impl Case {
    /// Every tool the case calls.
    pub fn tools(&self) -> impl Iterator<Item = &str> {
        self.calls
            .iter()
            .filter_map(|call| call.argv.first())
            .map(String::as_str)
    }
}

/// One call and its answer.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedCall {
    pub(super) argv: Vec<String>,
    pub(super) stdin: Option<String>,
    pub(super) code: i32,
    pub(super) stdout: Option<String>,
    pub(super) help: Option<RecordedHelp>,
    #[serde(default)]
    pub(super) stderr: String,
    /// The real output varies in the order of its lines or items.
    #[serde(default)]
    pub(super) unordered: bool,
}

/// What counts of a help text.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedHelp {
    pub(super) usage: String,
    pub(super) options: Vec<String>,
}

/// The state a case starts from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Context {
    pub(super) unit: String,
    pub(super) kind: String,
    pub(super) hook: String,
    pub(super) hook_relation: Option<u32>,
    pub(super) remote_unit: Option<String>,
    pub(super) remote_app: Option<String>,
    /// True, false, or the text `error`.
    pub(super) leader: Value,
    pub(super) leader_settings: BTreeMap<String, String>,
    pub(super) state: BTreeMap<String, String>,
    pub(super) config: BTreeMap<String, Value>,
    pub(super) relations: Vec<RecordedRelation>,
    pub(super) unit_status: Option<RecordedStatus>,
    pub(super) app_status: Option<RecordedStatus>,
    pub(super) public_address: String,
    pub(super) private_address: String,
    pub(super) ports: Vec<(String, String)>,
    pub(super) other_ports: BTreeMap<String, Vec<(String, String)>>,
    pub(super) network: Option<BTreeMap<String, RecordedNetwork>>,
    pub(super) storage: Vec<RecordedStorage>,
    pub(super) hook_storage: Option<String>,
    pub(super) resources: BTreeMap<String, String>,
    pub(super) metrics: Option<Vec<String>>,
    pub(super) cloud: Option<crate::world::Cloud>,
    pub(super) goal_state: Option<RecordedGoal>,
    pub(super) model_type: Option<String>,
    pub(super) action: Option<RecordedAction>,
    pub(super) files: BTreeMap<String, String>,
    pub(super) secrets: Vec<RecordedSecret>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedRelation {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) app: String,
    #[serde(default)]
    pub(super) units: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    pub(super) local: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) local_app: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) remote_app: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) peer: bool,
    pub(super) life: Option<crate::Life>,
    #[serde(default)]
    pub(super) suspended: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedStorage {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) location: String,
    pub(super) provisioned: Option<bool>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedSecret {
    pub(super) id: String,
    /// `application`, `unit`, or the tag of another application.
    pub(super) owner: String,
    #[serde(default)]
    pub(super) label: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) rotate: Option<String>,
    pub(super) next_rotate: Option<String>,
    pub(super) expire: Option<String>,
    pub(super) revisions: BTreeMap<u32, BTreeMap<String, String>>,
    pub(super) tracked: Option<u32>,
    #[serde(default)]
    pub(super) consumer_label: String,
    #[serde(default)]
    pub(super) granted: bool,
    #[serde(default)]
    pub(super) access: Vec<RecordedAccess>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedAccess {
    pub(super) target: String,
    pub(super) scope: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct RecordedStatus {
    pub(super) status: String,
    pub(super) message: String,
    #[serde(default)]
    pub(super) data: Map<String, Value>,
    #[serde(default)]
    pub(super) units: BTreeMap<String, Self>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(super) struct RecordedNetwork {
    pub(super) bind_addresses: Vec<RecordedInterface>,
    pub(super) egress_subnets: Vec<String>,
    pub(super) ingress_addresses: Vec<String>,
    pub(super) relation: BTreeMap<String, Self>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RecordedInterface {
    pub(super) mac_address: String,
    pub(super) interface_name: String,
    pub(super) addresses: Vec<RecordedAddress>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedAddress {
    pub(super) hostname: String,
    pub(super) value: String,
    pub(super) cidr: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RecordedGoal {
    pub(super) units: BTreeMap<String, RecordedEntry>,
    pub(super) relations: BTreeMap<String, BTreeMap<String, RecordedEntry>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct RecordedEntry {
    pub(super) status: String,
    pub(super) since: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RecordedAction {
    pub(super) name: String,
    pub(super) params: Option<Map<String, Value>>,
}
