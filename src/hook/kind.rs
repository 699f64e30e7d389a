//! The kinds of hooks Juju has.

/// A kind of hook (Juju facts, hooks §1). More may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum HookKind {
    /// `install`.
    Install,
    /// `start`.
    Start,
    /// `stop`.
    Stop,
    /// `remove`.
    Remove,
    /// `config-changed`.
    ConfigChanged,
    /// `upgrade-charm`.
    UpgradeCharm,
    /// `update-status`.
    UpdateStatus,
    /// `leader-elected`.
    LeaderElected,
    /// `leader-settings-changed`, not on Juju 4.
    LeaderSettingsChanged,
    /// `pre-series-upgrade`, not on Juju 4.
    PreSeriesUpgrade,
    /// `post-series-upgrade`, not on Juju 4.
    PostSeriesUpgrade,
    /// `collect-metrics`, restricted, not on Juju 4.
    CollectMetrics,
    /// `meter-status-changed`, restricted, not on Juju 4.
    MeterStatusChanged,
    /// `secret-changed`.
    SecretChanged,
    /// `secret-expired`.
    SecretExpired,
    /// `secret-remove`.
    SecretRemove,
    /// `secret-rotate`.
    SecretRotate,
    /// `ENDPOINT-relation-created`.
    RelationCreated,
    /// `ENDPOINT-relation-joined`.
    RelationJoined,
    /// `ENDPOINT-relation-changed`.
    RelationChanged,
    /// `ENDPOINT-relation-departed`.
    RelationDeparted,
    /// `ENDPOINT-relation-broken`.
    RelationBroken,
    /// `STORAGE-storage-attached`.
    StorageAttached,
    /// `STORAGE-storage-detaching`.
    StorageDetaching,
    /// `CONTAINER-pebble-ready`.
    PebbleReady,
    /// `CONTAINER-pebble-custom-notice`.
    PebbleCustomNotice,
    /// `CONTAINER-pebble-check-failed`.
    PebbleCheckFailed,
    /// `CONTAINER-pebble-check-recovered`.
    PebbleCheckRecovered,
    /// An action.
    Action,
    /// A command run through `juju exec`.
    Exec,
    /// A hook this library does not know; [`Hook::name`](super::Hook::name) has its name.
    #[default]
    Unknown,
}

/// Hooks with a name of their own.
const NAMES: [(&str, HookKind); 17] = [
    ("install", HookKind::Install),
    ("start", HookKind::Start),
    ("stop", HookKind::Stop),
    ("remove", HookKind::Remove),
    ("config-changed", HookKind::ConfigChanged),
    ("upgrade-charm", HookKind::UpgradeCharm),
    ("update-status", HookKind::UpdateStatus),
    ("leader-elected", HookKind::LeaderElected),
    ("leader-settings-changed", HookKind::LeaderSettingsChanged),
    ("pre-series-upgrade", HookKind::PreSeriesUpgrade),
    ("post-series-upgrade", HookKind::PostSeriesUpgrade),
    ("collect-metrics", HookKind::CollectMetrics),
    ("meter-status-changed", HookKind::MeterStatusChanged),
    ("secret-changed", HookKind::SecretChanged),
    ("secret-expired", HookKind::SecretExpired),
    ("secret-remove", HookKind::SecretRemove),
    ("secret-rotate", HookKind::SecretRotate),
];

/// Hooks named after an endpoint, a storage or a container.
const ENDINGS: [(&str, HookKind); 11] = [
    ("-relation-created", HookKind::RelationCreated),
    ("-relation-joined", HookKind::RelationJoined),
    ("-relation-changed", HookKind::RelationChanged),
    ("-relation-departed", HookKind::RelationDeparted),
    ("-relation-broken", HookKind::RelationBroken),
    ("-storage-attached", HookKind::StorageAttached),
    ("-storage-detaching", HookKind::StorageDetaching),
    ("-pebble-ready", HookKind::PebbleReady),
    ("-pebble-custom-notice", HookKind::PebbleCustomNotice),
    ("-pebble-check-failed", HookKind::PebbleCheckFailed),
    ("-pebble-check-recovered", HookKind::PebbleCheckRecovered),
];

impl HookKind {
    /// The kind of the hook of that name; never an action or `juju exec`.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let whole = NAMES.iter().find(|(known, _)| *known == name);
        let ending = || {
            ENDINGS
                .iter()
                .find(|(ending, _)| name.len() > ending.len() && name.ends_with(ending))
        };
        whole
            .or_else(ending)
            .map_or(Self::Unknown, |(_, kind)| *kind)
    }

    /// Whether it is one of the five relation hooks.
    #[must_use]
    pub fn is_relation(self) -> bool {
        matches!(
            self,
            Self::RelationCreated
                | Self::RelationJoined
                | Self::RelationChanged
                | Self::RelationDeparted
                | Self::RelationBroken
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_kind_and_only_that() {
        for (name, kind) in NAMES {
            assert_eq!(HookKind::of(name), kind);
        }
        for (ending, kind) in ENDINGS {
            assert_eq!(HookKind::of(&format!("a-b{ending}")), kind);
            assert_eq!(
                HookKind::of(ending),
                HookKind::Unknown,
                "an ending alone names nothing"
            );
            assert_eq!(kind.is_relation(), ending.contains("relation"));
        }
        assert_eq!(HookKind::of("leader-deposed"), HookKind::Unknown);
        assert_eq!(HookKind::of(""), HookKind::Unknown);
    }
}
