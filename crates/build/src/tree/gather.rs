//! The files of all layers in one tree: the higher layer's file replaces the lower one's.

use std::path::{Path, PathBuf};

use super::collect::collect;
use super::patterns::Patterns;
use super::{Leaf, Tree};
use crate::error::{Error, Result};
use crate::finding::{Finding, Findings, Level};
use crate::layers::{Layer, Stack};

/// Files that the build reads and writes anew, and what only `charm build` has a use for.
const USED_UP: [&str; 10] = [
    "metadata.yaml",
    "config.yaml",
    "actions.yaml",
    "resources.yaml",
    "dist.yaml",
    "layer.yaml",
    "manifest.yaml",
    "hooks/hook.template",
    "wheelhouse.txt",
    "wheelhouse-constraints.txt",
];

/// Files that every layer has for itself: nobody misses the lower one's.
const OF_EVERY_LAYER: [&str; 12] = [
    "README",
    "LICENSE",
    "COPYING",
    "CHANGELOG",
    "CONTRIBUTING",
    "SECURITY",
    "HACKING",
    "Makefile",
    "icon.svg",
    "tox.ini",
    "requirements",
    "test-requirements",
];

/// All files, and what the author should know.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) tree: Tree,
    pub(crate) notes: Vec<String>,
}

/// Lays the layers' files on each other. `outside` are folders to pass by; a replaced file is noted with `level`.
pub(crate) fn gather(
    stack: &Stack,
    outside: &[PathBuf],
    findings: &mut Findings,
    level: Level,
) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    for layer in stack.layers.iter().filter(|layer| has_folder(layer)) {
        let ignored = Patterns::new(&layer.config.ignore)?;
        gathered.tree.retain(|path, _| !ignored.has(path));
        if let Some(copyright) = gathered.tree.remove("copyright") {
            let name = copyright.layer.replace(':', "-");
            gathered.tree.put(format!("copyright.{name}"), copyright);
        }
        let own = collect(&layer.dir, "", &layer.url(), &layer.config.exclude, outside)?;
        gathered.notes.extend(own.notes);
        for (path, leaf) in own.tree.into_files() {
            if !USED_UP.contains(&path.as_str()) {
                lay(&mut gathered.tree, path, leaf, layer, findings, level)?;
            }
        }
    }
    let charm = stack.layers.last().map(|charm| &charm.config);
    for interface in &stack.interfaces {
        let mut patterns = interface.config.ignore.clone();
        if let Some(charm) = charm {
            patterns.extend(charm.ignore.iter().chain(&charm.exclude).cloned());
        }
        let left_out = Patterns::new(&patterns)?;
        let exclude = &interface.config.exclude;
        let within = format!("hooks/relations/{}", interface.name);
        let own = collect(&interface.dir, &within, &interface.url(), exclude, outside)?;
        for (path, leaf) in own.tree.into_files() {
            let inner = path[within.len()..].trim_start_matches('/');
            if !left_out.has(inner) && inner != "layer.yaml" && inner != "interface.yaml" {
                lay(&mut gathered.tree, path, leaf, interface, findings, level)?;
            }
        }
    }
    check_folders(&gathered.tree)?;
    foreign(&gathered.tree, stack, findings);
    Ok(gathered)
}

fn has_folder(layer: &Layer) -> bool {
    !layer.dir.as_os_str().is_empty()
}

fn lay(
    tree: &mut Tree,
    path: String,
    leaf: Leaf,
    layer: &Layer,
    findings: &mut Findings,
    level: Level,
) -> Result<()> {
    let name = Path::new(&path).file_name().unwrap_or_default();
    let name = name.to_string_lossy();
    let expected = OF_EVERY_LAYER.iter().any(|known| name.starts_with(known));
    if let Some(old) = tree.get(&path)
        && !expected
        && old.content.digest()? != leaf.content.digest()?
    {
        let message = format!(
            "`{path}` of `{}` takes the place of the one of `{}`, {}",
            leaf.layer,
            old.layer,
            old.content.place(),
        );
        let hint = format!(
            "if that is meant, say so in the `layer.yaml` of `{}`: `ignore: [{path}]`",
            leaf.layer
        );
        findings.push(at(level, layer, &leaf, message).hint(hint));
    }
    tree.put(path, leaf);
    Ok(())
}

/// A file cannot stand where another layer has a folder.
fn check_folders(tree: &Tree) -> Result<()> {
    for (path, leaf) in tree.files() {
        for folder in Path::new(path).ancestors().skip(1) {
            let folder = folder.to_str().unwrap_or_default();
            if let Some(file) = tree.get(folder) {
                return Err(Error::BadEntry {
                    path: folder.into(),
                    why: format!(
                        "it is a file of `{}` and a folder of `{}`",
                        file.layer, leaf.layer
                    ),
                    hint: "rename one of them, or leave it out with `ignore` in `layer.yaml`"
                        .into(),
                });
            }
        }
    }
    Ok(())
}

/// What no unit will ever run.
fn foreign(tree: &Tree, stack: &Stack, findings: &mut Findings) {
    for (path, leaf) in tree.files() {
        let inner = path.strip_prefix("hooks/").unwrap_or(path);
        let module = path.starts_with("reactive/") || inner.starts_with("relations/");
        let (message, hint) = if module && path.ends_with(".py") {
            let message = format!(
                "`{path}` of `{}` is Python: its handlers will not run",
                leaf.layer
            );
            (message, "write them in Rust or bash, or take the layer out")
        } else if inner != path && !inner.contains('/') {
            let message = format!(
                "`{path}` of `{}` will not run: Juju starts `dispatch` alone",
                leaf.layer
            );
            (message, "make it a handler, such as `#[hook(\"install\")]`")
        } else {
            continue;
        };
        let mut layers = stack.all();
        if let Some(layer) = layers.find(|layer| layer.url() == leaf.layer) {
            findings.push(at(Level::Warning, layer, leaf, message).hint(hint));
        }
    }
}

fn at(level: Level, layer: &Layer, leaf: &Leaf, message: String) -> Finding {
    Finding::about(level, leaf.content.source().unwrap_or(&layer.dir), message)
}
