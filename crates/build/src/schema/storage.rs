//! Storages as `metadata.yaml` spells them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::yaml::{Node, Reader, Value};

/// A storage that the charm asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Storage {
    /// `filesystem` or `block`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Where a filesystem is mounted, if the charm says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// How many of them; none is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiple: Option<Multiple>,
}

/// How many storages an operator can attach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Multiple {
    /// As written: `3`, `1-3`, `2+`.
    pub range: String,
}

/// All storages of a charm.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> BTreeMap<String, Storage> {
    let mut all = BTreeMap::new();
    for entry in reader.entries(node, "storage") {
        let path = format!("storage.{}", entry.key.name());
        let mut storage = Storage {
            kind: String::new(),
            location: None,
            multiple: None,
        };
        let mut typed = false;
        for field in reader.entries(&entry.node, &path) {
            let path = format!("{path}.{}", field.key.name());
            match field.key.name() {
                "type" => {
                    typed = true;
                    storage.kind = reader
                        .choice(&field.node, &path, &["filesystem", "block"])
                        .unwrap_or_default();
                }
                "location" => storage.location = reader.text(&field.node, &path),
                "shared" | "read-only" => {
                    reader.truth(&field.node, &path);
                }
                "multiple" => {
                    storage.multiple =
                        range(&field.node, &path, reader).map(|range| Multiple { range })
                }
                _ => {}
            }
        }
        if !typed {
            let hint = "add `type: filesystem` or `type: block`";
            reader.error(entry.key.place, format!("`{path}` has no type"), hint);
        }
        if storage.kind == "block" && storage.location.is_some() {
            let hint = "leave `location` out: a block device is not mounted";
            reader.error(
                entry.key.place,
                format!("`{path}` is a block device with a location"),
                hint,
            );
        }
        all.insert(entry.key.name().to_owned(), storage);
    }
    all
}

fn range(node: &Node, path: &str, reader: &mut Reader<'_>) -> Option<String> {
    let entries = reader.entries(node, path);
    let field = entries.iter().find(|field| field.key.name() == "range")?;
    let Value::Scalar(scalar) = &field.node.value else {
        reader.wanted(
            &field.node,
            &format!("{path}.range"),
            "a range",
            "write `3`, `1-3` or `2+`",
        );
        return None;
    };
    let text = &scalar.text;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let good = match text.split_once(['-', '+']) {
        None => digits(text) && text.bytes().any(|b| b != b'0'),
        Some((least, most)) => {
            digits(least) && (most.is_empty() || text.contains('-') && digits(most))
        }
    };
    if good {
        return Some(text.clone());
    }
    let message = format!("`{path}.range` is {text:?}");
    reader.error(
        field.node.place,
        message,
        "write `3` for exactly 3, `1-3`, or `2+` for 2 or more",
    );
    None
}
