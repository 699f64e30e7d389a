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
    /// Actions refuse parameters their schema does not name, unless it says otherwise.
    pub strict_action_parameters: bool,
}

const TABLE: [(Profile, Differences); 4] = [
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
    strict_action_parameters: false,
};

const V4_0: Differences = Differences {
    name: "4.0",
    agent_version: "4.0.2",
    lacks: LACKS_4_0,
    leader_settings: false,
    private_address: false,
    meter_variables: false,
    peer_departures: false,
    strict_action_parameters: true,
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
