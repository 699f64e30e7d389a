//! The flush: what a hook had buffered, stored in the parts the version has.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{PortRange, SecretChanges, World};
use crate::format::go_quote;
use crate::{FlushPart, RelationId, Time, UnitName};

/// What a hook that ended well asks the controller to commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Commit {
    /// Renew the addresses in the unit's relation data.
    pub(crate) network_info: bool,
    /// The unit's whole new charm state.
    pub(crate) state: Option<Arc<BTreeMap<String, String>>>,
    pub(crate) relations: BTreeMap<RelationId, BagChanges>,
    pub(crate) open_ports: Vec<(String, PortRange)>,
    pub(crate) close_ports: Vec<(String, PortRange)>,
    /// Storage names, and how many instances of each.
    pub(crate) add_storage: Vec<(String, u64)>,
    pub(crate) pod_spec: Option<String>,
    pub(crate) raw_spec: Option<String>,
    pub(crate) secrets: SecretChanges,
}

/// Changes of one relation's data; an empty value removes its key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BagChanges {
    pub(crate) unit: BTreeMap<String, String>,
    pub(crate) application: BTreeMap<String, String>,
}

impl Commit {
    /// Whether there is nothing to ask for: then no call is made.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What is to go wrong with a unit's next flush.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FlushFault {
    /// It is refused with this text, after so many parts have been stored.
    Refuse { text: String, parts: usize },
    /// It is stored, and the agent never hears of it.
    LoseAnswer,
    /// It stays under way, and the agent gives it up.
    Delay,
}

/// What an agent hears of an answer that is lost.
const LOST: &str = "connection is shut down";

impl World {
    /// Commits what a hook had buffered, part by part as the version has it.
    ///
    /// # Errors
    ///
    /// The server's text; parts before the one that was refused are stored.
    pub(crate) fn commit(
        &mut self,
        unit: &UnitName,
        commit: Commit,
        now: Time,
    ) -> Result<(), String> {
        let fault = self
            .units
            .get_mut(unit)
            .and_then(|unit| unit.flush_fault.take());
        match fault {
            None => self.store(unit, &commit, now, usize::MAX),
            Some(FlushFault::Refuse { text, parts }) => {
                let whole = self.profile.differences().flush.len() == 1;
                self.store(unit, &commit, now, if whole { 0 } else { parts })?;
                Err(text)
            }
            Some(FlushFault::LoseAnswer) => {
                self.store(unit, &commit, now, usize::MAX)?;
                self.late.remove(unit);
                Err(LOST.to_owned())
            }
            Some(FlushFault::Delay) => {
                self.late.insert(unit.clone(), commit);
                Err(LOST.to_owned())
            }
        }
    }

    /// Stores the first `parts` parts of a flush. One transaction is stored whole or not at all.
    pub(crate) fn store(
        &mut self,
        unit: &UnitName,
        commit: &Commit,
        now: Time,
        parts: usize,
    ) -> Result<(), String> {
        for part in self.profile.differences().flush.iter().take(parts) {
            match part {
                FlushPart::Secrets => {
                    let now = self.seconds(now);
                    self.commit_secrets(unit, &commit.secrets, now)?;
                }
                FlushPart::State => {
                    self.check_rest(unit, commit)?;
                    self.store_rest(unit, commit)?;
                }
                FlushPart::Relations => {
                    self.check_relations(unit, commit)?;
                    self.store_relations(unit, commit);
                }
                FlushPart::StateAndRelations => {
                    self.check(unit, commit)?;
                    self.store_relations(unit, commit);
                    self.store_rest(unit, commit)?;
                }
                FlushPart::Everything => {
                    self.check(unit, commit)?;
                    self.transact_secrets(unit, commit, now)?;
                    self.store_relations(unit, commit);
                    self.store_rest(unit, commit)?;
                }
            }
        }
        Ok(())
    }

    /// Changes secrets, all of them or none.
    fn transact_secrets(
        &mut self,
        unit: &UnitName,
        commit: &Commit,
        now: Time,
    ) -> Result<(), String> {
        if commit.secrets.is_empty() {
            return Ok(());
        }
        let now = self.seconds(now);
        let (before, told) = (self.secrets.clone(), self.notified.len());
        let result = self.commit_secrets(unit, &commit.secrets, now);
        if result.is_err() {
            self.secrets = before;
            self.notified.truncate(told);
        }
        result
    }

