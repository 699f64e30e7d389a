//! What goes with a unit, an application or a relation.

use super::{Grant, application_tag};
use crate::world::World;
use crate::{RelationId, UnitName};

impl World {
    /// A unit is gone, and with it its secrets, what was granted to it and what it has read.
    pub(crate) fn forget_unit_secrets(&mut self, unit: &UnitName) {
        if self.secrets.is_empty() {
            return;
        }
        self.forget_owner(&unit.tag());
        self.secrets.forget_consumer(unit);
    }

    /// The same for an application.
    pub(crate) fn forget_application_secrets(&mut self, name: &str) {
        if !self.secrets.is_empty() {
            self.forget_owner(&application_tag(name));
        }
    }

    fn forget_owner(&mut self, tag: &str) {
        for id in self.secrets.owned_by(tag).cloned().collect::<Vec<_>>() {
            if let Some(secret) = self.secrets.get(&id) {
                self.notified.extend(secret.consumers.keys().cloned());
            }
            self.secrets.remove(&id);
        }
        self.secrets.forget_grants(|grant| grant.target == tag);
    }

    /// A relation is gone, and with it what was granted for as long as it lasts.
    pub(crate) fn forget_relation_secrets(&mut self, relation: RelationId) {
        self.secrets
            .forget_grants(|grant| grant.relation == Some(relation));
    }
}

impl super::Secrets {
    fn forget_consumer(&mut self, unit: &UnitName) {
        for id in self.consumed.remove(unit).unwrap_or_default() {
            if let Some(secret) = self.all.get_mut(&id) {
                secret.consumers.remove(unit);
            }
        }
    }

    fn forget_grants(&mut self, gone: impl Fn(&Grant) -> bool) {
        for secret in self.all.values_mut() {
            secret.grants.retain(|grant| !gone(grant));
        }
    }
}
