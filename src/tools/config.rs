//! The charm's config (Juju facts, hook tools §4).

use std::collections::BTreeMap;

use serde_json::Value;

use super::call::{self, Call};
use super::{ToolError, Tools};

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
    call::parse("config-get", &output)
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
    call::parse_map("config-get", &output)
}
