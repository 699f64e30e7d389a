//! `layer.yaml`: which layers the charm is made of, and their options.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::yaml::{Map, Node, Place, Reader};

/// What `layer.yaml` says.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Layer {
    /// Layers and interfaces, base first.
    pub includes: Vec<Include>,
    /// The options that this layer has, with their rules.
    pub defines: BTreeMap<String, Definition>,
    /// Values for options, by layer.
    pub options: BTreeMap<String, Map>,
    /// Patterns of files of this layer that stay out of the charm.
    pub exclude: Vec<String>,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncludeKind {
    /// `layer:NAME`
    Layer,
    /// `interface:NAME`
    Interface,
}

/// An option that a layer defines, by the part of JSON Schema that options use.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Definition {
    /// The value where nobody sets one.
    pub default: Option<Json>,
    /// The JSON types that it takes; empty for any.
    pub types: Vec<String>,
    /// The values that it takes; empty for any.
    pub choices: Vec<Json>,
}

const KEYS: [&str; 13] = [
    "includes", "options", "defines", "exclude", "ignore", "repo", "is", "metadata", "config",
    "actions", "tactics", "labels", "docs",
];

/// Reads and checks the file.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Layer {
    let mut layer = Layer::default();
    for entry in reader.entries(node, "layer") {
        let (key, value) = (entry.key.name(), &entry.node);
        match key {
            "includes" => layer.includes = includes(value, reader),
            "defines" => layer.defines = defines(value, reader),
            "exclude" => layer.exclude = reader.texts(value, key),
            "options" => {
                for entry in reader.entries(value, key) {
                    let path = format!("options.{}", entry.key.name());
                    reader.entries(&entry.node, &path);
                    let map = entry.node.as_map().cloned().unwrap_or_default();
                    layer.options.insert(entry.key.name().to_owned(), map);
                }
            }
            _ if KEYS.contains(&key) => {}
            _ => {
                let hint = match crate::yaml::nearest(key, &KEYS) {
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
            Some(("layer", name)) => (IncludeKind::Layer, name),
            Some(("interface", name)) => (IncludeKind::Interface, name),
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

fn defines(node: &Node, reader: &mut Reader<'_>) -> BTreeMap<String, Definition> {
    let mut all = BTreeMap::new();
    for entry in reader.entries(node, "defines") {
        let path = format!("defines.{}", entry.key.name());
        let mut definition = Definition::default();
        for field in reader.entries(&entry.node, &path) {
            let path = format!("{path}.{}", field.key.name());
            match field.key.name() {
                "default" => definition.default = Some(field.node.to_json()),
                "type" if matches!(field.node.value, crate::yaml::Value::List(_)) => {
                    definition.types = reader.texts(&field.node, &path);
                }
                "type" => definition.types.extend(reader.text(&field.node, &path)),
                "enum" => {
                    definition.choices = reader
                        .items(&field.node, &path)
                        .iter()
                        .map(Node::to_json)
                        .collect();
                }
                _ => {}
            }
        }
        all.insert(entry.key.name().to_owned(), definition);
    }
    all
}
