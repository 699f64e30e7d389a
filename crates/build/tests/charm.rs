//! A charm in a folder of its own, with a program that needs no dependencies.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use ensign_build::{Built, Error, Finding, Options, Purpose, build};
use tempfile::TempDir;

pub(crate) const METADATA: &str = "name: tiny\nsummary: Tiny\ndescription: A tiny charm\npeers:\n  cluster: {interface: tiny-peers}\n";

/// A charm of its own package: where `CARGO_TARGET_DIR` is set, packages of one name would overwrite each other.
pub(crate) struct Charm {
    dir: TempDir,
}

impl Charm {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        Self::of_package(&format!("tiny-{}", COUNT.fetch_add(1, Ordering::Relaxed)))
    }

    pub(crate) fn of_package(name: &str) -> Self {
        let charm = Self {
            dir: tempfile::tempdir().unwrap(),
        };
        charm.write("metadata.yaml", METADATA);
        let manifest = format!("[package]\nname = \"{name}\"\nedition = \"2021\"\n\n[workspace]\n");
        charm.write("Cargo.toml", &manifest);
        charm.write("src/main.rs", "fn main() {}\n");
        charm
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn executable(&self, path: &str, text: &str) {
        let path = self.write(path, text);
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Where the charm is built.
    pub(crate) fn out(&self) -> PathBuf {
        self.path().join("out")
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            dir: self.path().to_owned(),
            out: Some(self.out()),
            purpose: Purpose::Run,
            pack: true,
            ..Options::default()
        }
    }

    pub(crate) fn build(&self) -> Built {
        build(&self.options(), &mut |_| {}).unwrap()
    }

    pub(crate) fn error(&self) -> Error {
        build(&self.options(), &mut |_| {}).unwrap_err()
    }

    /// The findings of a build that must fail over the charm's files.
    pub(crate) fn mistakes(&self) -> Vec<Finding> {
        match self.error() {
            Error::Files(findings) => findings,
            other => panic!("not about files: {other}"),
        }
    }
}

/// The files below a folder, with the modes that matter.
pub(crate) fn files(dir: &Path) -> Vec<String> {
    let mut all = Vec::new();
    let mut left = vec![dir.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                left.push(path);
            } else {
                all.push(path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    all.sort();
    all
}

pub(crate) fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}
