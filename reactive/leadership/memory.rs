//! What the layer remembers between hooks.

use std::collections::{BTreeMap, BTreeSet};

use ensign::store::Digest;
use ensign::{Context, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::generation::Generation;

/// The layer's part of the unit's document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// Digests of the values at the end of the last hook that committed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) values: BTreeMap<String, Digest>,
    /// Digests of the values in the application's secret, as they were read last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) secrets: BTreeMap<String, Digest>,
    /// The bell that belongs to them.
    #[serde(default, skip_serializing_if = "Bell::is_none")]
    pub(super) bell: Bell,
    /// The secret was written where the bell could not be rung.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) owes: bool,
    /// The highest generation seen in the settings, or in the bag that stands in for them, where the charm has a peer
    /// endpoint: once there was one, settings without any are settings that Juju no longer keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) settings: Option<Generation>,
    /// The generation of the settings that was mirrored last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mirrored: Option<Generation>,
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

/// What is remembered of the bell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Bell {
    /// None was heard.
    #[default]
    None,
    /// A write of the secret was dropped: whatever is seen next has to be looked into.
    Unknown,
    /// The last one whose content was taken.
    Heard(Generation),
}

impl Bell {
    fn is_none(&self) -> bool {
        *self == Self::None
    }
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
