//! What of an author's folder goes into the charm.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::patterns::bad_pattern;
use crate::error::Result;

/// A unit's own memory: an upgrade would put one unit's state on all others.
const STATE: [&str; 4] = [
    ".ensign",
    ".unit-state.db",
    ".juju-persistent-config",
    ".juju-charm",
];

/// Version control and editors, at any depth. Juju drops the first five itself.
const NOWHERE: [&str; 13] = [
    ".git",
    ".svn",
    ".hg",
    ".bzr",
    ".tox",
    ".gitignore",
    ".gitattributes",
    ".github",
    ".idea",
    ".vscode",
    ".venv",
    "__pycache__",
    ".DS_Store",
];

/// Inputs of a build, in the top folder.
const INPUTS: [&str; 19] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo",
    "build.rs",
    "target",
    "src",
    "tests",
    "benches",
    "examples",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
    ".rustfmt.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
    "charmcraft.yaml",
    "layer.lock",
    "build.lock",
    ".build.manifest",
];

/// What Juju leaves out of a charm or writes itself, in the top folder.
const OF_JUJU: [&str; 4] = ["build", "revision", "version", ".jujuignore"];

/// Which files stay out.
#[derive(Debug)]
pub(super) struct Rules {
    patterns: Gitignore,
}

/// What becomes of a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Drop,
    /// The author may miss it.
    DropAndSay,
    /// It is a unit's state.
    Refuse,
}

impl Rules {
    /// The fixed rules, `exclude` of `layer.yaml`, and `.jujuignore`.
    pub(super) fn new(dir: &Path, exclude: &[String]) -> Result<Self> {
        let mut builder = GitignoreBuilder::new(dir);
        let juju = dir.join(".jujuignore");
        if juju.is_file()
            && let Some(error) = builder.add(&juju)
        {
            return Err(bad_pattern(&error, ".jujuignore"));
        }
        for pattern in exclude {
            builder
                .add_line(None, pattern)
                .map_err(|error| bad_pattern(&error, "layer.yaml"))?;
        }
        Ok(Self {
            patterns: builder
                .build()
                .map_err(|error| bad_pattern(&error, "layer.yaml"))?,
        })
    }

    /// False for what no build looks at: version control, editors, compilers' output.
    pub(super) fn is_source(&self, path: &Path) -> bool {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        let top = path.components().count() == 1;
        let is_output = top && matches!(&*name, "target" | "Cargo.lock" | "layer.lock");
        let is_editors = name.ends_with('~') || name.ends_with(".swp");
        !(is_output || is_editors || NOWHERE.contains(&&*name))
    }

    /// `path` is relative to the charm.
    pub(super) fn fate(&self, path: &Path, is_dir: bool) -> Fate {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        let top = path.components().count() == 1;
        if STATE.contains(&&*name) {
            return Fate::Refuse;
        }
        let left = NOWHERE.contains(&&*name)
            || name.ends_with('~')
            || name.ends_with(".swp")
            || !is_dir && (name.ends_with(".rs") || name.ends_with(".charm"))
            || top && INPUTS.contains(&&*name)
            || self.patterns.matched(path, is_dir).is_ignore();
        match left {
            true => Fate::Drop,
            false if top && OF_JUJU.contains(&&*name) => Fate::DropAndSay,
            false => Fate::Keep,
        }
    }
}
