//! The Juju versions a model can behave as, and where they differ: one row each.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A Juju version to behave as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Profile {
    /// Juju 3.6, the long-term release.
    #[serde(rename = "3.6")]
    V3_6,
    /// Juju 4.0, with the whole flush as one transaction.
    #[serde(rename = "4.0")]
    V4_0,
    /// Juju 3.6-beta2, the release the conformance recordings were made from.
    #[serde(rename = "3.6-beta2")]
    V3_6Beta2,
    /// Juju 4.0-beta5, the release the conformance recordings were made from.
    #[serde(rename = "4.0-beta5")]
    V4_0Beta5,
    /// Juju 4.0 as first released (November 2025): state and ports, secrets and relation data are stored one after the
    /// other, and a flush that fails leaves what came before.
    #[serde(rename = "4.0-early")]
    V4_0Early,
    /// Juju 4.0 of spring 2026: relation data stands in one transaction with state and ports (juju/juju #22090), secrets
    /// are stored after it.
    #[serde(rename = "4.0-early-x")]
    V4_0EarlyX,
}

/// What a flush stores as one; the parts come one after the other, and those before one that fails stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum FlushPart {
    /// Changes of secrets; a failing one leaves those made before it.
    Secrets,
    /// The charm's state and the open ports.
    State,
    /// Relation data.
    Relations,
    /// State, ports and relation data as one transaction.
    StateAndRelations,
    /// All of it as one transaction.
    Everything,
}

/// What a profile has and lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Differences {
    /// As the user names the profile.
    pub name: &'static str,
    /// What `JUJU_VERSION` says.
    pub agent_version: &'static str,
    /// Hook tools that other versions have and this one has not.
    pub lacks: &'static [&'static str],
    /// The `leader-settings-changed` hook exists.
    pub leader_settings: bool,
    /// `private-address` stands in every unit's relation data beside `ingress-address`.
    pub private_address: bool,
    /// `JUJU_SLA`, `JUJU_METER_STATUS` and `JUJU_METER_INFO` are in the environment.
    pub meter_variables: bool,
    /// The other units of an application learn of a removed unit: it leaves the peer relation's membership and they run
    /// `departed`. Juju 4.0 leaves it there.
    pub peer_departures: bool,
    /// `storage-add` calls what it takes a directive; before, constraints.
    pub storage_directives: bool,
    /// `resource-get` takes the path for a format, so that `%` in it is mangled.
    pub formats_resource_path: bool,
    /// Actions refuse parameters their schema does not name, unless it says otherwise.
    pub strict_action_parameters: bool,
    /// How the controller hashes an application's options. A unit that meets one which does it otherwise takes them for
    /// changed: 3.6 hashes the stored document (`state/watcher.go`, `hashSettings`), 4.0 its options one by one
    /// (`domain/application/state`, `hashConfigAndSettings`).
    pub config_hash: u64,
    /// What a flush stores, in order.
    pub flush: &'static [FlushPart],
    /// Of two `secret-set`s of one secret in a hook the second replaces the first, even if it sets less
    /// (`worker/uniter/runner/context/secrets.go`); 4.0 puts them together.
    pub secret_set_replaces: bool,
    /// A unit that reads a secret for the first time, and finds it past its first revision, runs `secret-changed`
    /// although it has what it is told of (`state/secrets.go`, the watcher's `merge`). 4.0 compares with what the unit
    /// tracks.
    pub told_of_first_read: bool,
    /// An agent that begins to watch is told of the revisions that are obsolete already; 3.6 drops the first event
    /// (`state/secrets.go`, `obsoleteSecretsWatcher`).
    pub obsolete_told_at_start: bool,
}

