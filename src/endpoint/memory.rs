//! What is remembered of an endpoint between hooks.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::store::Digest;

/// The fields of a data bag, as digests: what others publish may be secret.
pub(super) type Fields = BTreeMap<String, Digest>;

/// An endpoint's part of the unit's document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// By [`key`]: the data bags of everyone who is there.
    #[serde(default)]
    pub(super) bags: BTreeMap<String, Fields>,
    /// By [`key`]: units that have left, and that the charm has not forgotten yet. Their names only (D16).
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) departed: BTreeSet<String>,
    /// By [`key`]: requests and responses that this unit has published.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) asked: BTreeSet<String>,
    /// By relation and bag, as `db:3 app`: the secrets behind our data.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) sealed: BTreeSet<String>,
    /// URIs of secrets that are known not to be our own, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) foreign: Vec<Digest>,
    #[serde(flatten)]
    rest: Map<String, serde_json::Value>,
}

/// How a member of a relation is named in the memory: `db:3 mysql/0`; the application of a relation: `db:3`.
pub(super) fn key(relation: &str, member: &str) -> String {
    if member.is_empty() {
        return relation.to_owned();
    }
    format!("{relation} {member}")
}

/// Relation and member of a key.
pub(super) fn parts(key: &str) -> (&str, &str) {
    key.split_once(' ').unwrap_or((key, ""))
}

impl Memory {
    /// The memory of the last hook that committed, if this endpoint was looked at before.
    pub(super) fn load(ctx: &Context, prefix: &str) -> Result<Option<Self>> {
        let Some(stored) = ctx.memory(prefix) else {
            return Ok(None);
        };
        let read = serde_json::from_value(stored.clone()).map_err(|e| {
            Error::new(
                ErrorKind::Store,
                format!("what was remembered of `{prefix}*` cannot be read: {e}"),
            )
        })?;
        Ok(Some(read))
    }

    /// The relations that are known.
    pub(super) fn relations(&self) -> BTreeSet<String> {
        let all = self.bags.keys();
        all.map(|key| parts(key).0.to_owned()).collect()
    }

    /// The units that are known in a relation.
    pub(super) fn units(&self, relation: &str) -> Vec<String> {
        let all = self.bags.keys().map(|key| parts(key));
        all.filter(|(of, unit)| *of == relation && !unit.is_empty())
            .map(|(_, unit)| unit.to_owned())
            .collect()
    }

    /// What a field holds, everywhere together; `None` where nobody has it.
    pub(super) fn field(&self, field: &str) -> Option<String> {
        let mut all = String::new();
        for (key, fields) in &self.bags {
            if let Some(digest) = fields.get(field) {
                all.push_str(&format!("{key} {digest}\n"));
            }
        }
        (!all.is_empty()).then_some(all)
    }
}
