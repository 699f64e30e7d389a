//! `bin/ensign.json` and `.build.manifest`: the files of a charm that speak of all its others.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::data::BuildData;
use crate::describe::Description;
use crate::error::{Doing, Result};
use crate::layers::{Layer, Lock};
use crate::tree::{Content, Tree};

/// Adds the files that speak of all others, and gives back the digest of what went in.
pub(crate) fn finish(
    tree: &mut Tree,
    charm: &Description,
    crates: &[String],
    lock: &Lock,
) -> Result<String> {
    let id = tree.digest()?;
    let data = BuildData::new(charm, &id, crates);
    let text = serde_json::to_string_pretty(&data).doing(|| "write `bin/ensign.json`".into())?;
    tree.add(
        "bin/ensign.json",
        "ensign",
        "build",
        Content::Text(text + "\n"),
    );
    let mut signatures = serde_json::Map::new();
    for (path, leaf) in tree.files() {
        signatures.insert(
            path.to_owned(),
            json!([leaf.layer, leaf.kind, leaf.digest()?]),
        );
    }
    let manifest = json!({
        "layers": layers(charm, lock),
        "keys": keys(charm),
        "signatures": signatures,
    });
    tree.add(
        ".build.manifest",
        "ensign",
        "build",
        Content::Text(format!("{manifest:#}\n")),
    );
    Ok(id)
}

/// The layers, base first, as `.build.manifest` lists them.
fn layers(charm: &Description, lock: &Lock) -> Vec<Json> {
    let one = |layer: &Layer| {
        let url = layer.url();
        let mut entry = json!({"url": url, "found": layer.found.to_string()});
        if let (Some(digest), Some(entry)) = (lock.digest(&url), entry.as_object_mut()) {
            entry.insert("digest".into(), digest.into());
        }
        entry
    };
    charm.stack.all().map(one).collect()
}

/// The layer of every key, by file.
fn keys(charm: &Description) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let mut all: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for origin in &charm.origins {
        let file = all.entry(&origin.file).or_default();
        file.insert(&origin.key, &origin.layer);
    }
    all
}
