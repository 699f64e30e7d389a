//! Endpoints as `metadata.yaml` spells them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::yaml::{Node, Reader, Value};

/// A named slot for relations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// The name of the protocol.
    pub interface: String,
    /// With which units of the other application a unit relates.
    #[serde(skip_serializing_if = "is_global")]
    pub scope: Scope,
    /// How many relations Juju allows; none is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The charm works without it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// With which units of the other application a unit relates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// All of them.
    #[default]
    Global,
    /// Those on the same machine.
    Container,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_global(scope: &Scope) -> bool {
    *scope == Scope::Global
}

/// The endpoints of one role.
pub(super) fn read(node: &Node, role: &str, reader: &mut Reader<'_>) -> BTreeMap<String, Endpoint> {
    let mut all = BTreeMap::new();
    for entry in reader.entries(node, role) {
        let name = entry.key.name();
        let path = format!("{role}.{name}");
        if !is_endpoint_name(name) {
            let hint =
                "use lower-case letters and digits, in parts joined by `-` or `_`, a letter first";
            reader.error(
                entry.key.place,
                format!("`{name}` cannot name an endpoint"),
                hint,
            );
        }
        if let Some(endpoint) = endpoint(&entry.node, &path, reader) {
            if role != "requires"
                && (endpoint.interface == "juju" || endpoint.interface.starts_with("juju-"))
            {
                let message = format!("the interface `{}` is reserved by Juju", endpoint.interface);
                reader.error(entry.node.place, message, "choose another interface");
            }
            all.insert(name.to_owned(), endpoint);
        }
    }
    all
}

fn endpoint(node: &Node, path: &str, reader: &mut Reader<'_>) -> Option<Endpoint> {
    let mut endpoint = Endpoint {
        interface: String::new(),
        scope: Scope::Global,
        limit: None,
        optional: false,
    };
    if !matches!(node.value, Value::Map(_)) {
        if node.is_null() {
            let hint = format!(
                "write `{{interface: NAME}}` after `{}:`",
                path.rsplit('.').next().unwrap_or(path)
            );
            reader.error(node.place, format!("`{path}` names no interface"), hint);
            return None;
        }
        endpoint.interface = reader.text(node, path)?;
        return Some(endpoint);
    }
    let mut named = false;
    for field in reader.entries(node, path) {
        let path = format!("{path}.{}", field.key.name());
        let value = &field.node;
        match field.key.name() {
            "interface" => {
                named = true;
                endpoint.interface = reader.text(value, &path).unwrap_or_default();
            }
            "scope" => {
                let scope = reader.choice(value, &path, &["global", "container"]);
                endpoint.scope = if scope.as_deref() == Some("container") {
                    Scope::Container
                } else {
                    Scope::Global
                };
            }
            "limit" if value.is_null() => {}
            "limit" => match reader.integer(value, &path).map(u64::try_from) {
                Some(Ok(limit)) => endpoint.limit = Some(limit),
                Some(Err(_)) => reader.error(
                    value.place,
                    format!("`{path}` is negative"),
                    "leave it out for no limit",
                ),
                None => {}
            },
            "optional" => endpoint.optional = reader.truth(value, &path).unwrap_or_default(),
            _ => {}
        }
    }
    if !named {
        reader.error(
            node.place,
            format!("`{path}` names no interface"),
            "add `interface: NAME`",
        );
        return None;
    }
    Some(endpoint)
}

/// A letter first, then letters and digits in parts.
fn is_endpoint_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split(['-', '_']).all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}
