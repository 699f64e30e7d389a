//! Configuration options: types, and the texts Juju refuses a wrong value with.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The type of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OptionKind {
    /// Text.
    String,
    /// A 64-bit whole number.
    Int,
    /// A floating-point number.
    Float,
    /// True or false.
    Boolean,
    /// The URI of a secret.
    Secret,
}

impl OptionKind {
    /// As `config.yaml` spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Float => "float",
            Self::Boolean => "boolean",
            Self::Secret => "secret",
        }
    }

    /// The value `text`, given on a command line, stands for.
    ///
    /// # Errors
    ///
    /// Juju's own text when it is none of this type.
    pub fn parse(self, option: &str, text: &str) -> Result<ConfigValue, String> {
        let value = match self {
            Self::String | Self::Secret => Some(ConfigValue::String(text.to_owned())),
            Self::Int => text.parse().ok().map(ConfigValue::Int),
            Self::Float => text.parse().ok().map(ConfigValue::Float),
            Self::Boolean => crate::format::parse_bool(text).map(ConfigValue::Boolean),
        };
        value.ok_or_else(|| {
            format!(
                "option {} expected {}, got {}",
                quoted(option),
                self.as_str(),
                quoted(text)
            )
        })
    }

    /// The default a document gives: `None` for null.
    pub(crate) fn read(self, value: &Value) -> Result<Option<ConfigValue>, ()> {
        Ok(match (self, value) {
            (_, Value::Null) => None,
            (Self::String | Self::Secret, Value::String(text)) => {
                Some(ConfigValue::String(text.clone()))
            }
            // An empty default of another type means: none.
            (_, Value::String(text)) if text.is_empty() => None,
            (Self::Int, Value::Number(number)) => {
                Some(ConfigValue::Int(number.as_i64().ok_or(())?))
            }
            (Self::Float, Value::Number(number)) => {
                Some(ConfigValue::Float(number.as_f64().ok_or(())?))
            }
            (Self::Boolean, Value::Bool(value)) => Some(ConfigValue::Boolean(*value)),
            _ => return Err(()),
        })
    }
}

fn quoted(text: &str) -> String {
    crate::format::go_quote(text)
}

/// One option a charm declares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionSpec {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: OptionKind,
    /// Its value as long as nobody set one.
    #[serde(default)]
    pub default: Option<ConfigValue>,
}

/// The value of an option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConfigValue {
    /// Of a boolean option.
    Boolean(bool),
    /// Of an int option.
    Int(i64),
    /// Of a float option.
    Float(f64),
    /// Of a string or secret option.
    String(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_the_wrong_type_is_refused_in_jujus_words() {
        let text = OptionKind::Int.parse("port", "x").unwrap_err();
        assert_eq!(text, r#"option "port" expected int, got "x""#);
        let text = OptionKind::Boolean.parse("on", "maybe").unwrap_err();
        assert_eq!(text, r#"option "on" expected boolean, got "maybe""#);
    }

    #[test]
    fn booleans_are_spelled_as_go_spells_them() {
        assert_eq!(
            OptionKind::Boolean.parse("on", "T"),
            Ok(ConfigValue::Boolean(true))
        );
        assert!(OptionKind::Boolean.parse("on", "yes").is_err());
    }
}
