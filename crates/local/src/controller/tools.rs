//! Which hook tools there are, and which of them take effect at once.

use ensign_model::Profile;

/// Whether a program of this name is a hook tool, of any Juju.
pub(crate) fn is_tool(name: &str) -> bool {
    [Profile::V3_6, Profile::V4_0]
        .iter()
        .any(|profile| ensign_model::tools(*profile).contains(&name))
}

/// The hook tools of one Juju.
pub(super) fn names(profile: Profile) -> Vec<String> {
    ensign_model::tools(profile)
        .into_iter()
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
