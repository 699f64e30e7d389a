//! The running action (Juju facts, hook tools §12). Outside actions these tools fail.

use std::collections::BTreeMap;

use serde_json::Value;

use super::call::{self, Call};
use super::{ToolError, Tools, pairs};

/// One parameter; dots lead into nested ones (`a.b`). None if it was not given and has no default.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_get(tools: &mut Tools, key: &str) -> Result<Option<Value>, ToolError> {
    let output = Call::json("action-get").arg(key).run(tools)?;
    call::parse("action-get", &output)
}

/// All parameters, defaults included.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_get_all(tools: &mut Tools) -> Result<BTreeMap<String, Value>, ToolError> {
    let output = Call::json("action-get").run(tools)?;
    call::parse_map("action-get", &output)
}

/// Adds results, delivered when the action ends. Dots in a key build nested results.
///
/// Each part of a key between dots has lower-case letters, digits and inner hyphens; `stdout` and `stderr`
/// are Juju's. No pairs, no call.
///
/// # Errors
/// If the tool fails, as it does outside an action and for other keys; [`ToolError::Invalid`] for a key
/// with `=` in it, or a pair of more than 128 KiB.
pub fn action_set<K: AsRef<str>, V: AsRef<str>>(
    tools: &mut Tools,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Result<(), ToolError> {
    let args = pairs::untrimmed("action-set", pairs)?;
    if args.is_empty() {
        return Ok(());
    }
    Call::write("action-set").args(args).run(tools)?;
    Ok(())
}

/// Marks the action as failed; it goes on until it returns. The last message counts.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_fail(tools: &mut Tools, message: &str) -> Result<(), ToolError> {
    let call = Call::write("action-fail");
    // Without an argument Juju has a message of its own.
    let call = match message {
        "" => call,
        message => call.arg(call::fitting(message, call::LONGEST_ARG)),
    };
    call.run(tools)?;
    Ok(())
}

/// Shows whoever waits for the action a line, at once.
///
/// # Errors
/// If the tool fails, as it does outside an action.
pub fn action_log(tools: &mut Tools, message: &str) -> Result<(), ToolError> {
    Call::write("action-log")
        .dashes()
        .arg(call::fitting(message, call::LONGEST_ARG))
        .run(tools)?;
    Ok(())
}
