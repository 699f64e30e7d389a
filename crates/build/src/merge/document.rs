//! The YAML files that are merged, layer by layer.

use std::collections::BTreeMap;

use super::conflict::Conflicts;
use super::deep::merge;
use super::deletes::delete;
use super::{charmcraft, options};
use crate::error::Result;
use crate::finding::{Findings, Level};
use crate::layers::{Files, Layer, Stack};
use crate::tree::Patterns;
use crate::yaml::{Entry, Key, Map, Node, Scalar, Value};

/// A file of the charm that all layers write together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document {
    /// Its name.
    pub(crate) file: &'static str,
    /// Its section in `layer.yaml`, for `deletes`.
    section: &'static str,
    /// Where the paths of `deletes` begin.
    prefix: Option<&'static str>,
}

/// `layer.yaml` has rules of its own.
pub(crate) const DOCUMENTS: [Document; 5] = [
    document("metadata.yaml", "metadata", None),
    document("config.yaml", "config", Some("options")),
    document("actions.yaml", "actions", None),
    document("resources.yaml", "resources", None),
    document("dist.yaml", "dist", None),
];

const fn document(
    file: &'static str,
    section: &'static str,
    prefix: Option<&'static str>,
) -> Document {
    Document {
        file,
        section,
        prefix,
    }
}

/// The order in which people read `metadata.yaml`.
const FIRST: [&str; 10] = [
    "name",
    "display-name",
    "summary",
    "maintainer",
    "maintainers",
    "description",
    "tags",
    "requires",
    "provides",
    "peers",
];

/// A file as the charm has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Merged {
    pub(crate) node: Node,
    /// It is one layer's file, unchanged: its text can be taken as it is.
    pub(crate) alone: bool,
}

/// The files of all layers, merged, by name.
pub(crate) fn merge_documents(
    stack: &Stack,
    files: &mut Files,
    findings: &mut Findings,
    level: Level,
) -> Result<BTreeMap<&'static str, Merged>> {
    let mut all = BTreeMap::new();
    let mut parts = Vec::new();
    for layer in &stack.layers {
        parts.push(Parts::read(layer, files, findings)?);
    }
    for document in DOCUMENTS {
        let mut merging = Merging {
            document,
            files,
            findings,
            level,
            merged: None,
        };
        for (layer, parts) in stack.layers.iter().zip(&parts) {
            merging.add(layer, parts)?;
        }
        if let Some(merged) = merging.merged {
            all.insert(document.file, merged);
        }
    }
    if let Some(metadata) = all.get_mut("metadata.yaml")
        && !metadata.alone
    {
        let own = parts.iter().rev().find_map(Parts::metadata);
        settle(metadata, own);
    }
    Ok(all)
}

/// What one layer adds, by file, lowest first: `charmcraft.yaml` lies below the file itself.
struct Parts(BTreeMap<&'static str, Vec<Part>>);

struct Part {
    node: Node,
    whole: bool,
}

impl Parts {
    fn read(layer: &Layer, files: &mut Files, findings: &mut Findings) -> Result<Self> {
        let mut all: BTreeMap<&'static str, Vec<Part>> = BTreeMap::new();
        if layer.dir.as_os_str().is_empty() {
            return Ok(Self(all));
        }
        let excluded = Patterns::new(&layer.config.exclude)?;
        let url = layer.url();
        let charmcraft = files.read(&url, &layer.dir.join("charmcraft.yaml"), findings)?;
        for document in DOCUMENTS {
            let parts = all.entry(document.file).or_default();
            let part = charmcraft
                .as_ref()
                .and_then(|node| charmcraft::part(node, document.file));
            parts.extend(part.map(|node| Part { node, whole: false }));
            if excluded.has(document.file) {
                continue;
            }
            let node = files.read(&url, &layer.dir.join(document.file), findings)?;
            parts.extend(node.map(|node| Part { node, whole: true }));
        }
        Ok(Self(all))
    }

    fn of(&self, document: Document) -> &[Part] {
        self.0.get(document.file).map_or(&[], Vec::as_slice)
    }

    fn metadata(&self) -> Option<&Map> {
        self.of(DOCUMENTS[0]).last()?.node.as_map()
    }
}

struct Merging<'a> {
    document: Document,
    files: &'a Files,
    findings: &'a mut Findings,
    level: Level,
    merged: Option<Merged>,
}

