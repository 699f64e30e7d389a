//! Labels: which are taken.

use super::{Owner, application_tag};
use crate::UnitName;
use crate::format::go_quote;
use crate::world::World;

impl World {
    /// A label names one secret of its owner, and no two of an application and its units.
    pub(super) fn check_label(&self, id: &str, owner: &Owner, label: &str) -> Result<(), String> {
        self.check_label_of_owner(id, owner, label)?;
        let taken = match owner {
            Owner::Application(name) => self
                .units_of(name)
                .any(|unit| self.has_label(&unit.tag(), id, label) || self.reads_by(unit, label)),
            Owner::Unit(unit) => {
                self.has_label(&application_tag(unit.application()), id, label)
                    || self.reads_by(unit, label)
            }
            Owner::Model => false,
        };
        if taken {
            Err(taken_label(label))
        } else {
            Ok(())
        }
    }

    /// A label names one secret of its owner.
    pub(super) fn check_label_of_owner(
        &self,
        id: &str,
        owner: &Owner,
        label: &str,
    ) -> Result<(), String> {
        if self.has_label(&owner.tag(), id, label) {
            Err(taken_label(label))
        } else {
            Ok(())
        }
    }

    /// Whether another secret of that owner has the label.
    fn has_label(&self, owner: &str, id: &str, label: &str) -> bool {
        self.secrets
            .owned_by(owner)
            .filter(|other| *other != id)
            .filter_map(|other| self.secrets.get(other))
            .any(|secret| secret.label == label)
    }

    /// Whether a unit reads a secret by that label of its own.
    fn reads_by(&self, unit: &UnitName, label: &str) -> bool {
        self.secrets
            .consumed_by(unit)
            .filter_map(|id| self.secrets.get(id)?.consumers.get(unit))
            .any(|consumer| consumer.label == label)
    }

    fn units_of(&self, application: &str) -> impl Iterator<Item = &UnitName> {
        let application = self.applications.get(application);
        application.into_iter().flat_map(|each| &each.units)
    }
}

fn taken_label(label: &str) -> String {
    format!("secret with label {} already exists", go_quote(label))
}
