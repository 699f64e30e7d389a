//! A built charm: every file stands for itself, and what its layers were is history.

use std::path::Path;

use super::Description;
use super::layered::no_metadata;
use crate::error::Result;
use crate::finding::Findings;
use crate::schema::{
    bases_of_series, read_actions, read_config, read_layer, read_manifest, read_metadata,
};
use crate::yaml::{Node, Reader, Source, parse};

/// Reads the directory of a built charm.
pub(super) fn built(dir: &Path, findings: &mut Findings) -> Result<Description> {
    let mut charm = Description::default();
    let Some(metadata) = Source::read(&dir.join("metadata.yaml"))? else {
        return Err(no_metadata(dir));
    };
    if let Some(node) = tree(&metadata, findings) {
        charm.metadata = read_metadata(&node, &mut Reader::new(&metadata, findings));
    }
    let kept = (metadata.path, metadata.text);
    charm.files.insert("metadata.yaml".into(), kept);
    for name in ["config.yaml", "actions.yaml", "manifest.yaml", "layer.yaml"] {
        let Some(source) = Source::read(&dir.join(name))? else {
            continue;
        };
        let Some(node) = tree(&source, findings) else {
            continue;
        };
        let mut reader = Reader::new(&source, findings);
        match name {
            "config.yaml" => charm.config = read_config(&node, &mut reader),
            "actions.yaml" => charm.actions = read_actions(&node, &mut reader),
            "manifest.yaml" => charm.bases = read_manifest(&node, &mut reader),
            _ => {
                charm.layer = read_layer(&node, &mut reader);
                for (layer, options) in &charm.layer.options {
                    let values = options
                        .entries()
                        .iter()
                        .map(|entry| (entry.key.name().to_owned(), entry.node.to_json()));
                    charm.options.insert(layer.clone(), values.collect());
                }
            }
        }
        charm.files.insert(name.into(), (source.path, source.text));
    }
    if charm.bases.is_empty() {
        charm.bases = bases_of_series(&charm.metadata.series);
    }
    Ok(charm)
}

fn tree(source: &Source, findings: &mut Findings) -> Option<Node> {
    parse(source).map_err(|finding| findings.push(finding)).ok()
}