impl Merging<'_> {
    fn add(&mut self, layer: &Layer, parts: &Parts) -> Result<()> {
        if self.merged.is_some() && Patterns::new(&layer.config.ignore)?.has(self.document.file) {
            self.merged = None;
        }
        self.delete(layer);
        for part in parts.of(self.document) {
            self.lay(part);
        }
        Ok(())
    }

    fn delete(&mut self, layer: &Layer) {
        let Some(deletes) = layer.config.deletes.get(self.document.section) else {
            return;
        };
        let mut nothing = Map::default();
        let below = match &mut self.merged {
            Some(merged) => {
                merged.alone = false;
                let map = merged.node.as_map_mut();
                match self.document.prefix {
                    Some(prefix) => map
                        .and_then(|map| map.get_mut(prefix))
                        .and_then(Node::as_map_mut),
                    None => map,
                }
            }
            None => None,
        };
        delete(
            below.unwrap_or(&mut nothing),
            deletes,
            self.document.section,
            self.files,
            self.findings,
        );
    }

    fn lay(&mut self, part: &Part) {
        let Document {
            file,
            section,
            prefix,
        } = self.document;
        let Some(merged) = &mut self.merged else {
            self.merged = Some(Merged {
                node: part.node.clone(),
                alone: part.whole,
            });
            return;
        };
        if part.node.is_null() {
            return;
        }
        if merged.node.is_null() {
            merged.node = part.node.clone();
            merged.alone = part.whole;
            return;
        }
        let (Some(below), Some(above)) = (merged.node.as_map_mut(), part.node.as_map()) else {
            // One of the two is no mapping; whoever reads the file says so.
            if part.node.as_map().is_none() {
                merged.node = part.node.clone();
            }
            merged.alone = false;
            return;
        };
        let mut conflicts = Conflicts {
            document: file,
            section: Some((section, prefix)),
            files: self.files,
            findings: self.findings,
            level: self.level,
        };
        merge(below, above, &mut conflicts);
        merged.alone = false;
    }
}

/// The maintainers are those of the highest layer, and its series come first.
fn settle(metadata: &mut Merged, own: Option<&Map>) {
    let Some(all) = metadata.node.as_map_mut() else {
        return;
    };
    for key in ["maintainer", "maintainers"] {
        match own.and_then(|own| own.entry(key)) {
            Some(entry) => all.set(entry.clone()),
            None => {
                all.remove(key);
            }
        }
    }
    if let Some(Value::List(first)) = own.and_then(|own| own.get("series")).map(|n| &n.value)
        && let Some(Node {
            value: Value::List(series),
            ..
        }) = all.get_mut("series")
    {
        let mut sorted = first.clone();
        sorted.append(series);
        let mut seen = Vec::new();
        sorted.retain(|item| {
            let json = item.to_json();
            let new = !seen.contains(&json);
            seen.push(json);
            new
        });
        *series = sorted;
    }
    let mut ordered = Map::default();
    let first = FIRST.iter().filter_map(|key| all.entry(key));
    for entry in first.chain(all.entries()) {
        ordered.set(entry.clone());
    }
    *all = ordered;
}

/// A value that was made here and stands nowhere.
pub(super) fn node_of(json: &serde_json::Value) -> Node {
    options::node_of(json)
}

/// The same under a key.
pub(super) fn entry_of(name: &str, node: Node) -> Entry {
    Entry {
        key: Key {
            place: node.place,
            scalar: Scalar::quoted(name),
        },
        node,
    }
}
