//! What the layer remembers between hooks.

use std::collections::{BTreeMap, BTreeSet};

use ensign::store::Digest;
use ensign::{Context, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Map;

/// The layer's part of the unit's document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Digests of the values at the end of the last hook that committed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) values: BTreeMap<String, Digest>,
    /// Plain values that wait for the peer relation: the only leader data kept in clear.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) staged: BTreeMap<String, String>,
    /// The peer relation was reached once: if it is not there now, it is hidden, not yet to come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) reached: bool,
    /// What was warned of and need not be again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) warned: BTreeSet<String>,
    #[serde(flatten)]
    rest: Map<String, serde_json::Value>,
}

impl Memory {
    /// The memory of the last hook that committed.
    pub(super) fn load(ctx: &Context) -> Result<Self> {
        let Some(stored) = ctx.memory(super::PREFIX) else {
            return Ok(Self::default());
        };
        serde_json::from_value(stored.clone()).map_err(|e| {
            Error::new(
                ErrorKind::Store,
                format!("what the leadership layer remembered cannot be read: {e}"),
            )
        })
    }

    /// Saves it with the commit.
    pub(super) fn save(&self, ctx: &mut Context) -> Result {
        ctx.remember(super::PREFIX, serde_json::to_value(self)?);
        Ok(())
    }
}
