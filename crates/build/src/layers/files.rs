//! The files that are merged, each with its layer: what turns a place into a path and an owner.

use std::path::Path;

use crate::error::Result;
use crate::finding::Findings;
use crate::yaml::{Node, Place, Reader, Source, parse_as};

/// All files that were read together.
#[derive(Debug, Default)]
pub(crate) struct Files {
    sources: Vec<Source>,
    layers: Vec<String>,
}

impl Files {
    /// Reads and parses a file of a layer; none where there is no such file, or it is no YAML, which is noted.
    pub(crate) fn read(
        &mut self,
        layer: &str,
        path: &Path,
        findings: &mut Findings,
    ) -> Result<Option<Node>> {
        let Some(source) = Source::read(path)? else {
            return Ok(None);
        };
        let number = self.sources.len();
        let node = parse_as(&source, number).map_err(|finding| findings.push(finding));
        self.sources.push(source);
        self.layers.push(layer.to_owned());
        Ok(node.ok())
    }

    /// For messages about any of the files.
    pub(crate) fn reader<'a>(&'a self, findings: &'a mut Findings) -> Reader<'a> {
        Reader::of(&self.sources, findings)
    }

    /// The file of a place.
    pub(crate) fn source(&self, place: Place) -> Option<&Source> {
        self.sources.get(place.file)
    }

    /// The layer whose file has the place.
    pub(crate) fn layer(&self, place: Place) -> &str {
        self.layers.get(place.file).map_or("", String::as_str)
    }

    /// The layer and where it says so, for messages.
    pub(crate) fn whence(&self, place: Place) -> String {
        let path = self
            .source(place)
            .map(|source| source.path.display().to_string())
            .unwrap_or_default();
        format!("`{}`, {path}:{}", self.layer(place), place.line)
    }
}
