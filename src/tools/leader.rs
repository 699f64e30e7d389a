//! Leadership (Juju facts, hook tools §3).

use std::collections::BTreeMap;

use super::call::{self, Call};
use super::{ToolError, Tools, pairs};

/// Whether this unit is the leader. Yes is a promise for 30 s, counted from before this call.
///
/// # Errors
/// In restricted hooks, or if the tool gives no usable answer.
pub fn is_leader(tools: &mut Tools) -> Result<bool, ToolError> {
    let output = Call::json("is-leader").run(tools)?;
    call::parse("is-leader", &output)
}

/// One leadership setting. Any unit of the application may read. Not on Juju 4.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing), as on Juju 4, or fails; if the key is empty or `-`,
/// which would mean all settings.
pub fn leader_get(tools: &mut Tools, key: &str) -> Result<Option<String>, ToolError> {
    call::one_key("leader-get", key)?;
    let output = Call::json("leader-get").arg(key).run(tools)?;
    call::parse("leader-get", &output)
}

/// All leadership settings. Not on Juju 4.
///
/// # Errors
/// If the tool is [missing](ToolError::is_missing), as on Juju 4, or fails.
pub fn leader_get_all(tools: &mut Tools) -> Result<BTreeMap<String, String>, ToolError> {
    let output = Call::json("leader-get").arg("-").run(tools)?;
    call::parse_map("leader-get", &output)
}

/// Writes leadership settings, at once and in one transaction; an empty value removes its key. Not on Juju 4.
///
/// The values are on the tool's command line, where other processes of the machine can see them; `secret`
/// keeps them out of errors and traces. No pairs, no call. Nothing undoes it when the hook fails.
///
/// # Errors
/// [`NotLeader`](crate::ErrorKind::NotLeader) off the leader, where nothing changes;
/// [`Unknown`](crate::ErrorKind::Unknown) if the answer was lost;
/// [`ToolError::Invalid`] for what the tool would damage: white space around a key or value, `=` in a key,
/// a pair of more than 128 KiB.
pub fn leader_set<K: AsRef<str>, V: AsRef<str>>(
    tools: &mut Tools,
    pairs: impl IntoIterator<Item = (K, V)>,
    secret: bool,
) -> Result<(), ToolError> {
    let args = pairs::trimmed("leader-set", pairs)?;
    if args.is_empty() {
        return Ok(());
    }
    Call::write("leader-set")
        .args(args)
        .secret(secret)
        .run(tools)?;
    Ok(())
}