const TABLE: [(Profile, Differences); 6] = [
    (Profile::V3_6, V3_6),
    (Profile::V4_0, V4_0),
    (
        Profile::V3_6Beta2,
        Differences {
            name: "3.6-beta2",
            agent_version: "3.6-beta2",
            lacks: &["relation-model-get"],
            ..V3_6
        },
    ),
    (
        Profile::V4_0Beta5,
        Differences {
            name: "4.0-beta5",
            agent_version: "4.0-beta5",
            lacks: LACKS_4_0_BETA,
            ..V4_0
        },
    ),
    (
        Profile::V4_0Early,
        Differences {
            name: "4.0-early",
            agent_version: "4.0.0",
            flush: &[FlushPart::State, FlushPart::Secrets, FlushPart::Relations],
            ..V4_0
        },
    ),
    (
        Profile::V4_0EarlyX,
        Differences {
            name: "4.0-early-x",
            // Which point releases carry which of these changes has not been established.
            agent_version: "4.0.1",
            flush: &[FlushPart::StateAndRelations, FlushPart::Secrets],
            ..V4_0
        },
    ),
];

/// Gone with leader settings, metrics, payloads and podspec charms.
const LACKS_4_0: &[&str] = &[
    "add-metric",
    "k8s-raw-get",
    "k8s-raw-set",
    "k8s-spec-get",
    "k8s-spec-set",
    "leader-get",
    "leader-set",
    "payload-register",
    "payload-status-set",
    "payload-unregister",
    "pod-spec-get",
    "pod-spec-set",
];

/// The same and a tool that came later.
const LACKS_4_0_BETA: &[&str] = &[
    "add-metric",
    "k8s-raw-get",
    "k8s-raw-set",
    "k8s-spec-get",
    "k8s-spec-set",
    "leader-get",
    "leader-set",
    "payload-register",
    "payload-status-set",
    "payload-unregister",
    "pod-spec-get",
    "pod-spec-set",
    "relation-model-get",
];

const V3_6: Differences = Differences {
    name: "3.6",
    agent_version: "3.6.11",
    lacks: &[],
    leader_settings: true,
    private_address: true,
    meter_variables: true,
    peer_departures: true,
    storage_directives: false,
    formats_resource_path: true,
    strict_action_parameters: false,
    config_hash: 3,
    // `apiserver/facades/agent/uniter/uniter.go`, `CommitHookChanges`: the operations of everything else are built
    // first and run last.
    flush: &[FlushPart::Secrets, FlushPart::StateAndRelations],
    secret_set_replaces: true,
    told_of_first_read: true,
    obsolete_told_at_start: false,
};

const V4_0: Differences = Differences {
    name: "4.0",
    agent_version: "4.0.2",
    lacks: LACKS_4_0,
    leader_settings: false,
    private_address: false,
    meter_variables: false,
    peer_departures: false,
    storage_directives: true,
    formats_resource_path: false,
    strict_action_parameters: true,
    config_hash: 4,
    flush: &[FlushPart::Everything],
    secret_set_replaces: false,
    told_of_first_read: false,
    obsolete_told_at_start: true,
};

impl Profile {
    /// What this version has and lacks.
    #[must_use]
    pub const fn differences(self) -> &'static Differences {
        &TABLE[self as usize].1
    }

    /// The agent's version, as `JUJU_VERSION` carries it.
    #[must_use]
    pub const fn agent_version(self) -> &'static str {
        self.differences().agent_version
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.differences().name)
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        TABLE
            .iter()
            .find(|(_, row)| row.name == name)
            .map(|(profile, _)| *profile)
            .ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

/// A name that is none of the modelled versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownProfile(pub String);

impl fmt::Display for UnknownProfile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "juju `{}` is not modelled; use `3.6` or `4.0`", self.0)
    }
}

impl std::error::Error for UnknownProfile {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_stands_in_its_own_row_and_reads_back() {
        for (index, (profile, row)) in TABLE.iter().enumerate() {
            assert_eq!(*profile as usize, index);
            assert_eq!(row.name.parse(), Ok(*profile));
            assert_eq!(profile.to_string(), row.name);
        }
        assert!("2.9".parse::<Profile>().is_err());
    }
}
