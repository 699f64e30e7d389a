//! Keys that turn secret: first into the secret, and out of the plain store once everybody can read them there.

use std::collections::{BTreeMap, BTreeSet};

use ensign::prelude::{Context, Result, Value};

use super::LeadershipFlags;
use super::generation::Generation;
use super::truth::Truth;
use super::vault::Reading;
use super::write::Group;

impl LeadershipFlags {
    /// Two steps, in two hooks of the leader's: where Juju stores the secret and the bag one after the other, the
    /// value must not be gone from one before it is in the other. While it is in both the secret counts.
    pub(super) fn move_secrets(&mut self, ctx: &mut Context) -> Result {
        if !self.promise.holds() || !ctx.consumes() || self.vault.next.is_some() {
            return Ok(());
        }
        let plain = self.plain_values();
        let listed = &self.plan(ctx)?.secret_keys;
        let memory = self.memory(ctx)?;
        let newly: BTreeMap<String, Option<Value>> = plain
            .iter()
            .filter(|(key, _)| listed.contains(*key) && !memory.secrets.contains_key(*key))
            .map(|(key, value)| (key.clone(), Some(Value::from(value).into_secret())))
            .collect();
        if !newly.is_empty() {
            self.put_into_vault(ctx, &newly)?;
            return Ok(());
        }
        let doubled: BTreeSet<&String> = plain
            .keys()
            .filter(|key| memory.secrets.contains_key(*key))
            .collect();
        if doubled.is_empty() || memory.owes {
            return Ok(());
        }
        let bell = self.visible_bell(ctx)?;
        let Reading::There(content) = self.vault.read(ctx)? else {
            return Ok(());
        };
        if bell.as_ref() != Some(&content.generation) {
            return Ok(());
        }
        let gone: BTreeMap<String, Option<String>> = doubled
            .into_iter()
            .filter(|key| content.values.contains_key(*key))
            .map(|key| (key.clone(), None))
            .collect();
        if gone.is_empty() {
            return Ok(());
        }
        self.put(ctx, &Group::from(gone))
    }

    /// Keys that belong into the secret, whoever writes them.
    pub(super) fn secret_keys(&mut self, ctx: &mut Context) -> Result<BTreeSet<String>> {
        let mut keys = self.plan(ctx)?.secret_keys.clone();
        keys.extend(self.memory(ctx)?.secrets.keys().cloned());
        Ok(keys)
    }

    /// Whether the key's value is known to be in the secret.
    pub(super) fn is_in_vault(&mut self, ctx: &mut Context, key: &str) -> Result<bool> {
        Ok(self.memory(ctx)?.secrets.contains_key(key))
    }

    /// The plain values as the store that counts has them.
    pub(super) fn plain_values(&self) -> BTreeMap<String, String> {
        let contents = match (self.truth, &self.settings, &self.bag) {
            (Some(Truth::Settings), Some(settings), _) => settings,
            (Some(Truth::Bag), _, Some(super::bag::PeerData::Open(bag))) => &bag.contents,
            _ => return BTreeMap::new(),
        };
        contents.values.clone()
    }

    /// The bell as far as it can be seen from here.
    pub(super) fn visible_bell(&mut self, ctx: &mut Context) -> Result<Option<Generation>> {
        if self.plan(ctx)?.endpoint.is_some() {
            return Ok(self
                .open_bag(ctx)?
                .and_then(|bag| bag.contents.bell.clone()));
        }
        Ok(self.settings.as_ref().and_then(|s| s.bell.clone()))
    }
}