    fn store_relations(&mut self, unit: &UnitName, commit: &Commit) {
        if commit.network_info {
            for relation in self.relations_of(unit) {
                self.publish_addresses(relation, unit);
            }
        }
        for (relation, changes) in &commit.relations {
            self.merge_unit_bag(*relation, unit, &changes.unit);
            self.merge_application_bag(*relation, unit.application(), &changes.application);
        }
    }

    /// Stores state, ports, storage and specs.
    fn store_rest(&mut self, unit: &UnitName, commit: &Commit) -> Result<(), String> {
        for (name, count) in &commit.add_storage {
            self.add_storage(unit, name, *count)
                .map_err(|error| error.to_string())?;
        }
        if let Some(application) = self.applications.get_mut(unit.application()) {
            if commit.pod_spec.is_some() {
                application.pod_spec.clone_from(&commit.pod_spec);
            }
            if commit.raw_spec.is_some() {
                application.raw_spec.clone_from(&commit.raw_spec);
            }
        }
        let Some(document) = self.units.get_mut(unit) else {
            return Ok(());
        };
        if !commit.open_ports.is_empty() || !commit.close_ports.is_empty() {
            let ports = Arc::make_mut(&mut document.ports);
            for (endpoint, range) in &commit.close_ports {
                ports.close(endpoint, *range);
            }
            for (endpoint, range) in &commit.open_ports {
                ports.open(endpoint, *range);
            }
        }
        if let Some(state) = &commit.state {
            document.state = Arc::clone(state);
        }
        Ok(())
    }

    /// The text of a leadership token that does not hold.
    pub(crate) fn not_leader(&self, unit: &UnitName) -> String {
        format!(
            "{} is not leader of {}",
            go_quote(unit.as_str()),
            go_quote(unit.application())
        )
    }

    /// The relations a unit is in the scope of.
    pub(crate) fn relations_of(&self, unit: &UnitName) -> Vec<RelationId> {
        let ids = self
            .applications
            .get(unit.application())
            .map(|application| &application.relations);
        let in_scope = |id: &&RelationId| {
            self.relations
                .get(id)
                .is_some_and(|relation| relation.in_scope(unit))
        };
        ids.into_iter()
            .flatten()
            .filter(in_scope)
            .copied()
            .collect()
    }

    /// Puts a unit's addresses into its bag.
    pub(crate) fn publish_addresses(&mut self, relation: RelationId, unit: &UnitName) {
        let Some(address) = self
            .units
            .get(unit)
            .map(|unit| unit.private_address.clone())
        else {
            return;
        };
        if address.is_empty() {
            return;
        }
        let mut values = BTreeMap::from([
            (
                "egress-subnets".to_owned(),
                super::network::egress_subnet(&address),
            ),
            ("ingress-address".to_owned(), address.clone()),
        ]);
        if self.profile.differences().private_address {
            values.insert("private-address".to_owned(), address);
        }
        self.merge_unit_bag(relation, unit, &values);
    }

    fn merge_unit_bag(
        &mut self,
        id: RelationId,
        unit: &UnitName,
        changes: &BTreeMap<String, String>,
    ) {
        let Some(relation) = self.relations.get_mut(&id) else {
            return;
        };
        let Some(member) = relation.units.get_mut(unit) else {
            return;
        };
        if !member.bag.merge(changes) {
            return;
        }
        relation.note(unit);
        if let Some(other) = relation.other_side(unit.application()) {
            let watching = relation.units.iter().filter(|(name, member)| {
                member.in_scope && *name != unit && name.application() == other.application
            });
            self.notified.extend(watching.map(|(name, _)| name.clone()));
        }
    }

    fn merge_application_bag(
        &mut self,
        id: RelationId,
        application: &str,
        changes: &BTreeMap<String, String>,
    ) {
        let Some(relation) = self.relations.get_mut(&id) else {
            return;
        };
        if changes.is_empty()
            || !relation
                .applications
                .entry(application.to_owned())
                .or_default()
                .merge(changes)
        {
            return;
        }
        relation.generation += 1;
        // In a peer relation this is the writer's own application, the writer included.
        if let Some(other) = relation.other_side(application) {
            let other = other.application.clone();
            self.notify_application(&other);
        }
    }
}
