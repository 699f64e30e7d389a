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
        self.units
            .iter()
            .filter(move |(name, member)| {
                member.in_scope && *name != unit && name.application() == other
            })
            .map(|(name, member)| (name, &member.bag))
    }

    /// Whether `unit` is seen by the units on the other side.
    pub(crate) fn in_scope(&self, unit: &UnitName) -> bool {
        self.units.get(unit).is_some_and(|member| member.in_scope)
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
