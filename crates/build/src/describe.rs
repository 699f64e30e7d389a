//! What the YAML files in a charm's folder say, read and checked together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::error::{Error, Result};
use crate::finding::Findings;
use crate::options::{self, BUILT_IN};
use crate::schema::{
    Base, ConfigOption, IncludeKind, Layer, Metadata, bases_of_series, read_actions, read_config,
    read_layer, read_manifest, read_metadata,
};
use crate::yaml::{Entry, Key, Map, Node, Place, Reader, Scalar, Source, Value, emit, parse};

/// A charm, as its files describe it.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Description {
    /// `metadata.yaml`
    pub metadata: Metadata,
    /// `config.yaml`
    pub config: BTreeMap<String, ConfigOption>,
    /// `actions.yaml`
    pub actions: BTreeMap<String, Json>,
    /// `layer.yaml`
    pub layer: Layer,
    /// Options by layer, defaults filled in.
    pub options: BTreeMap<String, BTreeMap<String, Json>>,
    /// The bases that the files name; empty where they name none.
    pub bases: Vec<Base>,
    /// The YAML files of the built charm by name, with the file that each came from.
    pub files: BTreeMap<String, (PathBuf, String)>,
}

/// Reads a charm's folder. Mistakes in the files go to `findings`.
///
/// # Errors
/// If there is no `metadata.yaml`, or a file cannot be read.
pub fn describe(dir: &Path, findings: &mut Findings) -> Result<Description> {
    let mut charm = Description::default();
    let Some(metadata) = Source::read(&dir.join("metadata.yaml"))? else {
        return Err(no_metadata(dir));
    };
    if let Some(node) = tree(&metadata, findings) {
        charm.metadata = read_metadata(&node, &mut Reader::new(&metadata, findings));
        let text = if charm.metadata.series.is_empty() {
            metadata.text.clone()
        } else {
            without(&node, "series")
        };
        charm
            .files
            .insert("metadata.yaml".into(), (metadata.path, text));
    }
    for name in ["config.yaml", "actions.yaml", "manifest.yaml", "layer.yaml"] {
        let Some(source) = Source::read(&dir.join(name))? else {
            continue;
        };
        let Some(node) = tree(&source, findings) else {
            continue;
        };
        let mut reader = Reader::new(&source, findings);
        let mut text = source.text.clone();
        match name {
            "config.yaml" => charm.config = read_config(&node, &mut reader),
            "actions.yaml" => charm.actions = read_actions(&node, &mut reader),
            "manifest.yaml" => charm.bases = read_manifest(&node, &mut reader),
            _ => {
                charm.layer = read_layer(&node, &mut reader);
                check_includes(&charm.layer, &mut reader);
                // Without a name it is not known whose options are the charm's own.
                if !charm.metadata.name.is_empty() {
                    charm.options =
                        options::resolve(&charm.metadata.name, &charm.layer, &mut reader);
                }
                text = merged(&node, &charm.options);
            }
        }
        charm.files.insert(name.into(), (source.path, text));
    }
    if !charm.files.contains_key("layer.yaml") {
        let nothing = Source {
            path: dir.join("layer.yaml"),
            text: String::new(),
        };
        charm.options = options::resolve(
            &charm.metadata.name,
            &charm.layer,
            &mut Reader::new(&nothing, findings),
        );
    }
    if charm.bases.is_empty() {
        charm.bases = bases_of_series(&charm.metadata.series);
    }
    Ok(charm)
}

fn tree(source: &Source, findings: &mut Findings) -> Option<Node> {
    parse(source).map_err(|finding| findings.push(finding)).ok()
}

fn no_metadata(dir: &Path) -> Error {
    let why = if !dir.is_dir() {
        "there is no such folder"
    } else if dir.join("charmcraft.yaml").is_file() {
        "it has a `charmcraft.yaml` but no `metadata.yaml`; write name, summary, description and endpoints there"
    } else {
        "it has no `metadata.yaml`"
    };
    Error::NoCharm {
        dir: dir.to_owned(),
        why: why.into(),
    }
}

/// One layer is built, with what comes with Ensign below it.
fn check_includes(layer: &Layer, reader: &mut Reader<'_>) {
    for include in &layer.includes {
        let (kind, name) = (include.kind, &include.name);
        if kind == IncludeKind::Layer && BUILT_IN.contains(&name.as_str()) {
            continue;
        }
        let (what, prefix) = match kind {
            IncludeKind::Layer => ("layer", "layer"),
            IncludeKind::Interface => ("interface layer", "interface"),
        };
        let hint = "this version builds charms of one layer: `layer:basic` and `layer:leadership` come with Ensign";
        reader.error(
            include.place,
            format!("the {what} `{prefix}:{name}` cannot be found"),
            hint,
        );
    }
}

/// `layer.yaml` with every option that has a value, as the built charm has it.
fn merged(node: &Node, options: &BTreeMap<String, BTreeMap<String, Json>>) -> String {
    let mut top = node.as_map().cloned().unwrap_or_default();
    top.set(entry("options", json_node(&serde_json::json!(options))));
    emit(&Node {
        place: node.place,
        value: Value::Map(top),
    })
}

fn without(node: &Node, key: &str) -> String {
    let mut map = Map::default();
    for entry in node.as_map().map(Map::entries).unwrap_or_default() {
        if entry.key.name() != key {
            map.set(entry.clone());
        }
    }
    emit(&Node {
        place: node.place,
        value: Value::Map(map),
    })
}

/// A value that was made here and stands nowhere.
fn json_node(json: &Json) -> Node {
    let value = match json {
        Json::Null => Value::Scalar(Scalar {
            text: "null".into(),
            plain: true,
        }),
        Json::Bool(_) | Json::Number(_) => Value::Scalar(Scalar {
            text: json.to_string(),
            plain: true,
        }),
        Json::String(text) => Value::Scalar(Scalar::quoted(text)),
        Json::Array(items) => Value::List(items.iter().map(json_node).collect()),
        Json::Object(fields) => {
            let mut map = Map::default();
            fields
                .iter()
                .for_each(|(name, value)| map.set(entry(name, json_node(value))));
            Value::Map(map)
        }
    };
    Node {
        place: NOWHERE,
        value,
    }
}

fn entry(name: &str, node: Node) -> Entry {
    Entry {
        key: Key {
            place: NOWHERE,
            scalar: Scalar::quoted(name),
        },
        node,
    }
}

const NOWHERE: Place = Place { line: 1, column: 1 };
