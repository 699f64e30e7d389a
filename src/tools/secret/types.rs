//! What is said about secrets.

use serde::Deserialize;

use crate::tools::answer;

/// Whose secret it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretOwner {
    /// The application's: the leader manages it, all its units read it.
    Application,
    /// This unit's alone.
    Unit,
}

/// What can be said about a secret besides its content; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SecretSpec {
    /// The owner's label for it.
    pub label: Option<String>,
    /// A description for people.
    pub description: Option<String>,
    /// When the revision expires: a time (RFC 3339) or a duration as Go writes it, such as `72h`.
    pub expire: Option<String>,
    /// How often Juju asks for a new revision: `never`, `hourly`, `daily`, `weekly`, `monthly`, `quarterly`, `yearly`.
    pub rotate: Option<String>,
}

/// How a secret is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretRef<'a> {
    /// By id: `secret:ID`, or the ID alone.
    Id(&'a str),
    /// By the label that the owner, or this unit, gave it.
    Label(&'a str),
}

/// Which revision is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretRead {
    /// The one this unit follows; the latest at its first read.
    Followed,
    /// The latest, this once.
    Peek,
    /// The latest, which this unit follows from now on.
    Refresh,
}

/// What the owner knows about a secret.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SecretInfo {
    /// Its id, without `secret:`.
    #[serde(skip)]
    pub id: String,
    /// The latest revision.
    pub revision: u64,
    /// The owner's label; may be empty.
    pub label: String,
    /// `application` or `unit`.
    pub owner: String,
    /// The description; may be empty.
    pub description: String,
    /// How often it is renewed; none for a secret this context made.
    pub rotation: Option<String>,
    /// When the latest revision expires.
    pub expiry: Option<String>,
    /// When it is renewed next.
    pub rotates: Option<String>,
    /// Who may read it, without what this context has granted.
    #[serde(deserialize_with = "answer::null_is_default")]
    pub access: Vec<SecretAccess>,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SecretAccess {
    /// Who: `application-mysql`, `unit-mysql-0`.
    pub target: String,
    /// As long as what exists.
    pub scope: String,
    /// What for; Juju has `view`.
    pub role: String,
}

/// From whom a grant is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretHolder<'a> {
    /// The application at the other end of a relation.
    Relation(&'a str),
    /// An application. In relation hooks Juju refuses this form.
    App(&'a str),
    /// A unit.
    Unit(&'a str),
}
