//! The charm's configuration, typed.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::tools;

/// The values of all options, as of the first look in this hook.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    values: BTreeMap<String, Value>,
    previous: Option<BTreeMap<String, Value>>,
}

/// Where the configuration of the last committed hook is remembered.
pub(crate) const MEMORY: &str = "config.";

impl Context {
    /// The configuration. Juju is asked once per hook.
    ///
    /// # Errors
    /// When `config-get` fails.
    pub fn config(&mut self) -> Result<Config> {
        if let Some(config) = &self.config {
            return Ok(config.clone());
        }
        let values = tools::config_get_all(&mut self.tools)?;
        let previous = self
            .memory(MEMORY)
            .map(|m| serde_json::from_value(m.clone()))
            .transpose()
            .map_err(|e| {
                Error::new(
                    ErrorKind::Store,
                    format!("the remembered configuration cannot be read: {e}"),
                )
            })?;
        let config = Config { values, previous };
        self.config = Some(config.clone());
        Ok(config)
    }
}

impl Config {
    /// The option as a `T`; `None` when it has no value.
    ///
    /// # Errors
    /// When its value is no `T`.
    pub fn get<T: DeserializeOwned>(&self, option: &str) -> Result<Option<T>> {
        let Some(value) = self.raw(option) else {
            return Ok(None);
        };
        // Juju delivers integers as floats: 3.0 must read as 3.
        let value = match value.as_f64() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the fraction and the range are checked"
            )]
            Some(f) if f.fract() == 0.0 && f.abs() < 9.0e15 => Value::from(f as i64),
            _ => value.clone(),
        };
        serde_json::from_value(value).map(Some).map_err(|e| {
            Error::new(
                ErrorKind::Invalid,
                format!("the option `{option}` has the wrong type: {e}"),
            )
            .hint("compare its `type` in config.yaml with the type the charm reads it as")
        })
    }

    /// A string option; `None` when it has no value.
    ///
    /// # Errors
    /// When it is no string.
    pub fn string(&self, option: &str) -> Result<Option<String>> {
        self.get(option)
    }

    /// An integer option.
    ///
    /// # Errors
    /// When it is no integer.
    pub fn int(&self, option: &str) -> Result<Option<i64>> {
        self.get(option)
    }

    /// A number option.
    ///
    /// # Errors
    /// When it is no number.
    pub fn float(&self, option: &str) -> Result<Option<f64>> {
        self.get(option)
    }

    /// A boolean option; `false` when it has no value.
    ///
    /// # Errors
    /// When it is no boolean.
    pub fn bool(&self, option: &str) -> Result<bool> {
        Ok(self.get(option)?.unwrap_or(false))
    }

    /// The value as Juju delivers it.
    #[must_use]
    pub fn raw(&self, option: &str) -> Option<&Value> {
        self.values.get(option).filter(|v| !v.is_null())
    }

    /// The value in the last hook that committed; `None` if it had none, or there was no such hook.
    #[must_use]
    pub fn previous(&self, option: &str) -> Option<&Value> {
        self.previous.as_ref()?.get(option).filter(|v| !v.is_null())
    }

    /// Whether the option differs from the last hook that committed; in the first hook all do (B51).
    #[must_use]
    pub fn changed(&self, option: &str) -> bool {
        self.previous.is_none() || self.raw(option) != self.previous(option)
    }

    /// Every option that exists now or existed then.
    #[must_use]
    pub fn options(&self) -> BTreeSet<&str> {
        let before = self.previous.iter().flat_map(BTreeMap::keys);
        self.values
            .keys()
            .chain(before)
            .map(String::as_str)
            .collect()
    }

    /// All values, with `null` for options that have none.
    #[must_use]
    pub fn values(&self) -> &BTreeMap<String, Value> {
        &self.values
    }
}
