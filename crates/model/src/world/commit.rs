//! The flush: what a hook had buffered, committed as one transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{PortRange, World};
use crate::format::go_quote;
use crate::{RelationId, UnitName};

/// The most bytes a unit's whole charm state may have.
const STATE_SIZE: usize = 2 * 1024 * 1024;

/// The most bytes a key may have as it is stored.
const KEY_SIZE: usize = 256;

/// What a hook that ended well asks the controller to commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Commit {
    /// Renew the addresses in the unit's relation data.
    pub(crate) network_info: bool,
    /// The unit's whole new charm state.
    pub(crate) state: Option<BTreeMap<String, String>>,
    pub(crate) relations: BTreeMap<RelationId, BagChanges>,
    pub(crate) open_ports: Vec<(String, PortRange)>,
    pub(crate) close_ports: Vec<(String, PortRange)>,
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

impl World {
    /// Commits all of it or, if one part is refused, nothing.
    ///
    /// # Errors
    ///
    /// The server's text.
    pub(crate) fn commit(&mut self, unit: &UnitName, commit: Commit) -> Result<(), String> {
        if let Some(refusal) = self
            .units
            .get_mut(unit)
            .and_then(|unit| unit.refuse_flush.take())
        {
            return Err(refusal);
        }
        self.check(unit, &commit)?;
        if commit.network_info {
            for relation in self.relations_of(unit) {
                self.publish_addresses(relation, unit);
            }
        }
        for (relation, changes) in commit.relations {
            self.merge_unit_bag(relation, unit, &changes.unit);
            self.merge_application_bag(relation, unit.application(), &changes.application);
        }
        if let Some(document) = self.units.get_mut(unit) {
            if !commit.open_ports.is_empty() || !commit.close_ports.is_empty() {
                let ports = Arc::make_mut(&mut document.ports);
                for (endpoint, range) in commit.close_ports {
                    ports.close(&endpoint, range);
                }
                for (endpoint, range) in commit.open_ports {
                    ports.open(&endpoint, range);
                }
            }
            if let Some(state) = commit.state {
                document.state = Arc::new(state);
            }
        }
        Ok(())
    }

    fn check(&self, unit: &UnitName, commit: &Commit) -> Result<(), String> {
        for (id, changes) in &commit.relations {
            let relation = self.relations.get(id).ok_or("permission denied")?;
            let member = relation.units.get(unit);
            if member.is_none() && !changes.unit.is_empty() {
                return Err(format!(
                    "unit {}: settings not found",
                    go_quote(unit.as_str())
                ));
            }
            if !changes.application.is_empty() && !self.leases.is_held_by(unit) {
                return Err(format!(
                    "checking leadership continuity: {}",
                    self.not_leader(unit)
                ));
            }
        }
        let charm = self
            .applications
            .get(unit.application())
            .map(|application| &application.charm);
        for (endpoint, _) in &commit.open_ports {
            if !endpoint.is_empty()
                && !charm.is_some_and(|charm| charm.endpoints.contains_key(endpoint))
            {
                return Err(format!(
                    "open port range: endpoint {} for unit {} not found",
                    go_quote(endpoint),
                    go_quote(unit.as_str())
                ));
            }
        }
        commit.state.as_ref().map_or(Ok(()), check_state)
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
        relation.generation += 1;
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

fn check_state(state: &BTreeMap<String, String>) -> Result<(), String> {
    if state.keys().any(|key| stored_length(key) > KEY_SIZE) {
        return Err(format!(
            "persisting charm state: max allowed key length ({KEY_SIZE}) exceeded"
        ));
    }
    // BSON: 5 bytes a document; type, key, NUL, length, value, NUL an entry.
    let size = 5 + state
        .iter()
        .map(|(key, value)| stored_length(key) + value.len() + 7)
        .sum::<usize>();
    if size > STATE_SIZE {
        return Err(format!(
            "persisting charm state: max allowed size ({STATE_SIZE}) exceeded"
        ));
    }
    Ok(())
}

/// The bytes of a key as it is stored: `.` and `$` stand as letters of three bytes.
fn stored_length(key: &str) -> usize {
    key.chars()
        .map(|letter| {
            if matches!(letter, '.' | '$') {
                3
            } else {
                letter.len_utf8()
            }
        })
        .sum()
}
