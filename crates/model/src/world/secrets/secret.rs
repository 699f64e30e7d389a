//! A secret as the controller stores it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::{RelationId, UnitName};

/// A revision's values, each of them in base64.
pub(crate) type Content = Arc<BTreeMap<String, String>>;

/// How long after a hook that changed nothing it is due again.
pub(crate) const RETRY: i64 = 300;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secret {
    pub(crate) owner: Owner,
    /// The owner's name for it; may be empty.
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) rotate: Rotate,
    /// When it is to be rotated, in seconds since 1970.
    pub(crate) next_rotate: Option<i64>,
    /// That moment has come, and nobody has dealt with it yet.
    pub(crate) rotate_due: bool,
    /// The number of the latest revision; it may have been removed.
    pub(crate) latest: u32,
    /// When the latest revision expires.
    pub(crate) expires: Option<i64>,
    pub(crate) revisions: BTreeMap<u32, Revision>,
    /// Units that have read it.
    pub(crate) consumers: BTreeMap<UnitName, Consumer>,
    /// Who else may read it, in the order it was given.
    pub(crate) grants: Vec<Grant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) content: Content,
    /// When its owner is told that it expires.
    pub(crate) expires: Option<i64>,
    /// That moment has come, and nobody has dealt with it yet.
    pub(crate) expired: bool,
    /// Nobody tracks it any more.
    pub(crate) obsolete: bool,
}

impl Revision {
    pub(crate) const fn new(content: Content, expires: Option<i64>) -> Self {
        Self {
            content,
            expires,
            expired: false,
            obsolete: false,
        }
    }
}

/// A unit that has read a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Consumer {
    /// Its own name for it; may be empty.
    pub(crate) label: String,
    /// The revision it goes on getting.
    pub(crate) tracked: u32,
    /// The revision its agent has been told of; below 2 there is nothing to tell.
    pub(crate) told: u32,
}

/// Leave to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The tag of the unit or application.
    pub(crate) target: String,
    /// It goes with this relation; an operator's grant goes with none.
    pub(crate) relation: Option<RelationId>,
    /// The tag of the relation, or of the model.
    pub(crate) scope: String,
}

/// Whose secret it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Owner {
    Application(String),
    Unit(UnitName),
    /// An operator's own.
    Model,
}

impl Owner {
    pub(crate) fn tag(&self) -> String {
        match self {
            Self::Application(name) => application_tag(name),
            Self::Unit(unit) => unit.tag(),
            Self::Model => "model".to_owned(),
        }
    }

    pub(crate) const fn is_application(&self) -> bool {
        matches!(self, Self::Application(_))
    }

    /// As tools name the kind.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Application(_) => "application",
            Self::Unit(_) => "unit",
            Self::Model => "model",
        }
    }

    /// Whether it is the unit or its application.
    pub(crate) fn is_of(&self, unit: &UnitName) -> bool {
        match self {
            Self::Application(name) => name == unit.application(),
            Self::Unit(owner) => owner == unit,
            Self::Model => false,
        }
    }
}

pub(crate) fn application_tag(name: &str) -> String {
    format!("application-{name}")
}

/// How often a secret is to be rotated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rotate {
    #[default]
    Never,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Quarterly,
    Yearly,
}

impl Rotate {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Never, "never"),
        (Self::Hourly, "hourly"),
        (Self::Daily, "daily"),
        (Self::Weekly, "weekly"),
        (Self::Monthly, "monthly"),
        (Self::Quarterly, "quarterly"),
        (Self::Yearly, "yearly"),
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(policy, _)| *policy)
    }

    pub(crate) const fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// When it is next due after `last`, in seconds since 1970.
    pub(crate) fn after(self, last: i64) -> Option<i64> {
        let months = |count| {
            let date = Date::at(last);
            let later = Date {
                month: date.month + count,
                ..date
            };
            Some(later.seconds())
        };
        match self {
            Self::Never => None,
            Self::Hourly => Some(last + 3600),
            Self::Daily => Some(last + 86400),
            Self::Weekly => Some(last + 7 * 86400),
            Self::Monthly => months(1),
            Self::Quarterly => months(3),
            Self::Yearly => months(12),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_stand_in_their_own_row() {
        for (policy, name) in Rotate::ALL {
            assert_eq!(policy.name(), name);
            assert_eq!(Rotate::parse(name), Some(policy));
        }
        assert_eq!(Rotate::parse("5m"), None);
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let last = crate::date::parse("2024-01-31T10:00:00Z", false).unwrap();
        let next = |policy: Rotate| policy.after(last).map(crate::date::rfc3339);
        assert_eq!(next(Rotate::Never), None);
        for (policy, expected) in [
            (Rotate::Hourly, "2024-01-31T11:00:00Z"),
            (Rotate::Weekly, "2024-02-07T10:00:00Z"),
            (Rotate::Monthly, "2024-03-02T10:00:00Z"),
            (Rotate::Quarterly, "2024-05-01T10:00:00Z"),
            (Rotate::Yearly, "2025-01-31T10:00:00Z"),
        ] {
            assert_eq!(next(policy).as_deref(), Some(expected));
        }
    }
}
