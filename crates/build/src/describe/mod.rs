//! What a charm's YAML files say: those of a built charm, or of all layers that one is built from.

mod built;
mod layered;

pub(crate) use layered::layered;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::error::Result;
use crate::finding::{Findings, Level};
use crate::layers::{Paths, Stack};
use crate::merge::Origin;
use crate::schema::{Base, ConfigOption, Layer, Metadata};
use crate::tree::MARK;

/// A charm, as its files describe it.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Description {
    /// `metadata.yaml`
    pub metadata: Metadata,
    /// `config.yaml`
    pub config: BTreeMap<String, ConfigOption>,
    /// `actions.yaml`
    pub actions: BTreeMap<String, Json>,
    /// `layer.yaml` of the charm itself
    pub layer: Layer,
    /// Options by layer, defaults filled in.
    pub options: BTreeMap<String, BTreeMap<String, Json>>,
    /// The bases that the files name; empty where they name none.
    pub bases: Vec<Base>,
    /// The YAML files of the built charm by name, with the file that each came from.
    pub files: BTreeMap<String, (PathBuf, String)>,
    /// What the charm is built from; empty for a built one.
    pub stack: Stack,
    /// Where every key came from; empty for a built charm.
    pub origins: Vec<Origin>,
}

/// Reads a charm's folder, built or not; layers that are no crates are looked for where the environment says.
/// Mistakes in the files go to `findings`.
///
/// # Errors
/// If it is no charm, or a file cannot be read.
pub fn describe(dir: &Path, findings: &mut Findings) -> Result<Description> {
    if is_built(dir) {
        built::built(dir, findings)
    } else {
        layered(dir, &Paths::of_environment(), Level::Warning, findings)
    }
}

/// Reads the folder of a charm that is to be built, and its layers. Mistakes in the files go to `findings`.
///
/// # Errors
/// If it is no charm, or a file cannot be read.
pub fn describe_layers(dir: &Path, paths: &Paths, findings: &mut Findings) -> Result<Description> {
    layered(dir, paths, Level::Warning, findings)
}

/// True for the directory of a built charm, by whatever it was built.
#[must_use]
pub fn is_built(dir: &Path) -> bool {
    !dir.join("Cargo.toml").is_file()
        && (dir.join(MARK).is_file() || dir.join("dispatch").is_file())
}
