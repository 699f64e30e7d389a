//! Who may read and who may manage a secret, and what its owner is told about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Content, Owner, Rotate, Secret, application_tag};
use crate::UnitName;
use crate::world::World;

/// The server's refusal.
pub(super) const DENIED: &str = "permission denied";

/// What an owner is told about a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) owner: Owner,
    pub(crate) label: String,
    pub(crate) description: String,
    /// `None` for one that is not stored yet and has no policy.
    pub(crate) rotate: Option<Rotate>,
    pub(crate) latest: u32,
    /// What the latest revision holds; `None` if that has been removed.
    pub(crate) content: Option<Content>,
    pub(crate) expires: Option<i64>,
    pub(crate) next_rotate: Option<i64>,
    pub(crate) access: Vec<Access>,
}

/// A grant, as tools show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Access {
    pub(crate) target: String,
    pub(crate) scope: String,
}

impl From<&Secret> for Metadata {
    fn from(secret: &Secret) -> Self {
        let latest = secret.revisions.get(&secret.latest);
        let access = secret.grants.iter().map(|grant| Access {
            target: grant.target.clone(),
            scope: grant.scope.clone(),
        });
        Self {
            owner: secret.owner.clone(),
            label: secret.label.clone(),
            description: secret.description.clone(),
            rotate: Some(secret.rotate),
            latest: secret.latest,
            content: latest.map(|revision| revision.content.clone()),
            expires: secret.expires,
            next_rotate: secret.next_rotate,
            access: access.collect(),
        }
    }
}

impl World {
    /// What a unit is told of the secrets it manages: its own, and as leader its application's.
    pub(crate) fn managed_secrets(&self, unit: &UnitName) -> BTreeMap<String, Metadata> {
        if self.secrets.is_empty() {
            return BTreeMap::new();
        }
        let leads = self.leases.is_held_by(unit);
        self.secrets
            .owned_around(unit)
            .filter_map(|id| Some((id, self.secrets.get(id)?)))
            .filter(|(_, secret)| leads || !secret.owner.is_application())
            .map(|(id, secret)| (id.clone(), Metadata::from(secret)))
            .collect()
    }

    /// Whether a unit may read a secret: its own, its application's, or by a grant to either.
    pub(crate) fn may_read(&self, secret: &Secret, unit: &UnitName) -> bool {
        if secret.owner.is_of(unit) {
            return true;
        }
        let (own, shared) = (unit.tag(), application_tag(unit.application()));
        let grants = &mut secret.grants.iter();
        grants.any(|grant| grant.target == own || grant.target == shared)
    }

    /// Whether a unit may change a secret, by the controller's records.
    ///
    /// # Errors
    ///
    /// The server's text: no such secret, another's, or the application's without leadership.
    pub(super) fn check_manages(&self, id: &str, unit: &UnitName) -> Result<(), String> {
        let secret = self.secrets.get(id).ok_or_else(|| not_found(id))?;
        self.check_owns(&secret.owner, unit)
    }

    /// Whether a unit may act as that owner.
    ///
    /// # Errors
    ///
    /// The server's text: another owner, or the application without leadership.
    pub(super) fn check_owns(&self, owner: &Owner, unit: &UnitName) -> Result<(), String> {
        if !owner.is_of(unit) {
            return Err(DENIED.to_owned());
        }
        if owner.is_application() && !self.leases.is_held_by(unit) {
            return Err(self.not_leader(unit));
        }
        Ok(())
    }
}

pub(super) fn not_found(id: &str) -> String {
    format!("secret \"secret:{id}\" not found")
}
