//! `actions.yaml`: what an operator can ask a unit to do.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::yaml::{Node, Reader, Value};

/// Reads and checks the file; each action as JSON.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> BTreeMap<String, Json> {
    let mut all = BTreeMap::new();
    for entry in reader.entries(node, "actions") {
        let name = entry.key.name();
        if !is_action_name(name) {
            let hint = "use lower-case letters, digits and `-`, neither first nor last";
            reader.error(
                entry.key.place,
                format!("`{name}` cannot name an action"),
                hint,
            );
        } else if name == "juju" || name.starts_with("juju-") {
            reader.error(
                entry.key.place,
                format!("the action name `{name}` is reserved by Juju"),
                "choose another name",
            );
        }
        for field in reader.entries(&entry.node, name) {
            let (key, value) = (field.key.name(), &field.node);
            let path = format!("{name}.{key}");
            match key {
                "description" | "execution-group" => drop(reader.text(value, &path)),
                "params" => drop(reader.entries(value, &path)),
                "required" => drop(reader.texts(value, &path)),
                "parallel" => drop(reader.truth(value, &path)),
                _ => {}
            }
            if matches!(key, "$ref" | "$schema") {
                forbidden(field.key.place, key, reader);
            }
            look_for_references(value, reader);
        }
        all.insert(name.to_owned(), entry.node.to_json());
    }
    all
}

/// Juju refuses these two keys at any depth.
fn look_for_references(node: &Node, reader: &mut Reader<'_>) {
    match &node.value {
        Value::Scalar(_) => {}
        Value::List(items) => items
            .iter()
            .for_each(|item| look_for_references(item, reader)),
        Value::Map(map) => {
            for entry in map.entries() {
                if matches!(entry.key.name(), "$ref" | "$schema") {
                    forbidden(entry.key.place, entry.key.name(), reader);
                }
                look_for_references(&entry.node, reader);
            }
        }
    }
}

fn forbidden(place: crate::yaml::Place, key: &str, reader: &mut Reader<'_>) {
    reader.error(
        place,
        format!("Juju takes no `{key}` in actions"),
        "write the schema out in place",
    );
}

fn is_action_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
