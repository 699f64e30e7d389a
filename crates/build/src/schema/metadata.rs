//! `metadata.yaml`: what the charm is called, what it relates to, what it keeps.

use std::collections::BTreeMap;

use serde::Serialize;

use super::endpoint::{self, Endpoint, Scope};
use super::manifest::Base;
use super::storage::{self, Storage};
use crate::yaml::{Node, Place, Reader};

/// The part of `metadata.yaml` that Ensign reads.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The charm's name.
    pub name: String,
    /// One line on what it does.
    pub summary: String,
    /// What it does, in full.
    pub description: String,
    /// It lives beside another application's units.
    pub subordinate: bool,
    /// Endpoints that offer an interface.
    pub provides: BTreeMap<String, Endpoint>,
    /// Endpoints that need one.
    pub requires: BTreeMap<String, Endpoint>,
    /// Endpoints among the units of the application.
    pub peers: BTreeMap<String, Endpoint>,
    /// Storages by name.
    pub storage: BTreeMap<String, Storage>,
    /// Resources by name.
    pub resources: BTreeMap<String, Resource>,
    /// Ubuntu series, as charms of Juju 2 name their bases.
    #[serde(skip)]
    pub series: Vec<String>,
}

/// A file that is attached to the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// `file` or `oci-image`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name of the file on the unit; none for an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
}

/// Reads and checks the file.
pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Metadata {
    let mut data = Metadata::default();
    let mut seen = Vec::new();
    for entry in reader.entries(node, "metadata") {
        let (key, value) = (entry.key.name(), &entry.node);
        seen.push(key);
        match key {
            "name" => data.name = name(value, reader),
            "summary" => data.summary = reader.text(value, key).unwrap_or_default(),
            "description" => data.description = reader.text(value, key).unwrap_or_default(),
            "subordinate" => data.subordinate = reader.truth(value, key).unwrap_or_default(),
            "provides" => data.provides = endpoint::read(value, key, reader),
            "requires" => data.requires = endpoint::read(value, key, reader),
            "peers" => data.peers = endpoint::read(value, key, reader),
            "storage" => data.storage = storage::read(value, reader),
            "resources" => data.resources = resources(value, reader),
            "series" => data.series = reader.texts(value, key),
            "containers" => {
                let hint = "Ensign builds machine charms; take the key out, or use a framework for Kubernetes charms";
                reader.error(
                    entry.key.place,
                    "`containers` makes this a Kubernetes charm",
                    hint,
                );
            }
            "peer" => reader.error(entry.key.place, "Juju ignores `peer`", "write `peers`"),
            _ => {}
        }
    }
    for (key, hint) in [
        ("name", "add a line such as `name: my-charm`"),
        (
            "summary",
            "add `summary:` and one line on what the charm does",
        ),
        (
            "description",
            "add `description:` and some lines on what the charm does",
        ),
    ] {
        if !seen.contains(&key) {
            reader.error(node.place, format!("`{key}` is missing"), hint);
        }
    }
    check_endpoints(node, &data, reader);
    data
}

fn name(node: &Node, reader: &mut Reader<'_>) -> String {
    let Some(name) = reader.text(node, "name") else {
        return String::new();
    };
    if is_charm_name(&name) {
        return name;
    }
    let hint = "use lower-case letters, digits and `-`, a letter first and in each part";
    reader.error(node.place, format!("`{name}` cannot name a charm"), hint);
    String::new()
}

/// Whether Juju takes it for the name of a charm: `a`, `a1`, `a-b2`; never `a-2`.
#[must_use]
pub fn is_charm_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(|part| {
            part.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                && part.bytes().any(|b| b.is_ascii_lowercase())
        })
}

fn resources(node: &Node, reader: &mut Reader<'_>) -> BTreeMap<String, Resource> {
    let mut all = BTreeMap::new();
    for entry in reader.entries(node, "resources") {
        let path = format!("resources.{}", entry.key.name());
        let mut resource = Resource {
            kind: "file".into(),
            filename: None,
        };
        for field in reader.entries(&entry.node, &path) {
            let path = format!("{path}.{}", field.key.name());
            match field.key.name() {
                "type" => {
                    resource.kind = reader
                        .choice(&field.node, &path, &["file", "oci-image"])
                        .unwrap_or(resource.kind);
                }
                "filename" => resource.filename = reader.text(&field.node, &path),
                _ => {}
            }
        }
        match &resource.filename {
            None if resource.kind == "file" => {
                let hint = "add `filename:`, the name of the file on the unit";
                reader.error(entry.key.place, format!("`{path}` has no file name"), hint);
            }
            Some(file) if file.contains('/') => {
                let message = format!("`{path}.filename` cannot contain `/`: {file:?}");
                reader.error(
                    entry.node.place,
                    message,
                    "give the file's name without a folder",
                );
            }
            _ => {}
        }
        all.insert(entry.key.name().to_owned(), resource);
    }
    all
}

fn check_endpoints(node: &Node, data: &Metadata, reader: &mut Reader<'_>) {
    let mut first: BTreeMap<&str, (&str, Place)> = BTreeMap::new();
    for role in ["provides", "requires", "peers"] {
        let Some(map) = node
            .as_map()
            .and_then(|map| map.get(role))
            .and_then(Node::as_map)
        else {
            continue;
        };
        for entry in map.entries() {
            let (name, place) = (entry.key.name(), entry.key.place);
            if let Some((other, before)) = first.insert(name, (role, place)) {
                let message = format!("the endpoint `{name}` stands in `{other}` and in `{role}`");
                reader.error(
                    place,
                    message,
                    format!("rename one; the first is in line {}", before.line),
                );
            }
            if (name == "juju" || name.starts_with("juju-")) && !data.name.starts_with("juju-") {
                let allowed = data.subordinate
                    && data
                        .requires
                        .get(name)
                        .is_some_and(|e| e.scope == Scope::Container);
                if !allowed {
                    reader.error(
                        place,
                        format!("`{name}` is reserved by Juju"),
                        "choose another name for the endpoint",
                    );
                }
            }
        }
    }
    if data.subordinate
        && !data
            .requires
            .values()
            .any(|endpoint| endpoint.scope == Scope::Container)
    {
        let hint = "add one, such as `requires: {host: {interface: juju-info, scope: container}}`";
        reader.error(
            node.place,
            "a subordinate needs a `requires` endpoint of container scope",
            hint,
        );
    }
}

/// The bases that Ubuntu series stand for; unknown ones are left out.
pub(crate) fn bases_of_series(series: &[String]) -> Vec<Base> {
    let version = |name: &str| {
        Some(match name {
            "trusty" => "14.04",
            "xenial" => "16.04",
            "bionic" => "18.04",
            "focal" => "20.04",
            "jammy" => "22.04",
            "noble" => "24.04",
            _ => return None,
        })
    };
    series
        .iter()
        .filter_map(|name| version(name))
        .map(Base::ubuntu)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charm_names_follow_jujus_rule() {
        for good in ["a", "redis", "redis-k8s", "a1", "a-b2c"] {
            assert!(is_charm_name(good), "{good}");
        }
        for bad in ["", "Redis", "1a", "a-2", "a--b", "-a", "a-", "a_b", "ä"] {
            assert!(!is_charm_name(bad), "{bad}");
        }
    }
}
