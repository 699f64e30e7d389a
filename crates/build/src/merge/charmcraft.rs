//! `charmcraft.yaml` as another source: what Juju reads from other files is taken out of it.

use crate::yaml::{Entry, Key, Map, Node, Reader, Scalar, Value};

/// Keys that say how charmcraft builds and publishes.
const OF_THE_BUILD: [&str; 14] = [
    "type",
    "parts",
    "bases",
    "base",
    "build-base",
    "platforms",
    "config",
    "actions",
    "analysis",
    "charmhub",
    "charm-libs",
    "links",
    "title",
    "extensions",
];

/// Links of a project, and the keys of `metadata.yaml` that they become.
const LINKS: [(&str, &str); 5] = [
    ("documentation", "docs"),
    ("issues", "issues"),
    ("source", "source"),
    ("website", "website"),
    ("contact", "maintainers"),
];

/// True if it describes a charm, not only how one is packed.
pub(crate) fn is_charm(node: &Node) -> bool {
    node.as_map().is_some_and(|map| map.get("name").is_some())
}

/// What the file says that belongs into `document`.
pub(super) fn part(node: &Node, document: &str) -> Option<Node> {
    let all = node.as_map()?;
    let found = match document {
        "metadata.yaml" => metadata(all),
        "config.yaml" => all.get("config")?.as_map()?.clone(),
        "actions.yaml" => all.get("actions")?.as_map()?.clone(),
        _ => return None,
    };
    (!found.is_empty()).then_some(Node {
        place: node.place,
        value: Value::Map(found),
    })
}

fn metadata(all: &Map) -> Map {
    let mut found = Map::default();
    for entry in all.entries() {
        if !OF_THE_BUILD.contains(&entry.key.name()) {
            found.set(entry.clone());
        }
    }
    if let Some(title) = all.entry("title") {
        found.set(renamed(title, "display-name"));
    }
    let links = all.get("links").and_then(Node::as_map);
    for (link, key) in LINKS {
        if let Some(entry) = links.and_then(|links| links.entry(link)) {
            let mut entry = renamed(entry, key);
            if key == "maintainers" && matches!(entry.node.value, Value::Scalar(_)) {
                let place = entry.node.place;
                entry.node = Node {
                    place,
                    value: Value::List(vec![entry.node]),
                };
            }
            found.set(entry);
        }
    }
    found
}

fn renamed(entry: &Entry, name: &str) -> Entry {
    Entry {
        key: Key {
            place: entry.key.place,
            scalar: Scalar::quoted(name),
        },
        node: entry.node.clone(),
    }
}

/// The bases that the built charm runs on, as `manifest.yaml` would list them.
pub(crate) fn bases(node: &Node, reader: &mut Reader<'_>) -> Option<Node> {
    let all = node.as_map()?;
    let mut found: Vec<Node> = Vec::new();
    if let Some(Value::List(items)) = all.get("bases").map(|node| &node.value) {
        for item in items {
            match item.as_map().and_then(|map| map.get("run-on")) {
                Some(Node {
                    value: Value::List(inner),
                    ..
                }) => found.extend(inner.iter().cloned()),
                Some(_) => {}
                None => found.push(item.clone()),
            }
        }
    }
    if let Some(base) = all.get("base")
        && let Some(text) = reader.text(base, "base")
    {
        found.extend(short(base, &text, reader));
    }
    if found.is_empty()
        && let Some(platforms) = all.get("platforms").and_then(Node::as_map)
    {
        for entry in platforms.entries() {
            // `ubuntu@22.04:amd64` names a base; `amd64` alone a processor of `base`.
            if entry.key.name().contains('@') {
                let text = entry.key.name().split(':').next().unwrap_or_default();
                let node = Node {
                    place: entry.key.place,
                    value: Value::Scalar(Scalar::quoted(text)),
                };
                let base = short(&node, text, reader);
                found.extend(
                    base.filter(|base| !found.iter().any(|b| b.to_json() == base.to_json())),
                );
            }
        }
    }
    (!found.is_empty()).then_some(Node {
        place: node.place,
        value: Value::List(found),
    })
}

/// `ubuntu@22.04` as a base.
fn short(node: &Node, text: &str, reader: &mut Reader<'_>) -> Option<Node> {
    let Some((name, channel)) = text.split_once('@') else {
        reader.error(
            node.place,
            format!("`{text}` is no base"),
            "write its name and version, such as `ubuntu@22.04`",
        );
        return None;
    };
    let mut map = Map::default();
    for (key, value) in [("name", name), ("channel", channel)] {
        map.set(Entry {
            key: Key {
                place: node.place,
                scalar: Scalar::quoted(key),
            },
            node: Node {
                place: node.place,
                value: Value::Scalar(Scalar::quoted(value)),
            },
        });
    }
    Some(Node {
        place: node.place,
        value: Value::Map(map),
    })
}
