//! Which layer every key and file of a charm came from.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value as Json;

use crate::describe::{is_built, layered};
use crate::error::{Doing, Error, Result};
use crate::finding::{Finding, Findings, Level};
use crate::layers::{Layer, Paths};
use crate::merge::Origin;
use crate::tree::{MARK, gather};

/// What a charm consists of.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Contents {
    /// The layers, interfaces first, then base to top.
    pub layers: Vec<Part>,
    /// Every key of the YAML files.
    pub keys: Vec<Key>,
    /// Every file, but those that the build makes of nothing.
    pub files: Vec<File>,
    /// Mistakes that were found on the way.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// A layer of the charm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Part {
    /// `layer:apt`, `interface:http`, or the charm's name.
    pub layer: String,
    /// Where it was found, in words.
    pub found: String,
    /// Its folder, where the charm is not built yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dir: Option<PathBuf>,
    /// What it includes; empty for a built charm, which no longer knows.
    pub includes: Vec<String>,
}

/// A key of a YAML file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Key {
    /// The file of the charm.
    pub file: String,
    /// The keys from the top, joined by `.`.
    pub key: String,
    /// Its layer.
    pub layer: String,
    /// Where it stands, for a charm that is not built yet: `PATH:LINE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// A file of the charm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct File {
    /// Its path in the charm.
    pub path: String,
    /// Its layer; for a merged file the highest that has it.
    pub layer: String,
}

/// Reads the folder of a charm, built or not. Nothing is compiled.
///
/// # Errors
/// If it is no charm, or something cannot be read.
pub fn contents(dir: &Path, paths: &Paths) -> Result<Contents> {
    if is_built(dir) {
        of_built(dir)
    } else {
        of_source(dir, paths)
    }
}

fn of_source(dir: &Path, paths: &Paths) -> Result<Contents> {
    let mut findings = Findings::default();
    let charm = layered(dir, paths, Level::Warning, &mut findings)?;
    let outside = [dir.join("target")];
    let gathered = gather(&charm.stack, &outside, &mut findings, Level::Warning)?;
    let mut files: Vec<File> = gathered
        .tree
        .files()
        .map(|(path, leaf)| File {
            path: path.to_owned(),
            layer: leaf.layer.clone(),
        })
        .collect();
    for name in charm.files.keys() {
        let highest = |origin: &&Origin| origin.file == *name;
        let layers: Vec<&str> = charm
            .origins
            .iter()
            .filter(highest)
            .map(|o| o.layer.as_str())
            .collect();
        let layer = charm.stack.layers.iter().rev().map(Layer::url);
        let layer = layer.into_iter().find(|url| layers.contains(&url.as_str()));
        files.push(File {
            path: name.clone(),
            layer: layer.unwrap_or_else(|| charm.metadata.name.clone()),
        });
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Contents {
        layers: charm.stack.all().map(part).collect(),
        keys: charm.origins.iter().map(key).collect(),
        files,
        findings: findings.sorted(),
    })
}

fn part(layer: &Layer) -> Part {
    let include =
        |include: &crate::schema::Include| format!("{}:{}", include.kind.prefix(), include.name);
    Part {
        layer: layer.url(),
        found: layer.found.to_string(),
        dir: Some(layer.dir.clone()).filter(|dir| !dir.as_os_str().is_empty()),
        includes: layer.config.includes.iter().map(include).collect(),
    }
}

fn key(origin: &Origin) -> Key {
    Key {
        file: origin.file.clone(),
        key: origin.key.clone(),
        layer: origin.layer.clone(),
        place: Some(format!("{}:{}", origin.source.display(), origin.line)),
    }
}

fn of_built(dir: &Path) -> Result<Contents> {
    let path = dir.join(MARK);
    let text = std::fs::read_to_string(&path).doing(|| format!("read `{}`", path.display()))?;
    let manifest: Json = serde_json::from_str(&text).map_err(|error| Error::BadEntry {
        path: path.clone(),
        why: error.to_string(),
        hint: "build the charm again".into(),
    })?;
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let mut found = Contents::default();
    for layer in manifest["layers"].as_array().into_iter().flatten() {
        found.layers.push(Part {
            layer: text(&layer["url"]),
            found: text(&layer["found"]),
            dir: None,
            includes: Vec::new(),
        });
    }
    for (file, keys) in manifest["keys"].as_object().into_iter().flatten() {
        for (key, layer) in keys.as_object().into_iter().flatten() {
            found.keys.push(Key {
                file: file.clone(),
                key: key.clone(),
                layer: text(layer),
                place: None,
            });
        }
    }
    for (path, signature) in manifest["signatures"].as_object().into_iter().flatten() {
        found.files.push(File {
            path: path.clone(),
            layer: text(&signature[0]),
        });
    }
    Ok(found)
}
