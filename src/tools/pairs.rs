//! `key=value` arguments, for the tools that take data in no other way.

use std::collections::BTreeSet;

use super::error::ToolError;

/// The arguments for a tool that trims keys and values (Juju facts, hook tools §1.6).
///
/// What it would damage or refuse is an error that names the key, never the value.
pub(super) fn trimmed<K: AsRef<str>, V: AsRef<str>>(
    tool: &str,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Result<Vec<String>, ToolError> {
    let mut seen = BTreeSet::new();
    let mut args = Vec::new();
    for (key, value) in pairs {
        let (key, value) = (key.as_ref(), value.as_ref());
        check_key(tool, key)?;
        if key.trim() != key {
            let problem =
                format!("the key `{key}` begins or ends with white space, which it would remove");
            return Err(ToolError::invalid(tool, problem));
        }
        if value.trim() != value {
            let problem = format!(
                "the value of `{key}` begins or ends with white space, which it would remove: encode the value or trim it"
            );
            return Err(ToolError::invalid(tool, problem));
        }
        if !seen.insert(key.to_owned()) {
            return Err(ToolError::invalid(
                tool,
                format!("the key `{key}` is given twice"),
            ));
        }
        args.push(format!("{key}={value}"));
    }
    Ok(args)
}

/// The arguments for a tool that takes values as they are.
pub(super) fn untrimmed<K: AsRef<str>, V: AsRef<str>>(
    tool: &str,
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Result<Vec<String>, ToolError> {
    pairs
        .into_iter()
        .map(|(key, value)| {
            check_key(tool, key.as_ref())?;
            Ok(format!("{}={}", key.as_ref(), value.as_ref()))
        })
        .collect()
}

fn check_key(tool: &str, key: &str) -> Result<(), ToolError> {
    if key.is_empty() {
        return Err(ToolError::invalid(tool, "a key is empty: give it a name"));
    }
    if key.contains('=') {
        let problem =
            format!("the key `{key}` contains `=`, where the value would begin: name it otherwise");
        return Err(ToolError::invalid(tool, problem));
    }
    Ok(())
}
