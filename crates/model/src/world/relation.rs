//! A relation as the controller stores it: sides, scope, data bags.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Life, RelationId, Role, Scope, UnitName};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Relation {
    pub(crate) id: RelationId,
    /// Requirer, then provider; or the one side of a peer relation.
    pub(crate) sides: Vec<Side>,
    pub(crate) interface: String,
    pub(crate) life: Life,
    pub(crate) suspended: bool,
    /// Units that are or were in scope, with their data.
    pub(crate) units: BTreeMap<UnitName, Member>,
    /// The data of the applications.
    pub(crate) applications: BTreeMap<String, Bag>,
    /// Counts changes of anything here.
    pub(crate) generation: u64,
    /// Units by the generation in which they last came, went or changed their data.
    pub(crate) journal: BTreeMap<u64, UnitName>,
}

/// One end of a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Side {
    pub(crate) application: String,
    pub(crate) endpoint: String,
    pub(crate) role: Role,
    pub(crate) scope: Scope,
}

/// A unit that is or was in scope.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) bag: Bag,
    /// Whether the other units see it.
    pub(crate) in_scope: bool,
    /// Whether it may have hooks of the relation left to run.
    pub(crate) entered: bool,
    /// In a relation between units of one container: the container's principal unit.
    pub(crate) container: Option<UnitName>,
    /// Its place in the relation's journal.
    pub(crate) noted: u64,
}

/// A data bag.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bag {
    pub(crate) values: Arc<BTreeMap<String, String>>,
    /// Counts changes; 0: never written.
    pub(crate) version: u64,
}

impl Bag {
    /// Sets values; an empty one removes its key. Returns whether anything changed.
    pub(crate) fn merge(&mut self, changes: &BTreeMap<String, String>) -> bool {
        let differs = changes
            .iter()
            .any(|(key, value)| match self.values.get(key) {
                Some(present) => present != value,
                None => !value.is_empty(),
            });
        if differs {
            let values = Arc::make_mut(&mut self.values);
            for (key, value) in changes {
                if value.is_empty() {
                    values.remove(key);
                } else {
                    values.insert(key.clone(), value.clone());
                }
            }
            self.version += 1;
        }
        differs
    }
}

impl Relation {
    pub(crate) fn is_peer(&self) -> bool {
        self.sides.len() == 1
    }

    /// A unit has come, gone or changed its data.
    pub(crate) fn note(&mut self, unit: &UnitName) {
        self.generation += 1;
        if let Some(member) = self.units.get_mut(unit) {
            self.journal.remove(&member.noted);
            member.noted = self.generation;
            self.journal.insert(self.generation, unit.clone());
        }
    }

    /// The units that have come, gone or changed since a generation.
    pub(crate) fn noted_since(&self, generation: u64) -> impl Iterator<Item = &UnitName> {
        self.journal.range(generation + 1..).map(|(_, unit)| unit)
    }

    /// Whether units see only those of the other side that are in the same container.
    pub(crate) fn is_container(&self) -> bool {
        !self.is_peer() && self.sides.iter().any(|side| side.scope == Scope::Container)
    }

    /// Whether both units are in scope of the same container; any two of a relation without containers are.
    pub(crate) fn share_container(&self, one: &UnitName, other: &str) -> bool {
        let container = |unit: &str| {
            self.units
                .get(unit)
                .and_then(|member| member.container.as_ref())
        };
        container(one.as_str()) == container(other)
    }

    /// The side of an application; for a peer relation its only one.
    pub(crate) fn side(&self, application: &str) -> Option<&Side> {
        self.sides
            .iter()
            .find(|side| side.application == application)
    }

    /// What an application sees as the other side; for a peer relation itself.
    pub(crate) fn other_side(&self, application: &str) -> Option<&Side> {
        if self.is_peer() {
            return self.side(application);
        }
        self.side(application)?;
        self.sides
            .iter()
            .find(|side| side.application != application)
    }

    /// The units a unit sees on the other side, with their bags.
    pub(crate) fn remote_units<'a>(
        &'a self,
        unit: &'a UnitName,
    ) -> impl Iterator<Item = (&'a UnitName, &'a Bag)> {
        let other = self
            .other_side(unit.application())
            .map_or("", |side| side.application.as_str());
        let container = self
            .units
            .get(unit)
            .and_then(|member| member.container.as_ref());
        self.units
            .iter()
            .filter(move |(name, member)| {
                member.in_scope
                    && *name != unit
                    && name.application() == other
                    && member.container.as_ref() == container
            })
            .map(|(name, member)| (name, &member.bag))
    }

    /// The version of a unit's data, if the unit `viewer` sees it.
    pub(crate) fn visible(&self, viewer: &UnitName, unit: &UnitName) -> Option<u64> {
        let other = self.other_side(viewer.application())?;
        let member = self.units.get(unit)?;
        let seen = member.in_scope
            && unit != viewer
            && unit.application() == other.application
            && self.share_container(viewer, unit.as_str());
        seen.then_some(member.bag.version)
    }

    /// Whether `unit` is seen by the units on the other side.
    pub(crate) fn in_scope(&self, unit: &UnitName) -> bool {
        self.units.get(unit).is_some_and(|member| member.in_scope)
    }

    /// Its tag, as grants of secrets have it.
    pub(crate) fn tag(&self) -> String {
        format!(
            "relation-{}",
            self.key().replace(':', ".").replace(' ', "#")
        )
    }

    /// Its key: `app:endpoint` of each side, requirer first.
    pub(crate) fn key(&self) -> String {
        let sides: Vec<String> = self
            .sides
            .iter()
            .map(|side| format!("{}:{}", side.application, side.endpoint))
            .collect();
        sides.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_changes_nothing_is_no_event() {
        let mut bag = Bag::default();
        let write = |bag: &mut Bag, value: &str| {
            bag.merge(&BTreeMap::from([("k".to_owned(), value.to_owned())]))
        };
        assert!(!write(&mut bag, ""));
        assert_eq!(bag.version, 0);
        assert!(write(&mut bag, "v"));
        assert!(!write(&mut bag, "v"));
        assert!(write(&mut bag, ""));
        assert_eq!((bag.version, bag.values.len()), (2, 0));
    }
}
