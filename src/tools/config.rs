//! The charm's config (Juju facts, hook tools §4).

use std::collections::BTreeMap;

use serde_json::Value;

use super::call::Call;
use super::{ToolError, Tools, answer};

/// One config option: text, boolean or number. None if it is unset and has no default, or is unknown.
///
/// Juju reads the config once a context, at the first call.
///
/// # Errors
/// If the tool fails or the key is empty, which would mean all options.
pub fn config_get(tools: &mut Tools, key: &str) -> Result<Option<Value>, ToolError> {
    if key.is_empty() {
        return Err(ToolError::invalid("config-get", "the option has no name"));
    }
    let output = Call::json("config-get").arg(key).run(tools)?;
    answer::parse("config-get", &output)
}

/// Every option the charm declares; those without a value are null.
///
/// # Errors
/// If the tool fails.
pub fn config_get_all(tools: &mut Tools) -> Result<BTreeMap<String, Value>, ToolError> {
    let output = Call::read("config-get")
        .option("--all")
        .option("--format=json")
        .run(tools)?;
    answer::parse_map("config-get", &output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    #[test]
    fn options_keep_their_types() {
        let get = |answer: &str| {
            play(
                [on(&["config-get", "--format=json", "k"]).says(answer)],
                |t| config_get(t, "k"),
            )
        };
        assert_eq!(get("null\n").unwrap(), None);
        assert_eq!(get("\"\"\n").unwrap(), Some(Value::from("")));
        assert_eq!(get("1048576\n").unwrap(), Some(Value::from(1_048_576)));
        assert_eq!(get("true\n").unwrap(), Some(Value::from(true)));
        assert!(play([], |t| config_get(t, "")).is_err());
    }

    #[test]
    fn unset_options_are_there_as_null() {
        let calls =
            [on(&["config-get", "--all", "--format=json"]).says("{\"a\":null,\"b\":1e-7}\n")];
        let all = play(calls, config_get_all).unwrap();
        assert_eq!(
            (all["a"].clone(), all["b"].as_f64()),
            (Value::Null, Some(1e-7))
        );
    }
}
