//! What `ensign --version` says.

use ensign_model::Profile;

/// The Juju versions that a local model can behave as.
pub(crate) const PROFILES: [Profile; 2] = [Profile::V3_6, Profile::V4_0];

/// `0.1.0 (0123456789), models Juju 3.6 and 4.0`
pub(crate) fn long() -> String {
    let commit = match env!("ENSIGN_COMMIT") {
        "" => String::new(),
        commit => format!(" ({commit})"),
    };
    let [first, second] = PROFILES;
    format!(
        "{}{commit}, models Juju {first} and {second}",
        env!("CARGO_PKG_VERSION")
    )
}

/// The folder that this command was built from.
pub(crate) const CHECKOUT: &str = env!("ENSIGN_CHECKOUT");
