//! What a hook that ended well wants done to secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Content, Owner, Rotate};
use crate::RelationId;

/// All changes of one hook, by the secret's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretChanges {
    pub(crate) creates: BTreeMap<String, NewSecret>,
    pub(crate) updates: BTreeMap<String, SecretUpdate>,
    /// Revisions to remove; `None`: the secret itself.
    pub(crate) deletes: BTreeMap<String, Option<u32>>,
    /// By the tag of the relation.
    pub(crate) grants: BTreeMap<String, BTreeMap<String, GrantChange>>,
    pub(crate) revokes: BTreeMap<String, Vec<RevokeChange>>,
    /// Secrets whose newest revision the unit goes on with.
    pub(crate) track_latest: BTreeSet<String>,
}

impl SecretChanges {
    pub(crate) fn is_empty(&self) -> bool {
        self.creates.is_empty()
            && self.updates.is_empty()
            && self.deletes.is_empty()
            && self.grants.is_empty()
            && self.revokes.is_empty()
            && self.track_latest.is_empty()
    }
}

/// A new secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NewSecret {
    pub(crate) owner: Owner,
    pub(crate) content: Content,
    pub(crate) values: SecretUpdate,
}

/// What to change of a secret; `None` stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecretUpdate {
    pub(crate) label: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) rotate: Option<Rotate>,
    pub(crate) expires: Option<i64>,
    /// A new revision.
    pub(crate) content: Option<Content>,
}

impl SecretUpdate {
    /// Takes over what `later` sets.
    pub(crate) fn merge(&mut self, later: Self) {
        fn set<T>(field: &mut Option<T>, later: Option<T>) {
            if later.is_some() {
                *field = later;
            }
        }
        set(&mut self.label, later.label);
        set(&mut self.description, later.description);
        set(&mut self.rotate, later.rotate);
        set(&mut self.expires, later.expires);
        set(&mut self.content, later.content);
    }
}

/// Leave to read, to be given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GrantChange {
    pub(crate) relation: RelationId,
    /// The tag of the unit or application.
    pub(crate) subject: String,
}

/// Leave to read, to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RevokeChange {
    pub(crate) application: Option<String>,
    pub(crate) unit: Option<String>,
}
