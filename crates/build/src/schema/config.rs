//! `config.yaml`: the options that an operator sets.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::yaml::{Meaning, Node, Reader, Value};

/// An option and its default.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ConfigOption {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: ConfigType,
    /// Its default; null where it has none.
    pub default: Json,
}

/// The type of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConfigType {
    /// Text; Juju takes this where no type is given.
    #[default]
    String,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Yes or no.
    Boolean,
    /// The id of a secret.
    Secret,
}

const TYPES: [&str; 5] = ["string", "int", "float", "boolean", "secret"];

/// Reads and checks the file.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> BTreeMap<String, ConfigOption> {
    let options = reader
        .entries(node, "config")
        .iter()
        .find(|entry| entry.key.name() == "options");
    let Some(options) = options else {
        reader.error(
            node.place,
            "`options` is missing",
            "write `options:` first, the options below it, or remove the file",
        );
        return BTreeMap::new();
    };
    let mut all = BTreeMap::new();
    for entry in reader.entries(&options.node, "options") {
        let path = format!("options.{}", entry.key.name());
        let fields = reader.entries(&entry.node, &path);
        let find = |name: &str| {
            fields
                .iter()
                .find(|field| field.key.name() == name)
                .map(|field| &field.node)
        };
        let kind = match find("type") {
            None => ConfigType::String,
            Some(node) => match reader
                .choice(node, &format!("{path}.type"), &TYPES)
                .as_deref()
            {
                Some("int") => ConfigType::Int,
                Some("float") => ConfigType::Float,
                Some("boolean") => ConfigType::Boolean,
                Some("secret") => ConfigType::Secret,
                _ => ConfigType::String,
            },
        };
        if let Some(node) = find("description") {
            reader.text(node, &format!("{path}.description"));
        }
        let default = find("default").map_or(Json::Null, |node| {
            default(kind, node, &format!("{path}.default"), reader)
        });
        all.insert(entry.key.name().to_owned(), ConfigOption { kind, default });
    }
    all
}

fn default(kind: ConfigType, node: &Node, path: &str, reader: &mut Reader<'_>) -> Json {
    if node.is_null() {
        return Json::Null;
    }
    match kind {
        ConfigType::String => reader.text(node, path).map_or(Json::Null, Json::from),
        ConfigType::Int => reader.integer(node, path).map_or(Json::Null, Json::from),
        ConfigType::Boolean => reader.truth(node, path).map_or(Json::Null, Json::from),
        ConfigType::Float => float(node, path, reader).map_or(Json::Null, Json::from),
        ConfigType::Secret => {
            let Some(text) = reader.text(node, path) else {
                return Json::Null;
            };
            if !text.is_empty() && !text.starts_with("secret:") {
                let message = format!("`{path}` is no secret: {text:?}");
                reader.error(
                    node.place,
                    message,
                    "leave the default out: a secret is given when the charm is deployed",
                );
            }
            Json::from(text)
        }
    }
}

fn float(node: &Node, path: &str, reader: &mut Reader<'_>) -> Option<f64> {
    if let Value::Scalar(scalar) = &node.value {
        match scalar.meaning() {
            Meaning::Float(number) => return Some(number),
            #[expect(
                clippy::cast_precision_loss,
                reason = "an option's default, as Juju converts it"
            )]
            Meaning::Int(number) => return Some(number as f64),
            Meaning::Text => {
                if let Ok(number) = scalar.text.parse() {
                    return Some(number);
                }
            }
            _ => {}
        }
    }
    reader.wanted(node, path, "a number", "write it in digits");
    None
}
