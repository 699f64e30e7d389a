//! Charms for the tests of checks.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

use super::Check;
use super::charm::Charm;
use crate::finding::{Finding, Findings};
use crate::registry::Registry;

/// The first lines of the metadata.
const METADATA: &str = "name: tiny\nsummary: Tiny\ndescription: A tiny charm\n";

/// A charm directory whose program has these handlers.
pub(super) struct Sample {
    dir: TempDir,
    lines: String,
}

/// A handler of the file `reactive/tiny.rs`.
pub(super) fn handler(id: &str, conditions: &[(&str, &[&str])]) -> Json {
    let clauses: Vec<Json> = conditions
        .iter()
        .map(|(kind, args)| json!({"kind": kind, "args": args}))
        .collect();
    json!({
        "schema": 1, "kind": "handler", "id": id, "crate": "tiny", "file": "reactive/tiny.rs", "line": 7,
        "clauses": clauses, "sets": [], "clears": [], "before": [], "after": [], "was": [],
    })
}

/// The same, and what it says that it does to flags.
pub(super) fn doing(
    id: &str,
    conditions: &[(&str, &[&str])],
    sets: &[&str],
    clears: &[&str],
) -> Json {
    let mut record = handler(id, conditions);
    record["sets"] = json!(sets);
    record["clears"] = json!(clears);
    record
}

impl Sample {
    pub(super) fn new() -> Self {
        let sample = Self {
            dir: tempfile::tempdir().unwrap(),
            lines: String::new(),
        };
        sample.metadata("")
    }

    /// Adds lines to the metadata.
    pub(super) fn metadata(self, more: &str) -> Self {
        self.file("metadata.yaml", &format!("{METADATA}{more}"))
    }

    /// Writes a file; scripts can be executed.
    pub(super) fn file(self, path: &str, text: &str) -> Self {
        let place = self.dir.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, text).unwrap();
        let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
        fs::set_permissions(place, fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    /// Adds lines of the section.
    pub(super) fn registered(mut self, records: &[Json]) -> Self {
        for record in records {
            self.lines.push_str(&format!("{record}\n"));
        }
        self
    }

    /// The charm directory.
    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// What a check finds.
    pub(super) fn found(&self, check: Check) -> Vec<Finding> {
        let mut findings = Findings::default();
        check(&self.charm(), &mut findings);
        let found = findings.sorted();
        for finding in &found {
            assert!(finding.hint.is_some(), "no hint: {finding}");
        }
        found
    }

    /// The charm itself.
    pub(super) fn charm(&self) -> Charm {
        let registry = Registry::parse(self.lines.as_bytes()).unwrap();
        let mut described = Findings::default();
        let charm = Charm::with(self.dir.path(), &[], &registry, &mut described).unwrap();
        assert_eq!(described.sorted(), [], "the sample itself is wrong");
        charm
    }

    /// The codes of what it finds.
    pub(super) fn codes(&self, check: Check) -> Vec<String> {
        let found = self.found(check).into_iter();
        found
            .map(|finding| finding.code().unwrap_or_default())
            .collect()
    }
}
