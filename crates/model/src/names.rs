//! Names: units, relations, running contexts. Cheap to clone, ordered as strings.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The name of a unit, such as `redis/0`.
///
/// Ordered as a string, as Juju's agent sorts units: `redis/10` comes before `redis/9`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitName(Arc<str>);

impl UnitName {
    /// Unit `number` of `application`.
    #[must_use]
    pub fn new(application: &str, number: u32) -> Self {
        Self(Arc::from(format!("{application}/{number}")))
    }

    /// The application's name: the part before the slash.
    #[must_use]
    pub fn application(&self) -> &str {
        self.0
            .split_once('/')
            .map_or("", |(application, _)| application)
    }

    /// The unit's number: the part after the slash.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.0
            .split_once('/')
            .and_then(|(_, number)| number.parse().ok())
            .unwrap_or_default()
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The unit's tag, as directories and log lines spell it: `unit-redis-0`.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("unit-{}-{}", self.application(), self.number())
    }

    /// Whether `name` is spelled as Juju spells unit names.
    #[must_use]
    pub fn is_valid(name: &str) -> bool {
        match name.split_once('/') {
            Some((application, number)) => {
                is_application_name(application)
                    && (number == "0" || (!number.starts_with('0') && !number.is_empty()))
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            }
            None => false,
        }
    }
}

impl FromStr for UnitName {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        if Self::is_valid(name) {
            Ok(Self(Arc::from(name)))
        } else {
            Err(InvalidName(name.to_owned()))
        }
    }
}

impl TryFrom<String> for UnitName {
    type Error = InvalidName;

    fn try_from(name: String) -> Result<Self, InvalidName> {
        name.parse()
    }
}

impl From<UnitName> for String {
    fn from(name: UnitName) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl Borrow<str> for UnitName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UnitName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for UnitName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", &*self.0)
    }
}

/// A text that is not the name of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidName(pub String);

impl fmt::Display for InvalidName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?} is not a valid unit name", self.0)
    }
}

impl std::error::Error for InvalidName {}

/// Whether `name` can be an application's name: lower case letters, digits and single dashes, a letter in each part.
#[must_use]
pub fn is_application_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('-').all(|part| {
            part.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
                && part.bytes().any(|byte| byte.is_ascii_lowercase())
        })
}

/// Whether `id` can be a storage instance's id: a name, a slash, a number.
#[must_use]
pub(crate) fn is_storage_id(id: &str) -> bool {
    let Some((name, number)) = id.split_once('/') else {
        return false;
    };
    is_application_name(name)
        && (number == "0" || (!number.starts_with('0') && !number.is_empty()))
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number of a relation, unique in its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RelationId(pub u32);

impl fmt::Display for RelationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

/// The id of one running hook, action or command, such as `redis/0-install-5577006791947779410`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ContextId(Arc<str>);

impl ContextId {
    /// The id as the environment carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ContextId {
    fn from(id: String) -> Self {
        Self(Arc::from(id))
    }
}

impl From<&str> for ContextId {
    fn from(id: &str) -> Self {
        Self(Arc::from(id))
    }
}

impl From<ContextId> for String {
    fn from(id: ContextId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl Borrow<str> for ContextId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContextId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for ContextId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", &*self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_name_is_an_application_and_a_number() {
        let unit: UnitName = "my-app/12".parse().unwrap();
        assert_eq!((unit.application(), unit.number()), ("my-app", 12));
        assert_eq!(unit.tag(), "unit-my-app-12");
    }

    #[test]
    fn what_juju_refuses_as_a_unit_name_is_refused() {
        for name in [
            "", "a", "a/", "/0", "a/01", "A/0", "a b/0", "a-1/0", "a/0/1", "a/-1", "1a/0",
        ] {
            assert!(name.parse::<UnitName>().is_err(), "{name}");
        }
    }

    #[test]
    fn units_are_ordered_as_strings() {
        assert!(UnitName::new("a", 10) < UnitName::new("a", 9));
    }
}
