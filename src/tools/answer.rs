//! Reading what a tool answered.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::error::ToolError;
use super::transport::ToolOutput;

/// The answer as `T`. The error says where it is wrong but shows nothing of it.
pub(super) fn parse<T: DeserializeOwned>(tool: &str, output: &ToolOutput) -> Result<T, ToolError> {
    use serde_json::error::Category;
    serde_json::from_slice(&output.stdout).map_err(|e| {
        let problem = match e.classify() {
            Category::Data => "it is JSON, but not of the documented form",
            Category::Eof => "its JSON ends too early",
            Category::Syntax | Category::Io => "it is not JSON",
        };
        garbled(
            tool,
            &format!("{problem} (line {} column {})", e.line(), e.column()),
        )
    })
}

/// A map, where some tools say null for an empty one.
pub(super) fn parse_map<V: DeserializeOwned>(
    tool: &str,
    output: &ToolOutput,
) -> Result<BTreeMap<String, V>, ToolError> {
    parse::<Option<_>>(tool, output).map(Option::unwrap_or_default)
}

/// A list, where some tools say null for an empty one.
pub(super) fn parse_list(tool: &str, output: &ToolOutput) -> Result<Vec<String>, ToolError> {
    parse::<Option<_>>(tool, output).map(Option::unwrap_or_default)
}

/// For fields that Go leaves null where it means empty.
pub(super) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

pub(super) fn garbled(tool: &str, problem: &str) -> ToolError {
    ToolError::Garbled {
        tool: tool.to_owned(),
        problem: problem.to_owned(),
    }
}
