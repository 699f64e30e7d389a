//! What providers remember between hooks, and digests to remember it by.

use serde_json::Value;

use super::{Context, no_store};
use crate::error::Result;
use crate::store::Digest;

impl Context {
    /// What the provider with this prefix remembered at the end of the last hook that committed.
    #[must_use]
    pub fn memory(&self, prefix: &str) -> Option<&Value> {
        self.document.memory.get(prefix)
    }

    /// Replaces that memory. It takes effect with the commit; an equal one changes nothing. Values that came
    /// from leader data, relations or secrets belong in here as [`digest`](Self::digest)s only.
    pub fn remember(&mut self, prefix: &str, value: Value) {
        if self.document.memory.get(prefix) == Some(&value) {
            return;
        }
        self.touched = true;
        self.document.memory.insert(prefix.to_owned(), value);
    }

    /// A digest under this unit's own key: equal for equal bytes, worthless to anyone else.
    #[must_use]
    pub fn digest(&self, bytes: impl AsRef<[u8]>) -> Digest {
        Digest::of(&self.document.key, bytes.as_ref())
    }

    /// What an earlier process of this very context wrote and recorded for the provider with this prefix.
    #[must_use]
    pub fn recorded(&self, prefix: &str) -> Option<&Value> {
        self.record.as_ref()?.wrote.get(prefix)
    }

    /// Records a value under `id` and tells whether it differs from the one recorded before (B110). Waits of
    /// `when_changed(data = "id")` see it. The order of keys in maps does not matter.
    ///
    /// # Errors
    /// When the value cannot be written as JSON; in a restricted hook.
    pub fn data_set<T: serde::Serialize + ?Sized>(&mut self, id: &str, value: &T) -> Result<bool> {
        let digest = self.data_digest(value)?;
        if self.document.data.get(id) == Some(&digest) {
            return Ok(false);
        }
        self.touched = true;
        self.document.data.insert(id.to_owned(), digest);
        self.changes.source("data", id);
        Ok(true)
    }

    /// Whether a value differs from the one recorded under `id`, without recording it.
    ///
    /// # Errors
    /// When the value cannot be written as JSON; in a restricted hook.
    pub fn is_data_changed<T: serde::Serialize + ?Sized>(
        &self,
        id: &str,
        value: &T,
    ) -> Result<bool> {
        Ok(self.document.data.get(id) != Some(&self.data_digest(value)?))
    }

    fn data_digest<T: serde::Serialize + ?Sized>(&self, value: &T) -> Result<Digest> {
        if self.is_restricted() {
            return Err(no_store());
        }
        // `Value` keeps objects sorted, so maps that iterate in no order digest alike.
        let sorted = serde_json::to_value(value)?;
        Ok(self.digest(sorted.to_string()))
    }
}
