//! The unit's state on the controller (Juju facts, hook tools §8).

use std::collections::BTreeMap;

use super::call::{self, Call};
use super::{ToolError, Tools, yaml};

/// Juju's limit for a key, in bytes.
const LONGEST_KEY: usize = 256;

/// Juju's limit for a value, in bytes.
const LONGEST_VALUE: usize = 65_536;

/// One value, with what this context has written. None if there is no such key; an empty value is a value.
///
/// # Errors
/// If the tool fails; if the key is empty or `-`, which would mean all values.
pub fn state_get(tools: &mut Tools, key: &str) -> Result<Option<String>, ToolError> {
    call::one_key("state-get", key)?;
    // Without `--strict` an unknown key reads as an empty value.
    let output = Call::json("state-get")
        .option("--strict")
        .arg(key)
        .run_unless(tools, |text| {
            text.starts_with('"') && text.ends_with("\" not found")
        })?;
    output
        .map(|output| call::parse("state-get", &output))
        .transpose()
}

/// All values, with what this context has written.
///
/// # Errors
/// If the tool fails.
pub fn state_get_all(tools: &mut Tools) -> Result<BTreeMap<String, String>, ToolError> {
    let output = Call::json("state-get").run(tools)?;
    call::parse_map("state-get", &output)
}

/// Writes values, kept if the hook succeeds. An empty value is kept as one. No values, no call.
///
/// Juju's limit for all of a unit's state, 2 MiB unless configured, is checked only then.
///
/// # Errors
/// If the tool fails; [`ToolError::Invalid`] for a key of more than 256 bytes or a value of more than 64 KiB.
pub fn state_set(tools: &mut Tools, values: &BTreeMap<String, String>) -> Result<(), ToolError> {
    if values.is_empty() {
        return Ok(());
    }
    // Juju applies the pairs one by one: a refusal in the middle would leave some of them written.
    for (key, value) in values {
        let problem = match (key.len(), value.len()) {
            (0, _) => "a key is empty: give it a name".to_owned(),
            (bytes, _) if bytes > LONGEST_KEY => {
                format!("a key has {bytes} bytes, Juju takes {LONGEST_KEY}")
            }
            (_, bytes) if bytes > LONGEST_VALUE => {
                format!("the value of `{key}` has {bytes} bytes, Juju takes {LONGEST_VALUE}")
            }
            _ => continue,
        };
        return Err(ToolError::invalid("state-set", problem));
    }
    let pairs = values.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    Call::write("state-set")
        .value("--file", "-")
        .stdin(yaml::mapping(pairs))
        .run(tools)?;
    Ok(())
}

/// Removes a value if the hook succeeds; one that is not there is no error.
///
/// # Errors
/// If the tool fails.
pub fn state_delete(tools: &mut Tools, key: &str) -> Result<(), ToolError> {
    Call::write("state-delete").arg(key).run(tools)?;
    Ok(())
}
