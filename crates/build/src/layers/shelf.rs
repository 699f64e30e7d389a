//! Where layers are looked for: the charm's Cargo dependencies, then folders.

use std::path::{Path, PathBuf};

use crate::cargo::{Dependency, dependencies};
use crate::error::Result;
use crate::schema::IncludeKind;

/// The folders with layers and with interface layers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paths {
    /// Folders with layers, each with the variable that names it.
    pub layers: Vec<(PathBuf, String)>,
    /// Folders with interface layers.
    pub interfaces: Vec<(PathBuf, String)>,
}

impl Paths {
    /// `CHARM_LAYERS_DIR` and `LAYER_PATH`, `CHARM_INTERFACES_DIR` and `INTERFACE_PATH`: folders with `:` between.
    #[must_use]
    pub fn of_environment() -> Self {
        let read = |names: [&str; 2]| {
            let of = |name: &str| {
                let value = std::env::var_os(name).unwrap_or_default();
                std::env::split_paths(&value)
                    .filter(|path| !path.as_os_str().is_empty())
                    .map(|path| (path, name.to_owned()))
                    .collect::<Vec<_>>()
            };
            names.into_iter().flat_map(of).collect()
        };
        Self {
            layers: read(["CHARM_LAYERS_DIR", "LAYER_PATH"]),
            interfaces: read(["CHARM_INTERFACES_DIR", "INTERFACE_PATH"]),
        }
    }

    /// With one folder of layers and one of interface layers.
    #[must_use]
    pub fn of(layers: &Path, interfaces: &Path) -> Self {
        Self {
            layers: vec![(layers.to_owned(), "LAYER_PATH".to_owned())],
            interfaces: vec![(interfaces.to_owned(), "INTERFACE_PATH".to_owned())],
        }
    }
}

/// What layers can be taken from.
#[derive(Debug)]
pub(crate) struct Shelf<'a> {
    manifest: Option<PathBuf>,
    paths: &'a Paths,
    crates: Option<Vec<Dependency>>,
}

/// A layer on the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Crate(Dependency),
    Folder(PathBuf, String),
}

impl Item {
    pub(crate) fn dir(&self) -> &Path {
        match self {
            Self::Crate(dependency) => &dependency.dir,
            Self::Folder(dir, _) => dir,
        }
    }
}

impl<'a> Shelf<'a> {
    /// For the charm in `dir`.
    pub(crate) fn new(dir: &Path, paths: &'a Paths) -> Self {
        let manifest = Some(dir.join("Cargo.toml")).filter(|path| path.is_file());
        Self {
            manifest,
            paths,
            crates: None,
        }
    }

    /// All that have this name: crates if there are any, else folders. Cargo is asked once, and only when needed.
    pub(crate) fn find(&mut self, kind: IncludeKind, name: &str) -> Result<Vec<Item>> {
        let crates: Vec<Item> = self
            .crates()?
            .iter()
            .filter(|krate| layer_name(krate) == Some((kind, name.to_owned())))
            .cloned()
            .map(Item::Crate)
            .collect();
        if !crates.is_empty() {
            return Ok(crates);
        }
        let mut found: Vec<Item> = Vec::new();
        for (folder, variable) in self.folders(kind) {
            for candidate in [name.to_owned(), format!("{}-{name}", kind.prefix())] {
                let path = folder.join(candidate);
                let same = |item: &Item| matches!((item.dir().canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b);
                if path.is_dir() && !found.iter().any(same) {
                    found.push(Item::Folder(path, variable.clone()));
                }
            }
        }
        Ok(found)
    }

    /// Where layers of that kind are looked for, in words.
    pub(crate) fn places(&self, kind: IncludeKind) -> String {
        let (variable, folders) = match kind {
            IncludeKind::Layer => ("LAYER_PATH", &self.paths.layers),
            IncludeKind::Interface => ("INTERFACE_PATH", &self.paths.interfaces),
        };
        if folders.is_empty() {
            return format!("a folder of `{variable}`, which is not set");
        }
        let all: Vec<String> = folders
            .iter()
            .map(|(path, _)| path.display().to_string())
            .collect();
        format!("a folder of `{variable}`, now {}", all.join(", "))
    }

    fn folders(&self, kind: IncludeKind) -> &[(PathBuf, String)] {
        match kind {
            IncludeKind::Layer => &self.paths.layers,
            IncludeKind::Interface => &self.paths.interfaces,
        }
    }

    fn crates(&mut self) -> Result<&[Dependency]> {
        if self.crates.is_none() {
            let found = match &self.manifest {
                Some(manifest) => dependencies(manifest)?,
                None => Vec::new(),
            };
            self.crates = Some(found);
        }
        Ok(self.crates.as_deref().unwrap_or_default())
    }
}

/// The layer that a crate is: its package's name without `ensign-`, `layer-` and `interface-`.
fn layer_name(krate: &Dependency) -> Option<(IncludeKind, String)> {
    let own = krate
        .package
        .strip_prefix("ensign-")
        .unwrap_or(&krate.package);
    let interface = krate.dir.join("interface.yaml").is_file();
    let (kind, name) = if let Some(name) = own.strip_prefix("interface-") {
        (IncludeKind::Interface, name)
    } else if interface {
        (IncludeKind::Interface, own)
    } else {
        (
            IncludeKind::Layer,
            own.strip_prefix("layer-").unwrap_or(own),
        )
    };
    (interface || krate.dir.join("layer.yaml").is_file()).then(|| (kind, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(package: &str, file: &str) -> Option<(IncludeKind, String)> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(file), "").unwrap();
        layer_name(&Dependency {
            package: package.into(),
            version: "1.0.0".into(),
            lib: None,
            dir: dir.path().into(),
        })
    }

    #[test]
    fn a_crate_is_the_layer_that_its_package_is_named_after() {
        let layer = |name: &str| Some((IncludeKind::Layer, name.to_owned()));
        let interface = |name: &str| Some((IncludeKind::Interface, name.to_owned()));
        assert_eq!(name("layer-apt", "layer.yaml"), layer("apt"));
        assert_eq!(name("ensign-layer-status", "layer.yaml"), layer("status"));
        assert_eq!(name("redis", "layer.yaml"), layer("redis"));
        assert_eq!(name("interface-http", "interface.yaml"), interface("http"));
        assert_eq!(name("interface-http", "layer.yaml"), interface("http"));
        assert_eq!(name("http", "interface.yaml"), interface("http"));
        assert_eq!(name("serde", "Cargo.toml"), None);
    }
}
