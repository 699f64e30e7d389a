//! Two mappings into one: mappings merge, lists join, anything else is replaced by the higher layer.

use super::conflict::Conflicts;
use crate::yaml::{Map, Node, Value};

/// Lays `above` over `below`. What is lost is told to `conflicts`.
pub(crate) fn merge(below: &mut Map, above: &Map, conflicts: &mut Conflicts<'_>) {
    maps(below, above, &mut Vec::new(), conflicts);
}

fn maps<'n>(
    below: &mut Map,
    above: &'n Map,
    path: &mut Vec<&'n str>,
    conflicts: &mut Conflicts<'_>,
) {
    for entry in above.entries() {
        path.push(entry.key.name());
        let kept = match below.get_mut(entry.key.name()) {
            Some(old) => value(old, &entry.node, path, conflicts),
            None => false,
        };
        if !kept {
            // With its key, so that the place of both is where the value stands.
            below.set(entry.clone());
        }
        path.pop();
    }
}

/// False where the higher value takes the place of the lower one.
fn value<'n>(
    old: &mut Node,
    new: &'n Node,
    path: &mut Vec<&'n str>,
    conflicts: &mut Conflicts<'_>,
) -> bool {
    match (&mut old.value, &new.value) {
        (Value::Map(below), Value::Map(above)) => maps(below, above, path, conflicts),
        (Value::List(below), Value::List(above)) => {
            for item in above {
                let same = item.to_json();
                if !below.iter().any(|known| known.to_json() == same) {
                    below.push(item.clone());
                }
            }
        }
        _ => {
            if !is_nothing(old) && old.to_json() != new.to_json() {
                conflicts.replaced(path, old, new);
            }
            return false;
        }
    }
    true
}

/// True for what holds nothing that could be lost.
fn is_nothing(node: &Node) -> bool {
    match &node.value {
        Value::Map(map) => map.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Scalar(_) => node.is_null(),
    }
}
