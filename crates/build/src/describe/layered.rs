//! A charm that is to be built: the files of all of its layers, merged and then checked together.

use std::path::{Path, PathBuf};

use super::Description;
use crate::error::{Error, Result};
use crate::finding::{Findings, Level};
use crate::layers::{Files, Found, Kind, Layer, Paths, Shelf, config, resolve};
use crate::merge::{
    Merged, charmcraft_bases, charmcraft_is_charm, complete_layer_yaml, merge_documents,
    merge_layer_yaml, options, origins,
};
use crate::schema::{
    IncludeKind, bases_of_series, read_actions, read_bases, read_config, read_manifest,
    read_metadata,
};
use crate::yaml::{Map, Node, Place, Source, Value, emit, parse};

/// Reads the folder of a charm and its layers. `level` is what conflicts between layers are.
pub(crate) fn layered(
    dir: &Path,
    paths: &Paths,
    level: Level,
    findings: &mut Findings,
) -> Result<Description> {
    let name = name_of(dir)?;
    let mut files = Files::default();
    let (config, raw) = config(&name, IncludeKind::Layer, dir, &mut files, findings)?;
    let own = Layer {
        name,
        kind: Kind::Charm,
        found: Found::Itself,
        dir: dir.to_owned(),
        krate: None,
        config: config.clone(),
        raw,
        included: Place::START,
    };
    let stack = resolve(own, Shelf::new(dir, paths), &mut files, findings)?;
    let mut charm = Description {
        layer: config,
        ..Description::default()
    };
    let documents = merge_documents(&stack, &mut files, findings, level)?;
    for (file, merged) in &documents {
        charm.origins.extend(origins(file, &merged.node, &files));
        let mut reader = files.reader(findings);
        let mut text = None;
        match *file {
            "metadata.yaml" => {
                charm.metadata = read_metadata(&merged.node, &mut reader);
                // Juju takes series or bases, not both.
                let series = !charm.metadata.series.is_empty();
                text = series.then(|| without(&merged.node, "series"));
            }
            "config.yaml" => charm.config = read_config(&merged.node, &mut reader),
            "actions.yaml" => charm.actions = read_actions(&merged.node, &mut reader),
            _ => {}
        }
        let source = files.source(merged.node.place);
        let path = source.map_or_else(PathBuf::new, |source| source.path.clone());
        let text = text.unwrap_or_else(|| text_of(merged, source));
        charm.files.insert((*file).into(), (path, text));
    }
    let layer = merge_layer_yaml(&stack, &files, findings, level);
    let given = layer
        .as_ref()
        .and_then(Node::as_map)
        .and_then(|map| map.get("options"));
    // Without a name it is not known whose options are the charm's own.
    if !charm.metadata.name.is_empty() {
        charm.options = options::resolve(&stack, given, &mut files.reader(findings));
    }
    if let Some(mut layer) = layer {
        charm.origins.extend(origins("layer.yaml", &layer, &files));
        complete_layer_yaml(&mut layer, &charm.metadata.name, &charm.options);
        let text = emit(&layer);
        let path = dir.join("layer.yaml");
        charm.files.insert("layer.yaml".into(), (path, text));
    }
    charm.stack = stack;
    unused(&mut charm, &files, findings);
    bases(&mut charm, &mut files, findings)?;
    Ok(charm)
}

/// Interface layers that no endpoint has a use for stay out, unless they are crates, which are linked all the same.
fn unused(charm: &mut Description, files: &Files, findings: &mut Findings) {
    let data = &charm.metadata;
    let groups = [&data.provides, &data.requires, &data.peers];
    let used = |name: &str| {
        let mut endpoints = groups.iter().flat_map(|group| group.values());
        endpoints.any(|endpoint| endpoint.interface == name)
    };
    let mut stays = |layer: &Layer| {
        let is_used = used(&layer.name);
        if !is_used {
            let message = format!(
                "no endpoint in `metadata.yaml` has the interface `{}`",
                layer.name
            );
            let hint = format!("add one, or take `{}` out of `includes`", layer.url());
            files
                .reader(findings)
                .warning(layer.included, message, hint);
        }
        is_used || layer.krate.is_some()
    };
    let mut interfaces = std::mem::take(&mut charm.stack.interfaces);
    interfaces.retain(|layer| stays(layer));
    charm.stack.interfaces = interfaces;
}

/// The charm's own name, before anything is merged; its folder's where it does not say.
fn name_of(dir: &Path) -> Result<String> {
    let mut known = false;
    for file in ["metadata.yaml", "charmcraft.yaml"] {
        let Some(source) = Source::read(&dir.join(file))? else {
            continue;
        };
        // Mistakes are noted when the file is read in full.
        let node = parse(&source).ok();
        known |= file == "metadata.yaml" || node.as_ref().is_some_and(charmcraft_is_charm);
        let name = node.as_ref().and_then(Node::as_map);
        let name = name.and_then(|map| map.get("name"));
        if let Some(Value::Scalar(name)) = name.map(|name| &name.value) {
            return Ok(name.text.clone());
        }
    }
    if !known {
        return Err(no_metadata(dir));
    }
    let folder = std::fs::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    let folder = folder.file_name().unwrap_or_default();
    Ok(folder.to_string_lossy().into_owned())
}

pub(super) fn no_metadata(dir: &Path) -> Error {
    let why = if !dir.is_dir() {
        "there is no such folder"
    } else if dir.join("charmcraft.yaml").is_file() {
        "its `charmcraft.yaml` names no charm, and it has no `metadata.yaml`"
    } else {
        "it has no `metadata.yaml`"
    };
    Error::NoCharm {
        dir: dir.to_owned(),
        why: why.into(),
    }
}

/// As its author wrote it, if one layer wrote all of it.
fn text_of(merged: &Merged, source: Option<&Source>) -> String {
    match source {
        Some(source) if merged.alone => source.text.clone(),
        _ => emit(&merged.node),
    }
}

fn without(node: &Node, key: &str) -> String {
    let mut map = node.as_map().cloned().unwrap_or_else(Map::default);
    map.remove(key);
    emit(&Node {
        place: node.place,
        value: Value::Map(map),
    })
}

/// The bases of the highest layer that names any: in `manifest.yaml`, else `charmcraft.yaml`; else those of the series.
fn bases(charm: &mut Description, files: &mut Files, findings: &mut Findings) -> Result<()> {
    let layers: Vec<(String, PathBuf)> = charm
        .stack
        .layers
        .iter()
        .rev()
        .filter(|layer| !layer.dir.as_os_str().is_empty())
        .map(|layer| (layer.url(), layer.dir.clone()))
        .collect();
    for (url, dir) in layers {
        if let Some(node) = files.read(&url, &dir.join("manifest.yaml"), findings)? {
            charm.bases = read_manifest(&node, &mut files.reader(findings));
        }
        // It was parsed with the other documents: mistakes in it are known.
        if charm.bases.is_empty()
            && let Some(node) =
                files.read(&url, &dir.join("charmcraft.yaml"), &mut Findings::default())?
        {
            let mut reader = files.reader(findings);
            if let Some(list) = charmcraft_bases(&node, &mut reader) {
                charm.bases = read_bases(&list, &mut reader);
            }
        }
        if !charm.bases.is_empty() {
            return Ok(());
        }
    }
    charm.bases = bases_of_series(&charm.metadata.series);
    Ok(())
}
