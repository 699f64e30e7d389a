//! The data of a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ActionRun, Draft, Output, Recorder};
use crate::world::{Metadata, PortRange, Ports, SecretChanges, Status};
use crate::{ActionId, ConfigValue, ContextId, Hook, RelationHook, RelationId, Time};

/// A running hook, action or command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: ContextId,
    pub(crate) kind: RunKind,
    pub(crate) started: Time,
    /// The tools called so far.
    pub(crate) tools: Vec<String>,
    /// The agent lost the controller while this ran: nothing of it can be committed.
    pub(crate) severed: bool,
    /// What the choice of this operation had seen.
    pub(crate) seen: Seen,
    /// Leadership has been denied once.
    pub(crate) not_leader: bool,
    pub(crate) config: Option<Arc<BTreeMap<String, Option<ConfigValue>>>>,
    pub(crate) leader_settings: Option<Arc<BTreeMap<String, String>>>,
    pub(crate) status: Option<Status>,
    /// The charm's state as this run sees it; `state_changed` if it differs from what is stored.
    pub(crate) state: Option<Arc<BTreeMap<String, String>>>,
    pub(crate) state_changed: bool,
    /// The own unit's data, and the own application's as its leader sees it.
    pub(crate) unit_bags: BTreeMap<RelationId, Draft>,
    pub(crate) application_bags: BTreeMap<RelationId, Draft>,
    /// Other bags read from the controller.
    pub(crate) bags: BTreeMap<RelationId, BTreeMap<String, Arc<BTreeMap<String, String>>>>,
    /// Ports the unit had open when the run began, and what was asked for since.
    pub(crate) ports: Arc<Ports>,
    pub(crate) open_ports: Vec<(String, PortRange)>,
    pub(crate) close_ports: Vec<(String, PortRange)>,
    pub(crate) private_address: String,
    /// The relation that commands run in.
    pub(crate) relation: Option<RelationHook>,
    /// The storage the hook is about.
    pub(crate) storage: Option<String>,
    /// The ids of the unit's storage, read at first use, and what was asked for beside.
    pub(crate) storage_ids: Option<Vec<String>>,
    pub(crate) add_storage: Vec<(String, u64)>,
    pub(crate) pod_spec: Option<String>,
    pub(crate) raw_spec: Option<String>,
    /// Where metrics may be recorded.
    pub(crate) recorder: Option<Recorder>,
    /// The secrets the unit managed when the run began, and what was asked for since.
    pub(crate) managed_secrets: Arc<BTreeMap<String, Metadata>>,
    pub(crate) secrets: SecretChanges,
    pub(crate) reboot: Reboot,
    /// The machine lock it holds, by its group.
    pub(crate) lock: Option<String>,
    pub(crate) action: Option<ActionRun>,
    pub(crate) output: Output,
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RunKind {
    Hook(Hook),
    Action {
        id: ActionId,
        name: String,
    },
    Commands {
        id: ActionId,
    },
    Deploy {
        upgrade: bool,
    },
    /// `collect-metrics` and its like, where almost nothing works.
    Restricted,
}

/// What the operation was chosen by; noted as done when it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) config_hash: u64,
    pub(crate) address: String,
    pub(crate) settings: u64,
    pub(crate) ticks: u64,
    /// The version of the relation data, or the latest revision of the secret, that the hook is about.
    pub(crate) version: u64,
    /// The number of the application's charm, and of what else changed.
    pub(crate) charm_version: u64,
    pub(crate) modified: u64,
}

/// What `juju-reboot` asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Reboot {
    #[default]
    No,
    AfterHook,
    Now,
}

impl Run {
    pub(crate) fn new(id: ContextId, kind: RunKind, started: Time) -> Self {
        Self {
            id,
            kind,
            started,
            tools: Vec::new(),
            severed: false,
            seen: Seen::default(),
            not_leader: false,
            config: None,
            leader_settings: None,
            status: None,
            state: None,
            state_changed: false,
            unit_bags: BTreeMap::new(),
            application_bags: BTreeMap::new(),
            bags: BTreeMap::new(),
            ports: Arc::default(),
            open_ports: Vec::new(),
            close_ports: Vec::new(),
            private_address: String::new(),
            relation: None,
            storage: None,
            storage_ids: None,
            add_storage: Vec::new(),
            pod_spec: None,
            raw_spec: None,
            recorder: None,
            managed_secrets: Arc::default(),
            secrets: SecretChanges::default(),
            reboot: Reboot::No,
            lock: None,
            action: None,
            output: Output::default(),
        }
    }

    pub(crate) const fn hook(&self) -> Option<&Hook> {
        match &self.kind {
            RunKind::Hook(hook) => Some(hook),
            _ => None,
        }
    }

    /// The relation hook, if it is one; or the relation that commands run in.
    pub(crate) fn relation_hook(&self) -> Option<&RelationHook> {
        self.hook()
            .and_then(Hook::relation)
            .or(self.relation.as_ref())
    }

    /// The action, commands included.
    pub(crate) const fn action_id(&self) -> Option<ActionId> {
        match self.kind {
            RunKind::Action { id, .. } | RunKind::Commands { id } => Some(id),
            _ => None,
        }
    }

    /// The run in a word, as context ids and loggers spell it.
    pub(crate) fn name(&self) -> String {
        match &self.kind {
            RunKind::Hook(hook) => hook.name(),
            RunKind::Action { name, .. } => name.clone(),
            RunKind::Commands { .. } => "run-commands".to_owned(),
            RunKind::Deploy { .. } => "deploy".to_owned(),
            RunKind::Restricted => "collect-metrics".to_owned(),
        }
    }
}
