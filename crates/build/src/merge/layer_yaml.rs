//! `layer.yaml` of the built charm: those of all layers, with every option that has a value.

use serde_json::json;

use super::conflict::Conflicts;
use super::deep::merge;
use super::document::{entry_of, node_of};
use super::options::Options;
use crate::finding::{Findings, Level};
use crate::layers::{Files, Layer, Stack};
use crate::yaml::{Map, Node, Value};

/// Lays the files on each other; none where no layer has one. Definitions of options stay out: they are used up.
pub(crate) fn merge_layer_yaml(
    stack: &Stack,
    files: &Files,
    findings: &mut Findings,
    level: Level,
) -> Option<Node> {
    let mut merged: Option<Node> = None;
    for layer in &stack.layers {
        let Some(node) = layer.raw.as_ref() else {
            continue;
        };
        let own = own(layer, node.as_map());
        let Some(below) = merged.as_mut().and_then(Node::as_map_mut) else {
            merged = Some(Node {
                place: node.place,
                value: Value::Map(own),
            });
            continue;
        };
        let mut conflicts = Conflicts {
            document: "layer.yaml",
            section: None,
            files,
            findings,
            level,
        };
        merge(below, &own, &mut conflicts);
    }
    merged
}

/// With a name, and the options of all layers.
pub(crate) fn complete(node: &mut Node, name: &str, options: &Options) {
    if let Some(map) = node.as_map_mut() {
        map.set(entry_of("options", node_of(&json!(options))));
        if map.get("is").is_none() {
            map.set(entry_of("is", node_of(&json!(name))));
        }
    }
}

/// The patterns of `ignore` are kept by the layer that has them.
fn own(layer: &Layer, map: Option<&Map>) -> Map {
    let mut own = map.cloned().unwrap_or_default();
    own.remove("defines");
    if let Some(ignore) = own.get_mut("ignore")
        && matches!(ignore.value, Value::List(_))
    {
        let mut named = Map::default();
        named.set(entry_of(&layer.name, ignore.clone()));
        ignore.value = Value::Map(named);
    }
    own
}
