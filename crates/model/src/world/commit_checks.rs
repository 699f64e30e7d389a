//! What the controller looks at before it stores a flush.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Commit, World};
use crate::UnitName;
use crate::format::go_quote;

/// The most bytes a unit's whole charm state may have.
const STATE_SIZE: usize = 2 * 1024 * 1024;

/// The most bytes a key may have as it is stored.
const KEY_SIZE: usize = 256;

impl World {
    /// Whether everything but secrets can be stored.
    pub(super) fn check(&self, unit: &UnitName, commit: &Commit) -> Result<(), String> {
        self.check_relations(unit, commit)?;
        self.check_rest(unit, commit)
    }

    pub(super) fn check_relations(&self, unit: &UnitName, commit: &Commit) -> Result<(), String> {
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
        Ok(())
    }

    pub(super) fn check_rest(&self, unit: &UnitName, commit: &Commit) -> Result<(), String> {
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
        self.check_all_storage(unit, &commit.add_storage)?;
        self.check_specs(unit, commit)?;
        commit.state.as_ref().map_or(Ok(()), check_state)
    }

    /// Specs are for the leader, and of one kind.
    fn check_specs(&self, unit: &UnitName, commit: &Commit) -> Result<(), String> {
        let application = self.applications.get(unit.application());
        let has = |kind: fn(&super::Application) -> bool| application.is_some_and(kind);
        let pod = commit.pod_spec.is_some();
        let raw = commit.raw_spec.is_some();
        if !pod && !raw {
            return Ok(());
        }
        if (raw && (pod || has(|application| application.pod_spec.is_some())))
            || (pod && has(|application| application.raw_spec.is_some()))
        {
            return Err(
                "either k8s-spec-set or k8s-raw-set can be run for each application, but not both"
                    .to_owned(),
            );
        }
        if self.leases.is_held_by(unit) {
            Ok(())
        } else {
            Err(self.not_leader(unit))
        }
    }
}

fn check_state(state: &Arc<BTreeMap<String, String>>) -> Result<(), String> {
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
