//! Which layer said what.

use std::path::PathBuf;

use serde::Serialize;

use crate::layers::Files;
use crate::yaml::{Node, Place, Value};

/// A key of one of the charm's YAML files, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Origin {
    /// The file of the built charm, such as `config.yaml`.
    pub file: String,
    /// The keys from the top, joined by `.`; items of a list by their number, in brackets.
    pub key: String,
    /// The layer: `layer:apt`, or the charm's name.
    pub layer: String,
    /// The file that says so.
    pub source: PathBuf,
    /// Its line.
    pub line: usize,
}

/// The origin of every value in `node`, the merged `file`, in its order.
pub(crate) fn origins(file: &str, node: &Node, files: &Files) -> Vec<Origin> {
    let mut all = Vec::new();
    walk(node, node.place, "", &mut |key, place| {
        let source = files.source(place).map(|source| source.path.clone());
        all.push(Origin {
            file: file.to_owned(),
            key: key.to_owned(),
            layer: files.layer(place).to_owned(),
            source: source.unwrap_or_default(),
            line: place.line,
        });
    });
    all
}

fn walk(node: &Node, place: Place, key: &str, tell: &mut dyn FnMut(&str, Place)) {
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for entry in map.entries() {
                let name = entry.key.name();
                let key = if key.is_empty() {
                    name.to_owned()
                } else {
                    format!("{key}.{name}")
                };
                // A value may stand behind an alias: its key says where it is used.
                walk(&entry.node, entry.key.place, &key, tell);
            }
        }
        Value::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                walk(item, item.place, &format!("{key}[{index}]"), tell);
            }
        }
        _ if key.is_empty() => {}
        _ => tell(key, place),
    }
}
