//! What the controller stores, and the rules of its API.

mod application;
mod cloud;
mod commit;
mod commit_checks;
mod goal;
mod lease;
mod lifecycle;
mod network;
mod ports;
mod relation;
mod resource;
mod scope;
mod secrets;
mod settings;
mod statuses;
mod storage;
mod subordinates;
mod unit;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use application::Application;
pub(crate) use cloud::{Cloud, CloudCredential};
pub(crate) use commit::{Commit, FlushFault};
pub(crate) use goal::{GoalEntry, GoalState};
pub(crate) use lease::{Leases, PROMISE};
pub(crate) use network::{Addresses, Interface, NetworkInfo};
pub(crate) use ports::{PortRange, Ports};
pub(crate) use relation::{Bag, Member, Relation, Side};
pub(crate) use resource::Resource;
pub(crate) use secrets::{
    Consumer, Content, Grant, GrantChange, Metadata, NewSecret, Owner, Read, Revision,
    RevokeChange, Rotate, Secret, SecretChanges, SecretUpdate, Secrets, application_tag,
};
pub(crate) use storage::{Attachment, Attachments, storage_name};
pub(crate) use unit::{Resolved, Status, Unit};

use crate::{ActionId, ActionRecord, ModelError, Profile, RelationId, Time, UnitName};

/// The controller's state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) profile: Profile,
    pub(crate) name: String,
    pub(crate) uuid: String,
    pub(crate) epoch: u64,
    /// Where agents keep their files, and where they reach the controller.
    pub(crate) data_dir: String,
    pub(crate) api_address: String,
    /// A Kubernetes model; for the conformance recordings.
    pub(crate) kubernetes: bool,
    pub(crate) applications: BTreeMap<String, Application>,
    pub(crate) units: BTreeMap<UnitName, Unit>,
    /// The units on each machine.
    pub(crate) machines: BTreeMap<String, Vec<UnitName>>,
    pub(crate) relations: BTreeMap<RelationId, Relation>,
    pub(crate) leases: Leases,
    pub(crate) actions: BTreeMap<ActionId, ActionRecord>,
    pub(crate) secrets: Secrets,
    /// Flushes that are under way, by the unit that has given them up.
    pub(crate) late: BTreeMap<UnitName, Commit>,
    pub(crate) next_relation: u32,
    pub(crate) next_machine: u32,
    pub(crate) next_action: u64,
    pub(crate) next_storage: u32,
    /// The cloud, if it is another than the author's machine; for the conformance recordings, as the next.
    pub(crate) cloud: Option<Cloud>,
    /// One folder for all resources.
    pub(crate) resources_dir: Option<String>,
    /// Subordinates live on the machine of the unit they go with; if not, on one of their own.
    pub(crate) shared_machines: bool,
    /// Units whose agents have been told that something changed.
    pub(crate) notified: Vec<UnitName>,
    /// A goal state to answer instead of the computed one; for the conformance recordings.
    pub(crate) goal_state: Option<GoalState>,
}

impl World {
    pub(crate) fn new(profile: Profile, name: String, uuid: String, epoch: u64) -> Self {
        Self {
            secrets: Secrets::new(&uuid),
            late: BTreeMap::new(),
            profile,
            name,
            uuid,
            epoch,
            data_dir: String::new(),
            api_address: String::new(),
            kubernetes: false,
            applications: BTreeMap::new(),
            units: BTreeMap::new(),
            machines: BTreeMap::new(),
            relations: BTreeMap::new(),
            leases: Leases::new(),
            actions: BTreeMap::new(),
            next_relation: 0,
            next_machine: 0,
            next_action: 1,
            next_storage: 0,
            cloud: None,
            resources_dir: None,
            shared_machines: true,
            notified: Vec::new(),
            goal_state: None,
        }
    }

    pub(crate) fn application(&self, name: &str) -> Result<&Application, ModelError> {
        self.applications
            .get(name)
            .ok_or_else(|| ModelError::NoApplication(name.to_owned()))
    }

    pub(crate) fn application_mut(&mut self, name: &str) -> Result<&mut Application, ModelError> {
        self.applications
            .get_mut(name)
            .ok_or_else(|| ModelError::NoApplication(name.to_owned()))
    }

    pub(crate) fn unit(&self, name: &UnitName) -> Result<&Unit, ModelError> {
        self.units
            .get(name)
            .ok_or_else(|| ModelError::NoUnit(name.to_string()))
    }

    pub(crate) fn unit_mut(&mut self, name: &UnitName) -> Result<&mut Unit, ModelError> {
        self.units
            .get_mut(name)
            .ok_or_else(|| ModelError::NoUnit(name.to_string()))
    }

    /// A moment in seconds since 1970.
    pub(crate) fn seconds(&self, time: Time) -> i64 {
        let since = time.since_start().as_secs().saturating_add(self.epoch);
        i64::try_from(since).unwrap_or(i64::MAX)
    }

    /// Tells a unit's agent that something changed.
    pub(crate) fn notify(&mut self, unit: &UnitName) {
        self.notified.push(unit.clone());
    }

    /// Tells the agents of all of an application's units.
    pub(crate) fn notify_application(&mut self, name: &str) {
        if let Some(application) = self.applications.get(name) {
            self.notified.extend(application.units.iter().cloned());
        }
    }
}
