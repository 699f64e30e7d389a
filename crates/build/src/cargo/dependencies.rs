//! The crates that a charm depends on: some of them are layers.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, PackageId, TargetKind};

use super::package::read;
use crate::error::{Doing, Error, Result};

/// A crate that is linked into the charm, or could be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package's name.
    pub(crate) package: String,
    /// Its version.
    pub(crate) version: String,
    /// Its library, as Rust code names it.
    pub(crate) lib: Option<String>,
    /// The folder of its `Cargo.toml`.
    pub(crate) dir: PathBuf,
}

/// All crates that the charm depends on, directly or not; tests and build scripts do not count. Sorted by name.
pub(crate) fn dependencies(manifest: &Path) -> Result<Vec<Dependency>> {
    // What other systems need is not fetched.
    let triple = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
    let metadata = read(manifest, &["--filter-platform", &triple])?;
    let here =
        std::fs::canonicalize(manifest).doing(|| format!("find `{}`", manifest.display()))?;
    let charm = metadata.packages.iter().find(|package| {
        std::fs::canonicalize(&package.manifest_path).is_ok_and(|path| path == here)
    });
    let (Some(charm), Some(graph)) = (charm, &metadata.resolve) else {
        return Ok(Vec::new());
    };
    let mut seen: BTreeSet<&PackageId> = BTreeSet::new();
    let mut left = vec![&charm.id];
    while let Some(id) = left.pop() {
        let Some(node) = graph.nodes.iter().find(|node| node.id == *id) else {
            continue;
        };
        for next in &node.deps {
            let normal = |kind: &cargo_metadata::DepKindInfo| kind.kind == DependencyKind::Normal;
            if next.dep_kinds.iter().any(normal) && seen.insert(&next.pkg) {
                left.push(&next.pkg);
            }
        }
    }
    let mut all: Vec<Dependency> = metadata
        .packages
        .iter()
        .filter(|package| seen.contains(&package.id))
        .map(describe)
        .collect();
    all.sort_by(|a, b| (&a.package, &a.version).cmp(&(&b.package, &b.version)));
    Ok(all)
}

/// The crate of a `Cargo.toml`.
pub(crate) fn library_of(manifest: &Path) -> Result<Dependency> {
    let metadata = read(manifest, &["--no-deps"])?;
    let here =
        std::fs::canonicalize(manifest).doing(|| format!("find `{}`", manifest.display()))?;
    let found = metadata.packages.iter().find(|package| {
        std::fs::canonicalize(&package.manifest_path).is_ok_and(|path| path == here)
    });
    found.map(describe).ok_or_else(|| Error::Manifest {
        path: manifest.to_owned(),
        why: "it holds no package".into(),
        hint: "name the folder of the layer's own crate".into(),
    })
}

fn describe(package: &cargo_metadata::Package) -> Dependency {
    Dependency {
        package: package.name.to_string(),
        version: package.version.to_string(),
        lib: package
            .targets
            .iter()
            .find(|target| target.kind.contains(&TargetKind::Lib))
            .map(|target| target.name.replace('-', "_")),
        dir: package
            .manifest_path
            .parent()
            .map(PathBuf::from)
            .unwrap_or_default(),
    }
}
