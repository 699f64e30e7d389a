//! A value a tool prints.

use std::collections::BTreeMap;

/// What Go has in hand when it prints; kinds that print differently are kept apart.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Nil,
    Bool(bool),
    Float(f64),
    Int(i64),
    /// A Go `time.Time`, as RFC 3339: a string in JSON, plain in YAML.
    Time(String),
    String(String),
    /// A list of strings: "smart" prints one a line.
    Strings(Vec<String>),
    /// Any other list.
    List(Vec<Self>),
    /// A mapping, sorted by whoever prints it.
    Map(Vec<(String, Self)>),
    NilMap,
    /// A Go struct: fields in the order they are declared.
    Struct(Vec<(&'static str, Self)>),
}

impl Value {
    /// A mapping of strings.
    pub(crate) fn strings(map: &BTreeMap<String, String>) -> Self {
        Self::Map(
            map.iter()
                .map(|(key, value)| (key.clone(), Self::String(value.clone())))
                .collect(),
        )
    }

    /// The string, or nil.
    pub(crate) fn optional(text: Option<&String>) -> Self {
        text.map_or(Self::Nil, |text| Self::String(text.clone()))
    }

    /// A value that came over Juju's JSON API: numbers are floats.
    pub(crate) fn from_json(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::Null => Self::Nil,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Float(number.as_f64().unwrap_or_default()),
            Json::String(text) => Self::String(text.clone()),
            Json::Array(items) => Self::List(items.iter().map(Self::from_json).collect()),
            Json::Object(map) => Self::Map(
                map.iter()
                    .map(|(key, value)| (key.clone(), Self::from_json(value)))
                    .collect(),
            ),
        }
    }
}
