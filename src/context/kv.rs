//! The unit's own values: any JSON, by key.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Context, no_store};
use crate::error::{Error, ErrorKind, Result};

/// The unit's values (B101–B105). Changes are part of the hook's transaction.
#[derive(Debug)]
pub struct Kv<'a> {
    values: &'a mut BTreeMap<String, Value>,
    touched: &'a mut bool,
    /// There is no store: what is written would be lost without a word.
    restricted: bool,
}

impl Context {
    /// The unit's values.
    pub fn kv(&mut self) -> Kv<'_> {
        Kv {
            restricted: self.is_restricted(),
            values: &mut self.document.kv,
            touched: &mut self.touched,
        }
    }
}

impl Kv<'_> {
    /// The value under `key`, or `None`.
    ///
    /// # Errors
    /// When there is a value, but not one of type `T`; in a restricted hook.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        if self.restricted {
            return Err(no_store());
        }
        let Some(value) = self.values.get(key) else {
            return Ok(None);
        };
        serde_json::from_value(value.clone())
            .map(Some)
            .map_err(|e| {
                Error::new(
                    ErrorKind::Invalid,
                    format!(
                        "the value under `{key}` is not a `{}`: {e}",
                        std::any::type_name::<T>()
                    ),
                )
            })
    }

    /// The value under `key`, or `default`.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_or<T: DeserializeOwned>(&self, key: &str, default: T) -> Result<T> {
        Ok(self.get(key)?.unwrap_or(default))
    }

    /// Sets a value; an equal one writes nothing.
    ///
    /// # Errors
    /// When it cannot be written as JSON; in a restricted hook.
    pub fn set<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result {
        if self.restricted {
            return Err(no_store());
        }
        let value = serde_json::to_value(value)?;
        if self.values.get(key) != Some(&value) {
            self.values.insert(key.to_owned(), value);
            *self.touched = true;
        }
        Ok(())
    }

    /// Sets `prefix` + key for every entry (B102).
    ///
    /// # Errors
    /// As [`set`](Self::set); those before the one that failed are set then.
    pub fn update<K: AsRef<str>, T: Serialize>(
        &mut self,
        entries: impl IntoIterator<Item = (K, T)>,
        prefix: &str,
    ) -> Result {
        for (key, value) in entries {
            self.set(&format!("{prefix}{}", key.as_ref()), &value)?;
        }
        Ok(())
    }

    /// Everything whose key begins with exactly `prefix` (B103, D27); keys without it if `strip`.
    #[must_use]
    pub fn range(&self, prefix: &str, strip: bool) -> BTreeMap<String, Value> {
        self.values
            .range(prefix.to_owned()..)
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, value)| {
                (
                    key[if strip { prefix.len() } else { 0 }..].to_owned(),
                    value.clone(),
                )
            })
            .collect()
    }

    /// Removes a value, if it is there (B104).
    pub fn unset(&mut self, key: &str) {
        if self.values.remove(key).is_some() {
            *self.touched = true;
        }
    }

    /// Removes everything whose key begins with exactly `prefix`.
    pub fn unset_range(&mut self, prefix: &str) {
        let before = self.values.len();
        self.values.retain(|key, _| !key.starts_with(prefix));
        *self.touched |= self.values.len() != before;
    }

    /// Removes `prefix` + key for every one of `keys`.
    pub fn unset_keys<K: AsRef<str>>(&mut self, keys: impl IntoIterator<Item = K>, prefix: &str) {
        for key in keys {
            self.unset(&format!("{prefix}{}", key.as_ref()));
        }
    }
}
