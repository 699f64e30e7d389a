//! Subordinates: units that go with another, their principal.

use super::World;
use crate::{Life, RelationId, Time, UnitName};

impl World {
    /// Whether an application's units are subordinates.
    pub(crate) fn is_subordinate(&self, application: &str) -> bool {
        self.applications
            .get(application)
            .is_some_and(|application| application.charm.subordinate)
    }

    /// The subordinate application that a relation brings to a principal unit.
    fn brought(&self, id: RelationId, principal: &UnitName) -> Option<&str> {
        let relation = self.relations.get(&id)?;
        let other = &relation.other_side(principal.application())?.application;
        let brings = relation.is_container()
            && self.is_subordinate(other)
            && !self.is_subordinate(principal.application());
        brings.then_some(other)
    }

    /// A principal unit's subordinate of an application.
    fn subordinate_of(&self, principal: &UnitName, application: &str) -> Option<&UnitName> {
        let subordinates = &self.units.get(principal)?.subordinates;
        subordinates
            .iter()
            .find(|unit| unit.application() == application)
    }

    /// Whether a unit cannot enter a relation yet, because its last subordinate there is still going.
    pub(crate) fn awaits_subordinate(&self, id: RelationId, unit: &UnitName) -> bool {
        self.brought(id, unit)
            .and_then(|application| self.subordinate_of(unit, application))
            .and_then(|subordinate| self.units.get(subordinate))
            .is_some_and(|subordinate| subordinate.life != Life::Alive)
    }

    /// Adds the subordinates that a unit's relations bring and it does not have.
    pub(crate) fn add_subordinates(&mut self, principal: &UnitName, now: Time) -> Vec<UnitName> {
        let missing: Vec<String> = self
            .relations_of(principal)
            .into_iter()
            .filter_map(|id| self.brought(id, principal))
            .filter(|application| self.subordinate_of(principal, application).is_none())
            .map(str::to_owned)
            .collect();
        let mut added = Vec::new();
        for application in missing {
            let Some(machine) = self.units.get(principal).map(|unit| unit.machine.clone()) else {
                break;
            };
            let machine = if self.shared_machines {
                machine
            } else {
                self.new_machine()
            };
            // Two relations may bring the same one.
            if self.subordinate_of(principal, &application).is_some() {
                continue;
            }
            // The application is there, or its relation would not be.
            let Ok(unit) = self.new_unit(&application, machine, now) else {
                continue;
            };
            if let Some(document) = self.units.get_mut(&unit) {
                document.principal = Some(principal.clone());
            }
            if let Some(document) = self.units.get_mut(principal) {
                document.subordinates.insert(unit.clone());
            }
            added.push(unit);
        }
        added
    }

    /// Whether a subordinate has a living relation to its principal's application; always, if it is none.
    pub(crate) fn is_kept(&self, unit: &UnitName) -> bool {
        let principal = self
            .units
            .get(unit)
            .and_then(|unit| unit.principal.as_ref());
        let (Some(principal), Some(application)) =
            (principal, self.applications.get(unit.application()))
        else {
            return true;
        };
        let mut relations = application
            .relations
            .iter()
            .filter_map(|id| self.relations.get(id));
        relations.any(|relation| {
            relation.life == Life::Alive
                && relation.is_container()
                && relation.side(principal.application()).is_some()
        })
    }
}
