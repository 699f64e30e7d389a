//! Runs the command in a world of its own, and makes charms for it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder for models and charms that nobody else uses.
pub(crate) struct World {
    dir: TempDir,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ensign"));
        command.current_dir(self.dir.path()).stdin(Stdio::null());
        command.env("ENSIGN_HOME", self.path("home"));
        command.env_remove("JUJU_MODEL").env_remove("NO_COLOR");
        command
    }

    pub(crate) fn ensign<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        Ran::of(self.command().args(arguments).output().unwrap())
    }

    /// A built charm that does nothing in every hook, and a little more: `script` is its `dispatch`.
    pub(crate) fn charm(&self, name: &str, script: &str) -> PathBuf {
        let dir = self.path(name);
        write(
            &dir.join("metadata.yaml"),
            &format!(
                "name: {name}\nsummary: s\ndescription: d\npeers:\n  cluster: {{interface: {name}-peers}}\n"
            ),
        );
        write(
            &dir.join("config.yaml"),
            "options:\n  port: {type: int, default: 80}\n",
        );
        write(&dir.join("dispatch"), &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(dir.join("dispatch"), fs::Permissions::from_mode(0o755)).unwrap();
        dir
    }

    /// The source of a charm with a program that needs no dependencies.
    pub(crate) fn source(&self, name: &str) -> PathBuf {
        let dir = self.path(name);
        write(
            &dir.join("metadata.yaml"),
            &format!("name: {name}\nsummary: s\ndescription: d\n"),
        );
        write(
            &dir.join("Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nedition = \"2021\"\n\n[workspace]\n"),
        );
        write(&dir.join("src/main.rs"), "fn main() {}\n");
        dir
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The command must have worked.
    pub(crate) fn good(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// The command must have failed with this code, and have said nothing on stdout.
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:#?}");
        assert!(self.err.contains("error: "), "{self:#?}");
        self.err
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
