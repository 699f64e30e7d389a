//! A unit as the controller stores it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{NetworkInfo, Ports};
use crate::{ActionId, Life, Time};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) life: Life,
    /// The machine's id.
    pub(crate) machine: String,
    pub(crate) workload: Status,
    pub(crate) agent: Status,
    /// What `unit-get` and relation data call its addresses; empty if it has none.
    pub(crate) private_address: String,
    pub(crate) public_address: String,
    /// What `network-get` answers for an endpoint bound like all others.
    pub(crate) default_network: NetworkInfo,
    /// What `network-get` answers, by endpoint; every endpoint the charm has.
    pub(crate) network: BTreeMap<String, NetworkInfo>,
    pub(crate) ports: Arc<Ports>,
    /// The charm's own state (`state-set`).
    pub(crate) state: Arc<BTreeMap<String, String>>,
    pub(crate) resolved: Option<Resolved>,
    /// Actions that wait for it, oldest first.
    pub(crate) actions: VecDeque<ActionId>,
    /// What to refuse the next flush with.
    pub(crate) refuse_flush: Option<String>,
}

impl Unit {
    pub(crate) fn new(machine: String, now: Time) -> Self {
        Self {
            life: Life::Alive,
            machine,
            workload: Status::new("waiting", "waiting for machine", now),
            agent: Status::new("allocating", "", now),
            private_address: String::new(),
            public_address: String::new(),
            default_network: NetworkInfo::default(),
            network: BTreeMap::new(),
            ports: Arc::default(),
            state: Arc::default(),
            resolved: None,
            actions: VecDeque::new(),
            refuse_flush: None,
        }
    }
}

/// How an operator wants a failed hook resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Resolved {
    Retry,
    Skip,
}

/// A stored status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) status: String,
    pub(crate) message: String,
    pub(crate) data: Map<String, Value>,
    pub(crate) since: Time,
}

impl Status {
    pub(crate) fn new(status: &str, message: &str, since: Time) -> Self {
        Self {
            status: status.to_owned(),
            message: message.to_owned(),
            data: Map::new(),
            since,
        }
    }
}
