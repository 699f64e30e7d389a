//! The machine lock: what runs on a machine runs one after the other, whichever units it is for.

use super::Model;
use crate::UnitName;
use crate::agent::next::Choice;
use crate::context::Run;

impl Model {
    /// The lock that a choice needs, by the group of those that exclude each other; `None` for what takes none: putting a
    /// charm in place, accepting and resigning leadership, parallel actions.
    pub(super) fn lock_for(&self, unit: &UnitName, choice: &Choice) -> Option<String> {
        match choice {
            Choice::Run(_) => Some(String::new()),
            Choice::Action(id) => {
                let name = &self.world.actions.get(id)?.name;
                let charm = &self.world.applications.get(unit.application())?.charm;
                match charm.actions.get(name) {
                    Some(spec) if spec.parallel && spec.execution_group.is_empty() => None,
                    Some(spec) => Some(spec.execution_group.clone()),
                    None => Some(String::new()),
                }
            }
            _ => None,
        }
    }

    /// Whether another unit on the machine holds that lock.
    pub(super) fn is_locked(&self, unit: &UnitName, lock: &str) -> bool {
        self.neighbours(unit).iter().any(|other| {
            self.agents
                .get(other)
                .and_then(|agent| agent.running.as_ref())
                .is_some_and(|run| run.lock.as_deref() == Some(lock))
        })
    }

    /// What has waited for the machine looks again.
    pub(super) fn release(&mut self, unit: &UnitName) {
        for other in self.neighbours(unit) {
            self.wake(&other);
        }
    }

    /// The other units on a unit's machine.
    pub(super) fn neighbours(&self, unit: &UnitName) -> Vec<UnitName> {
        let machine = self.world.units.get(unit).map(|unit| &unit.machine);
        let units = machine.and_then(|machine| self.world.machines.get(machine));
        units
            .into_iter()
            .flatten()
            .filter(|other| *other != unit)
            .cloned()
            .collect()
    }

    pub(super) fn running_mut(&mut self, unit: &UnitName) -> Option<&mut Run> {
        self.agents.get_mut(unit)?.running.as_deref_mut()
    }
}
