//! The charm's crate, as Cargo knows it.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, TargetKind};
use serde_json::Value as Json;

use crate::error::{Doing, Error, Result};
use crate::owner;

/// The crate of a charm.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its `Cargo.toml`.
    pub manifest: PathBuf,
    /// The program that becomes `dispatch`.
    pub bin: String,
    /// That program's source file.
    pub main: PathBuf,
    /// The crate that holds the handlers, as Rust code names it; none where the program stands alone.
    pub lib: Option<String>,
    /// Where Cargo puts what it builds.
    pub target_dir: PathBuf,
    /// The root of the workspace.
    pub workspace: PathBuf,
    /// `[package.metadata.ensign] same-files`: files that should be equal on all units.
    pub same_files: Vec<String>,
}

impl Package {
    /// The crate in the folder of a charm; none where there is no `Cargo.toml`.
    ///
    /// # Errors
    /// If Cargo cannot read the manifest, or the crate has no program, or several.
    pub fn find(dir: &Path) -> Result<Option<Self>> {
        let manifest = dir.join("Cargo.toml");
        if !manifest.is_file() {
            return Ok(None);
        }
        let metadata = read(&manifest, &["--no-deps"])?;
        let unusable = |why: &str, hint: &str| Error::Manifest {
            path: manifest.clone(),
            why: why.into(),
            hint: hint.into(),
        };
        let here =
            std::fs::canonicalize(&manifest).doing(|| format!("find `{}`", manifest.display()))?;
        let package = metadata
            .packages
            .iter()
            .find(|package| {
                std::fs::canonicalize(&package.manifest_path).is_ok_and(|path| path == here)
            })
            .ok_or_else(|| {
                unusable(
                    "it holds no package",
                    "name the folder of the charm's own crate",
                )
            })?;
        let of_kind = |kind: TargetKind| {
            package
                .targets
                .iter()
                .filter(move |t| t.kind.contains(&kind))
        };
        let wanted = package
            .default_run
            .as_deref()
            .unwrap_or(package.name.as_str());
        let bin = of_kind(TargetKind::Bin)
            .find(|t| t.name == wanted)
            .or_else(|| {
                let mut all = of_kind(TargetKind::Bin);
                all.next().filter(|_| all.next().is_none())
            });
        let Some(bin) = bin else {
            let hint = "give the crate a `src/main.rs` with one line, `ensign::main!(…);`; with several programs, name one in `default-run`";
            return Err(unusable(
                "the crate has no program that could be the charm",
                hint,
            ));
        };
        let same = package
            .metadata
            .get("ensign")
            .and_then(|table| table.get("same-files"));
        let same_files = match same {
            None => Vec::new(),
            Some(list) => texts(list).ok_or_else(|| {
                unusable(
                    "`package.metadata.ensign.same-files` is no list of texts",
                    "write a list of paths",
                )
            })?,
        };
        Ok(Some(Self {
            name: package.name.to_string(),
            manifest: here,
            bin: bin.name.clone(),
            main: bin.src_path.clone().into(),
            lib: of_kind(TargetKind::Lib)
                .next()
                .map(|t| t.name.replace('-', "_")),
            target_dir: metadata.target_directory.clone().into(),
            workspace: metadata.workspace_root.clone().into(),
            same_files,
        }))
    }
}

fn texts(list: &Json) -> Option<Vec<String>> {
    list.as_array()?
        .iter()
        .map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// `cargo metadata` with these arguments.
pub(super) fn read(manifest: &Path, arguments: &[&str]) -> Result<Metadata> {
    let mut command = owner::command("cargo");
    let path =
        std::fs::canonicalize(manifest).doing(|| format!("find `{}`", manifest.display()))?;
    command
        .args(["metadata", "--format-version", "1"])
        .args(arguments)
        .arg("--manifest-path")
        .arg(&path);
    // Cargo's configuration and rustup's toolchain go by the folder.
    command.current_dir(path.parent().unwrap_or(Path::new("/")));
    let output = command.output().map_err(|error| no_cargo(&error))?;
    let failed = |why: String| Error::Manifest {
        path: manifest.to_owned(),
        why,
        hint: "`cargo metadata` in the charm's folder must succeed".into(),
    };
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(failed(text.trim().trim_start_matches("error: ").to_owned()));
    }
    MetadataCommand::parse(String::from_utf8_lossy(&output.stdout))
        .map_err(|error| failed(error.to_string()))
}

/// Why `cargo` did not start.
pub(super) fn no_cargo(error: &std::io::Error) -> Error {
    let hint = if error.kind() == std::io::ErrorKind::NotFound {
        "install Rust from https://rustup.rs, or add ~/.cargo/bin to `PATH`".to_owned()
    } else {
        format!("it cannot be started: {error}")
    };
    Error::Missing {
        program: "cargo".into(),
        hint,
    }
}

#[cfg(test)]
impl Package {
    /// A package that exists only as far as its `main.rs`.
    pub(crate) fn for_test(main: &Path, lib: &str) -> Self {
        Self {
            name: lib.into(),
            manifest: main.with_file_name("Cargo.toml"),
            bin: lib.into(),
            main: main.into(),
            lib: Some(lib.into()),
            target_dir: PathBuf::new(),
            workspace: PathBuf::new(),
            same_files: Vec::new(),
        }
    }
}
