//! Leader data as a context sees it: what the stores hold, and what it wrote itself on top of that.

use std::collections::BTreeMap;

use ensign::prelude::{Context, Level, Result, Value};
use ensign::store::Digest;

use super::LeadershipFlags;
use super::truth::Truth;

impl LeadershipFlags {
    /// Digests of the values as this context sees them; `None` while the store is hidden.
    pub(super) fn digests(
        &mut self,
        ctx: &mut Context,
    ) -> Result<Option<BTreeMap<String, Digest>>> {
        if matches!(self.truth, None | Some(Truth::Hidden)) {
            return Ok(None);
        }
        let mut plain = self.plain_values();
        let not_yet = self.truth == Some(Truth::NotYet);
        let memory = self.memory(ctx)?;
        if not_yet {
            plain.extend(memory.staged.clone());
        }
        let secrets = memory.secrets.clone();
        let mut digests: BTreeMap<String, Digest> = plain
            .into_iter()
            .map(|(key, value)| (key, ctx.digest(value)))
            .collect();
        digests.extend(secrets);
        for (key, value) in &self.own {
            match value {
                Some(value) => digests.insert(key.clone(), ctx.digest(value.as_bytes())),
                None => digests.remove(key),
            };
        }
        Ok(Some(digests))
    }

    /// The values themselves; the secret is read only if it holds any.
    fn values(&mut self, ctx: &mut Context) -> Result<Option<BTreeMap<String, Value>>> {
        if matches!(self.truth, None | Some(Truth::Hidden)) {
            return Ok(None);
        }
        let mut values = as_values(self.plain_values());
        if self.truth == Some(Truth::NotYet) {
            values.extend(as_values(self.memory(ctx)?.staged.clone()));
        }
        if !self.memory(ctx)?.secrets.is_empty()
            && let Some(content) = self.vault.content(ctx)?
        {
            let secret = as_values(content.values.clone());
            values.extend(secret.into_iter().map(|(k, v)| (k, v.into_secret())));
        }
        for (key, value) in &self.own {
            match value {
                Some(value) => values.insert(key.clone(), value.clone()),
                None => values.remove(key),
            };
        }
        Ok(Some(values))
    }

    /// One value, for the charm: the secret is read only if the key is there.
    pub(super) fn value(&mut self, ctx: &mut Context, key: &str) -> Result<Option<Value>> {
        if let Some(own) = self.own.get(key) {
            return Ok(own.clone());
        }
        let readable = !matches!(self.truth, None | Some(Truth::Hidden));
        if readable && !self.is_in_vault(ctx, key)? {
            let staged = match self.truth {
                Some(Truth::NotYet) => self.memory(ctx)?.staged.get(key).cloned(),
                _ => None,
            };
            return Ok(staged
                .or_else(|| self.plain_values().remove(key))
                .map(Value::from));
        }
        Ok(self.all(ctx)?.remove(key))
    }

    /// All values, for the charm.
    pub(super) fn all(&mut self, ctx: &mut Context) -> Result<BTreeMap<String, Value>> {
        match self.values(ctx)? {
            Some(values) => Ok(values),
            None => {
                ctx.log(
                    Level::Info,
                    "leader data cannot be read here: the unit is leaving its peer relation",
                );
                Ok(BTreeMap::new())
            }
        }
    }
}

fn as_values(texts: BTreeMap<String, String>) -> BTreeMap<String, Value> {
    texts
        .into_iter()
        .map(|(key, text)| (key, Value::from(text)))
        .collect()
}
