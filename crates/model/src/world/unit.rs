//! A unit as the controller stores it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Attachments, FlushFault, NetworkInfo, Ports};
use crate::{ActionId, Life, Time, UnitName};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Unit {
    pub(crate) life: Life,
    /// The unit it goes with, if it is a subordinate; the subordinates that go with it.
    pub(crate) principal: Option<UnitName>,
    pub(crate) subordinates: BTreeSet<UnitName>,
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
    pub(crate) storage: Attachments,
    /// The charm's own state (`state-set`).
    pub(crate) state: Arc<BTreeMap<String, String>>,
    pub(crate) resolved: Option<Resolved>,
    /// Actions that wait for it, oldest first.
    pub(crate) actions: VecDeque<ActionId>,
    /// What is to go wrong with the next flush.
    pub(crate) flush_fault: Option<FlushFault>,
    /// The answer to the next `leader-set` is lost; whether it is applied.
    pub(crate) lost_leader_set: Option<bool>,
}

impl Unit {
    pub(crate) fn new(machine: String, now: Time) -> Self {
        Self {
            life: Life::Alive,
            principal: None,
            subordinates: BTreeSet::new(),
            machine,
            workload: Status::new("waiting", "waiting for machine", now),
            agent: Status::new("allocating", "", now),
            private_address: String::new(),
            public_address: String::new(),
            default_network: NetworkInfo::default(),
            network: BTreeMap::new(),
            ports: Arc::default(),
            storage: Attachments::new(),
            state: Arc::default(),
            resolved: None,
            actions: VecDeque::new(),
            flush_fault: None,
            lost_leader_set: None,
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
