//! The hooks that patterns stand for, and whose hooks they are.

use std::collections::BTreeMap;

use crate::schema::{Endpoint, Metadata};
use crate::yaml::nearest;

/// Patterns that stand for more are not followed.
const MOST: usize = 256;

const OF_UNIT: [&str; 12] = [
    "install",
    "start",
    "stop",
    "remove",
    "config-changed",
    "upgrade-charm",
    "update-status",
    "leader-elected",
    "secret-changed",
    "secret-expired",
    "secret-remove",
    "secret-rotate",
];

const OF_JUJU_3: [&str; 5] = [
    "leader-settings-changed",
    "pre-series-upgrade",
    "post-series-upgrade",
    "collect-metrics",
    "meter-status-changed",
];

const OF_ENDPOINT: [&str; 5] = [
    "-relation-created",
    "-relation-joined",
    "-relation-changed",
    "-relation-departed",
    "-relation-broken",
];

const OF_STORAGE: [&str; 2] = ["-storage-attached", "-storage-detaching"];

const OF_WORKLOAD: [&str; 4] = [
    "-pebble-ready",
    "-pebble-custom-notice",
    "-pebble-check-failed",
    "-pebble-check-recovered",
];

/// Whose hook it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hook<'h> {
    /// Every unit's.
    OfUnit,
    /// Every unit's, on Juju 3 only.
    OfJuju3,
    /// An endpoint's.
    OfEndpoint(&'h str),
    /// A storage's.
    OfStorage(&'h str),
    /// A container's.
    OfWorkload,
}

/// No hook of Juju, with the one that may have been meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown(pub(super) Option<String>);

impl<'h> Hook<'h> {
    pub(super) fn of(name: &'h str) -> Result<Self, Unknown> {
        let before = |endings: &[&str]| {
            let found = endings.iter().find_map(|ending| name.strip_suffix(ending));
            found.filter(|before| !before.is_empty())
        };
        if OF_UNIT.contains(&name) {
            return Ok(Self::OfUnit);
        }
        if OF_JUJU_3.contains(&name) {
            return Ok(Self::OfJuju3);
        }
        if let Some(endpoint) = before(&OF_ENDPOINT) {
            return Ok(Self::OfEndpoint(endpoint));
        }
        if let Some(storage) = before(&OF_STORAGE) {
            return Ok(Self::OfStorage(storage));
        }
        if before(&OF_WORKLOAD).is_some() {
            return Ok(Self::OfWorkload);
        }
        Err(Unknown(nearest(name, &OF_UNIT).map(str::to_owned)))
    }
}

/// The hooks that a pattern stands for: `{A,B}` for either, `{requires:http}` for each endpoint of that role and
/// interface. Nothing for a pattern that is none.
pub(super) fn hooks(pattern: &str, metadata: &Metadata) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut rest = pattern;
    while !rest.is_empty() {
        let (choices, after) = match rest.strip_prefix('{') {
            Some(inner) => match inner.split_once('}') {
                Some((group, after)) => (choices(group, metadata), after),
                None => return Vec::new(),
            },
            None => {
                let end = rest.find('{').unwrap_or(rest.len());
                (vec![&rest[..end]], &rest[end..])
            }
        };
        if names.len().saturating_mul(choices.len()) > MOST {
            return Vec::new();
        }
        names = names
            .iter()
            .flat_map(|name| choices.iter().map(move |choice| format!("{name}{choice}")))
            .collect();
        rest = after;
    }
    names.retain(|name| !name.is_empty());
    names
}

fn choices<'p>(group: &'p str, metadata: &'p Metadata) -> Vec<&'p str> {
    let mut all = Vec::new();
    for choice in group.split(',').map(str::trim) {
        let Some((role, interface)) = choice.split_once(':') else {
            all.push(choice);
            continue;
        };
        let endpoints: Option<&BTreeMap<String, Endpoint>> = match role {
            "provides" => Some(&metadata.provides),
            "requires" => Some(&metadata.requires),
            "peers" => Some(&metadata.peers),
            _ => None,
        };
        let of_interface = endpoints.into_iter().flatten();
        all.extend(
            of_interface
                .filter(|(_, endpoint)| endpoint.interface == interface)
                .map(|(name, _)| name.as_str()),
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_multiply() {
        let none = Metadata::default();
        assert_eq!(
            hooks("{a,b}-relation-{joined,changed}", &none),
            [
                "a-relation-joined",
                "a-relation-changed",
                "b-relation-joined",
                "b-relation-changed"
            ]
        );
        assert_eq!(hooks("{requires:x}-relation-joined", &none), [""; 0]);
        assert_eq!(hooks("{open", &none), [""; 0]);
        assert_eq!(hooks("{a,b}".repeat(9).as_str(), &none), [""; 0]);
    }

    #[test]
    fn hooks_belong_to_somebody() {
        assert_eq!(Hook::of("install"), Ok(Hook::OfUnit));
        assert_eq!(Hook::of("db-relation-broken"), Ok(Hook::OfEndpoint("db")));
        assert_eq!(
            Hook::of("data-storage-attached"),
            Ok(Hook::OfStorage("data"))
        );
        assert_eq!(
            Hook::of("config-changd"),
            Err(Unknown(Some("config-changed".into())))
        );
        assert_eq!(Hook::of("-relation-joined"), Err(Unknown(None)));
    }
}
