//! `layer.yaml` and `interface.yaml`: what a layer is made of, and its options.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::yaml::{Map, Node, Place, Reader, Value};

/// What `layer.yaml` says.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Layer {
    /// Its name, where that is not the folder's.
    pub name: Option<String>,
    /// Layers and interfaces, base first.
    pub includes: Vec<Include>,
    /// The options that this layer has, each with its JSON Schema.
    pub defines: BTreeMap<String, Json>,
    /// Values for options, by layer.
    pub options: BTreeMap<String, Map>,
    /// Patterns of files of this layer that stay out of the charm.
    pub exclude: Vec<String>,
    /// Patterns of files of the layers below that stay out of the charm.
    pub ignore: Vec<String>,
    /// Keys that are taken out of what the layers below say, by the name of the file without `.yaml`.
    pub deletes: BTreeMap<String, Vec<Delete>>,
}

/// One line of `includes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// A layer or an interface.
    pub kind: IncludeKind,
    /// Its name, without the prefix.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// What is included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncludeKind {
    /// `layer:NAME`
    Layer,
    /// `interface:NAME`
    Interface,
}

impl IncludeKind {
    /// What stands before the colon.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Layer => "layer",
            Self::Interface => "interface",
        }
    }
}

/// A key to take out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delete {
    /// The keys from the top, joined by `.`.
    pub path: String,
    /// Where it stands.
    pub place: Place,
}

/// The files that have a section of their own, for `deletes`.
const SECTIONS: [&str; 5] = ["metadata", "config", "actions", "dist", "resources"];

const KEYS: [&str; 17] = [
    "includes",
    "options",
    "defines",
    "exclude",
    "ignore",
    "name",
    "repo",
    "is",
    "labels",
    "docs",
    "tactics",
    "summary",
    "description",
    "maintainer",
    "maintainers",
    "version",
    "series",
];

/// Reads and checks the file.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Layer {
    let mut layer = Layer::default();
    for entry in reader.entries(node, "layer") {
        let (key, value) = (entry.key.name(), &entry.node);
        match key {
            "name" => layer.name = reader.text(value, key),
            "includes" => layer.includes = includes(value, reader),
            "defines" => layer.defines = defines(value, reader),
            "exclude" => layer.exclude = reader.texts(value, key),
            // A built charm names the layer whose patterns these were.
            "ignore" if matches!(value.value, Value::Map(_)) => {}
            "ignore" => layer.ignore = reader.texts(value, key),
            "options" => {
                for entry in reader.entries(value, key) {
                    let path = format!("options.{}", entry.key.name());
                    reader.entries(&entry.node, &path);
                    let map = entry.node.as_map().cloned().unwrap_or_default();
                    layer.options.insert(entry.key.name().to_owned(), map);
                }
            }
            _ if SECTIONS.contains(&key) => {
                let all = deletes(value, key, reader);
                layer.deletes.insert(key.to_owned(), all);
            }
            _ if KEYS.contains(&key) => {}
            _ => {
                let known: Vec<&str> = KEYS.iter().chain(&SECTIONS).copied().collect();
                let hint = match crate::yaml::nearest(key, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "it has no effect: remove it".into(),
                };
                reader.warning(
                    entry.key.place,
                    format!("`layer.yaml` has no key `{key}`"),
                    hint,
                );
            }
        }
    }
    layer
}

fn includes(node: &Node, reader: &mut Reader<'_>) -> Vec<Include> {
    let mut all: Vec<Include> = Vec::new();
    for (index, item) in reader.items(node, "includes").iter().enumerate() {
        let Some(text) = reader.text(item, &format!("includes[{index}]")) else {
            continue;
        };
        let (kind, name) = match text.split_once(':') {
            Some(("layer", name)) if is_name(name) => (IncludeKind::Layer, name),
            Some(("interface", name)) if is_name(name) => (IncludeKind::Interface, name),
            _ => {
                let hint = "write `layer:NAME` or `interface:NAME`, in quotes";
                reader.error(
                    item.place,
                    format!("`{text}` names neither a layer nor an interface"),
                    hint,
                );
                continue;
            }
        };
        all.push(Include {
            kind,
            name: name.to_owned(),
            place: item.place,
        });
    }
    all
}

/// One part of a path, so that a name never leads anywhere else.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'))
}

fn defines(node: &Node, reader: &mut Reader<'_>) -> BTreeMap<String, Json> {
    let mut all = BTreeMap::new();
    for entry in reader.entries(node, "defines") {
        let path = format!("defines.{}", entry.key.name());
        reader.entries(&entry.node, &path);
        let schema = if entry.node.as_map().is_some() {
            entry.node.to_json()
        } else {
            Json::Object(serde_json::Map::new())
        };
        match jsonschema::draft4::new(&schema) {
            Ok(_) => {
                all.insert(entry.key.name().to_owned(), schema);
            }
            Err(error) => reader.error(
                entry.key.place,
                format!("`{path}` is no JSON Schema: {error}"),
                "see https://json-schema.org/understanding-json-schema, draft 4",
            ),
        }
    }
    all
}

fn deletes(node: &Node, section: &str, reader: &mut Reader<'_>) -> Vec<Delete> {
    let mut all = Vec::new();
    for entry in reader.entries(node, section) {
        let path = format!("{section}.{}", entry.key.name());
        if entry.key.name() != "deletes" {
            let message = format!("`{path}` has no effect in `layer.yaml`");
            let hint = format!("write it in `{section}.yaml`; `deletes` alone belongs here");
            reader.warning(entry.key.place, message, hint);
            continue;
        }
        for (index, item) in reader.items(&entry.node, &path).iter().enumerate() {
            if let Some(text) = reader.text(item, &format!("{path}[{index}]")) {
                all.push(Delete {
                    path: text,
                    place: item.place,
                });
            }
        }
    }
    all
}
