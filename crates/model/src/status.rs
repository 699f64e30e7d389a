//! What the model looks like from outside: `juju status`, and whether it has settled.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ActionId, Hook, Profile, RelationId, Time, UnitName};

/// A status a person reads: a word, a message and when it was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusText {
    /// `active`, `idle`, `error`, …
    pub status: String,
    /// Says more; may be empty.
    pub message: String,
    /// When it was last set.
    pub since: Time,
}

/// The whole model at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelStatus {
    /// The model's name.
    pub name: String,
    /// Its UUID.
    pub uuid: String,
    /// The Juju version it behaves as.
    pub profile: Profile,
    /// The moment.
    pub now: Time,
    /// Seconds since 1970 at model time zero.
    pub epoch: u64,
    /// Applications by name.
    pub applications: BTreeMap<String, ApplicationStatus>,
    /// Relations by id.
    pub relations: BTreeMap<RelationId, RelationStatus>,
}

/// An application in [`ModelStatus`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplicationStatus {
    /// Its charm's name.
    pub charm: String,
    /// Its charm's revision.
    pub revision: u32,
    /// Its base, if known.
    pub base: Option<String>,
    /// What `application-version-set` said.
    pub version: String,
    /// What the leader set, else the worst of its units.
    pub status: StatusText,
    /// Whether it is still wanted.
    pub life: Life,
    /// The unit that holds its lease.
    pub leader: Option<UnitName>,
    /// Its units, in the order of their numbers.
    pub units: Vec<UnitStatus>,
}

/// A unit in [`ModelStatus`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitStatus {
    /// Its name.
    pub unit: UnitName,
    /// Whether it is still wanted.
    pub life: Life,
    /// Whether it holds its application's lease.
    pub leader: bool,
    /// Whether its agent runs and reaches the controller.
    pub alive: bool,
    /// The agent: `allocating`, `executing`, `idle`, `error`, `rebooting`, `failed`, `lost`.
    pub agent: StatusText,
    /// The workload.
    pub workload: StatusText,
    /// Its machine's id.
    pub machine: String,
    /// Its address, if it has one.
    pub address: Option<String>,
    /// Ports open on it, as `juju status` prints them: `80/tcp`.
    pub ports: Vec<String>,
}

/// A relation in [`ModelStatus`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationStatus {
    /// `APP:ENDPOINT` of each side, requirer first; one for a peer relation.
    pub endpoints: Vec<String>,
    /// The protocol's name.
    pub interface: String,
    /// Whether it is still wanted.
    pub life: Life,
}

/// A secret, as `juju show-secret` tells of it: never what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretStatus {
    /// The application or unit that owns it; `model` if an operator made it.
    pub owner: String,
    /// The owner's name for it; may be empty.
    pub label: String,
    /// What it is for; may be empty.
    pub description: String,
    /// `never`, `hourly`, `daily`, …
    pub rotation: String,
    /// When it is to be rotated, in seconds since 1970.
    pub rotates: Option<i64>,
    /// The number of the latest revision.
    pub latest: u32,
    /// The revisions that are still there.
    pub revisions: BTreeMap<u32, RevisionStatus>,
    /// Who else may read it, as tags such as `application-mysql`.
    pub granted: Vec<String>,
    /// The units that have read it, with the revision each goes on getting.
    pub readers: BTreeMap<UnitName, u32>,
}

/// A revision in [`SecretStatus`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevisionStatus {
    /// When its owner is told that it has expired, in seconds since 1970.
    pub expires: Option<i64>,
    /// It is not the latest, and nobody goes on getting it.
    pub obsolete: bool,
}

/// How wanted something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Life {
    /// Wanted.
    #[default]
    Alive,
    /// On its way out.
    Dying,
    /// Gone, record kept.
    Dead,
}

/// Whether the model has settled: every live agent idle, no hook pending or due, none in error, every application led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It has; only timers of a quiet model (renewals, `update-status`) are left.
    Yes,
    /// It has not, and why.
    No(Vec<Unsettled>),
}

impl Settled {
    /// Whether it has settled.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Yes)
    }
}

/// One reason why a model has not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsettled {
    /// The unit's machine or agent is not up yet.
    Starting(UnitName),
    /// The unit runs something.
    Running(UnitName, String),
    /// The unit has something to run.
    Due(UnitName),
    /// A hook of the unit failed; the moment of the next try, if there is one.
    InError(UnitName, Hook, Option<Time>),
    /// The unit's new charm could not be put in place.
    UpgradeFailed(UnitName),
    /// The unit is leaving, and waits.
    Leaving(UnitName),
    /// The action has not ended.
    Action(UnitName, ActionId),
    /// Nobody that can act leads the application; until when the lease of the one that did lasts.
    NoLeader(String, Option<Time>),
}

impl std::fmt::Display for Unsettled {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Starting(unit) => write!(out, "`{unit}` is not up yet"),
            Self::Running(unit, what) => write!(out, "`{unit}` runs `{what}`"),
            Self::Due(unit) => write!(out, "`{unit}` has hooks to run"),
            Self::InError(unit, hook, Some(next)) => {
                write!(
                    out,
                    "`{}` failed on `{unit}`, next try at {next}",
                    hook.name()
                )
            }
            Self::InError(unit, hook, None) => write!(out, "`{}` failed on `{unit}`", hook.name()),
            Self::UpgradeFailed(unit) => write!(out, "the charm of `{unit}` could not be upgraded"),
            Self::Leaving(unit) => write!(out, "`{unit}` is being removed"),
            Self::Action(unit, action) => write!(out, "action {action} on `{unit}` has not ended"),
            Self::NoLeader(application, Some(until)) => {
                write!(
                    out,
                    "`{application}` has no leader, the lease lasts until {until}"
                )
            }
            Self::NoLeader(application, None) => write!(out, "`{application}` has no leader"),
        }
    }
}
