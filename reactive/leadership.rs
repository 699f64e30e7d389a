//! The leadership layer: an application's settings, written by its leader and read by every unit, as flags.
//!
//! | flag | set while |
//! |---|---|
//! | `leadership.is_leader` | this unit leads, and Juju promises that it goes on for a while |
//! | `leadership.set.K` | the key `K` has a value |
//! | `leadership.changed.K` | its value differs from the one at the end of the last hook that committed |
//! | `leadership.changed` | any did |
//!
//! The methods are those of [`Leadership`]; handlers that must not miss a value wait for it with
//! `#[when_changed(leader = "K")]`. A handler that only makes sense on the leader can say so in its signature,
//! with a [`Leader`]; settings that belong together can be one struct, with [`LeaderSettings`].
//!
//! # Where values are kept
//!
//! Plain values stand in Juju's leader settings on 3.x, and in the application data of the charm's peer relation on
//! 4.x, which has no settings. The layer option `backend` overrules that. In a hook that cannot reach the peer
//! relation yet they are staged in the unit's own state and published by the first hook that can.
//!
//! Secret values, such as [`password`](ensign::Context::password) makes, or those of keys that the layer option
//! `secret` lists, stand in one secret of the application's, wherever Juju has secrets (3.0 and later): in no
//! setting, no relation data and no state document. A group with one secret value goes there whole, and a key
//! that is there stays secret. The other units learn of a new value by a *bell*, a reference beside the plain
//! values, and read the secret only then. The options `rotate` and `expire` make Juju ask for new values: handle
//! `#[hook("secret-rotate")]` and `#[hook("secret-expired")]`, and write them with `leader_set`.
//!
//! # From Juju 3.6 to 4
//!
//! A charm that declares a peer endpoint moves without losing anything: on 3.6 its settings are mirrored to the
//! peer relation, with a generation that tells which of the two was written last, and that settings are *gone*, not
//! empty, once the controller no longer keeps them. Charms that were written in Python and kept their values in
//! leader settings are taken over by the first hook of the leader's.
//!
//! This layer uses the public interface of the library and nothing else.

#[path = "leadership/bag.rs"]
mod bag;
#[path = "leadership/bell.rs"]
mod bell;
#[path = "leadership/contents.rs"]
mod contents;
#[doc(hidden)]
#[path = "leadership/field.rs"]
pub mod field;
#[path = "leadership/generation.rs"]
mod generation;
#[path = "leadership/memory.rs"]
mod memory;
#[path = "leadership/moving.rs"]
mod moving;
#[path = "leadership/plan.rs"]
mod plan;
#[path = "leadership/promise.rs"]
mod promise;
#[path = "leadership/proof.rs"]
mod proof;
#[path = "leadership/provider.rs"]
mod provider;
#[path = "leadership/record.rs"]
mod record;
#[path = "leadership/stage.rs"]
mod stage;
#[path = "leadership/text.rs"]
pub(crate) mod text;
#[path = "leadership/truth.rs"]
mod truth;
#[path = "leadership/typed.rs"]
mod typed;
#[path = "leadership/vault.rs"]
mod vault;
#[path = "leadership/view.rs"]
mod view;
#[path = "leadership/write.rs"]
mod write;

use std::collections::BTreeMap;

use ensign::{Context, Result, Value};

pub use proof::Leader;
pub use provider::LeadershipFlags;
pub use typed::LeaderSettings;

/// Prefix of the layer's flags, and of what it remembers.
pub(crate) const PREFIX: &str = "leadership.";

ensign::provider! {
    prefix: PREFIX,
    source: "leader",
    derived: false,
    new: || Box::new(LeadershipFlags::default()),
}

/// Leadership, on the context of a handler.
pub trait Leadership {
    /// Whether this unit leads now. Asks Juju again when the last answer is older than 20 seconds.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    fn is_leader(&mut self) -> Result<bool>;

    /// Asks Juju now whether this unit still leads, and fails if it does not.
    ///
    /// # Errors
    /// `NotLeader` when it does not, or when it may have lost leadership and regained it within this hook: what
    /// was read before is stale then.
    fn ensure_leader(&mut self) -> Result;

    /// The value of a key. Own writes of this hook are visible.
    ///
    /// # Errors
    /// When the settings cannot be read.
    fn leader_get(&mut self, key: impl AsRef<str>) -> Result<Option<Value>>;

    /// All keys and values.
    ///
    /// # Errors
    /// When the settings cannot be read.
    fn leader_settings(&mut self) -> Result<BTreeMap<String, Value>>;

    /// Writes a group of settings, all of it or nothing, and sets the flags of those that differ, so that
    /// leader and followers share handlers (B61). An empty value removes the key (D11); equal values change
    /// nothing (B63).
    ///
    /// Plain values on 3.x take effect at once and are not undone if the hook fails; plain values on 4.x, and secret
    /// ones everywhere, are part of the hook.
    ///
    /// # Errors
    /// `NotLeader` off the leader, with nothing changed (D7). `Unknown` when Juju's answer was lost: the values
    /// have then been read again. `Invalid` for keys and values that Juju's tools would damage.
    fn leader_set<K: AsRef<str>, V: Into<Value>>(
        &mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result;

    /// Removes keys: followers see it as a change (B56).
    ///
    /// # Errors
    /// As [`leader_set`](Self::leader_set).
    fn leader_unset<K: AsRef<str>>(&mut self, keys: impl IntoIterator<Item = K>) -> Result;
}

impl Leadership for Context {
    fn is_leader(&mut self) -> Result<bool> {
        self.with_provider(LeadershipFlags::is_leader)
    }

    fn ensure_leader(&mut self) -> Result {
        // What was found out holds even when the answer is an error: a lost leadership clears its flag.
        self.with_provider(LeadershipFlags::ensure_leader)?
    }

    fn leader_get(&mut self, key: impl AsRef<str>) -> Result<Option<Value>> {
        self.with_provider(|provider: &mut LeadershipFlags, ctx| {
            Ok((
                provider.value(ctx, key.as_ref())?,
                ensign::Updates::default(),
            ))
        })
    }

    fn leader_settings(&mut self) -> Result<BTreeMap<String, Value>> {
        self.with_provider(|provider: &mut LeadershipFlags, ctx| {
            Ok((provider.all(ctx)?, ensign::Updates::default()))
        })
    }

    fn leader_set<K: AsRef<str>, V: Into<Value>>(
        &mut self,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result {
        let group = pairs
            .into_iter()
            .map(|(key, value)| (key.as_ref().to_owned(), value.into()))
            .collect();
        self.with_provider(|provider: &mut LeadershipFlags, ctx| provider.write(ctx, group))?
    }

    fn leader_unset<K: AsRef<str>>(&mut self, keys: impl IntoIterator<Item = K>) -> Result {
        self.leader_set(keys.into_iter().map(|key| (key, "")))
    }
}
