//! Which hook tools there are, and which of them take effect at once.

use ensign_model::Profile;

/// Whether a program of this name is a hook tool, of any Juju.
pub(crate) fn is_tool(name: &str) -> bool {
    ALL.contains(&name)
}

/// The hook tools of one Juju.
pub(super) fn names(profile: Profile) -> Vec<String> {
    let there = |name: &&str| {
        let differences = profile.differences();
        match *name {
            "leader-get" | "leader-set" => differences.leader_settings,
            "relation-model-get" => differences.relation_model_get,
            _ => true,
        }
    };
    ALL.iter()
        .copied()
        .filter(|name| there(name))
        .map(str::to_owned)
        .collect()
}

/// Whether a call of this tool must be safe on disk before it is answered.
pub(super) fn is_immediate(name: &str) -> bool {
    matches!(
        name,
        "leader-set"
            | "status-set"
            | "application-version-set"
            | "juju-reboot"
            | "action-log"
            | "secret-add"
            | "secret-get"
    )
}

const ALL: [&str; 35] = [
    "action-fail",
    "action-get",
    "action-log",
    "action-set",
    "application-version-set",
    "close-port",
    "config-get",
    "goal-state",
    "is-leader",
    "juju-log",
    "juju-reboot",
    "leader-get",
    "leader-set",
    "network-get",
    "open-port",
    "opened-ports",
    "relation-get",
    "relation-ids",
    "relation-list",
    "relation-model-get",
    "relation-set",
    "resource-get",
    "secret-add",
    "secret-get",
    "secret-grant",
    "secret-ids",
    "secret-info-get",
    "secret-remove",
    "secret-revoke",
    "secret-set",
    "state-delete",
    "state-get",
    "state-set",
    "status-get",
    "status-set",
];
