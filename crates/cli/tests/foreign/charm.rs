//! A charm directory, put together from what lies here and what came from PyPI.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use ensign_build::{Findings, describe};
use ensign_local::Charm;
use ensign_model::Documents;
use serde_json::json;

/// The hooks for which a layered charm has a file.
const HOOKS: [&str; 15] = [
    "install",
    "config-changed",
    "start",
    "stop",
    "remove",
    "update-status",
    "upgrade-charm",
    "leader-elected",
    "leader-settings-changed",
    "secret-changed",
    "secret-remove",
    "cluster-relation-created",
    "cluster-relation-joined",
    "cluster-relation-changed",
    "cluster-relation-departed",
];

/// The charm of this name below `folder`; `version` is what it calls itself.
pub(crate) fn assemble(name: &str, version: &str, folder: &Path) -> Charm {
    let dir = folder.join(format!("{name}-{version}"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/foreign/charms")
        .join(name);
    copy(&source, &dir);
    fs::write(dir.join("version"), format!("{version}\n")).unwrap();
    match name {
        "ops-charm" => copy(&packages("ops"), &dir.join("venv")),
        "reactive-charm" => {
            copy(&packages("reactive").join("."), &dir.join("lib"));
            link_hooks(&dir, "../hook.template");
        }
        _ => link_hooks(&dir, "hook.sh"),
    }
    let mut findings = Findings::default();
    let described = describe(&dir, &mut findings).unwrap();
    assert!(!findings.has_errors(), "{findings:?}");
    let documents = Documents {
        metadata: serde_json::to_value(&described.metadata).unwrap(),
        config: json!({"options": described.config}),
        actions: json!(described.actions),
    };
    let mut info = documents.charm(version).unwrap();
    info.base = described
        .bases
        .first()
        .map(ensign_build::schema::Base::short);
    Charm { info, dir }
}

/// Where `scripts/foreign` has put the packages of a framework.
fn packages(framework: &str) -> PathBuf {
    let Some(folder) = std::env::var_os("ENSIGN_FOREIGN") else {
        panic!("ENSIGN_FOREIGN is not set: run `scripts/foreign`, which installs the frameworks");
    };
    Path::new(&folder).join(framework)
}

/// Copies a folder, modes and links too. By `cp`: it is there, and knows more of files than we need to.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-rT").arg(from).arg(to).status();
    assert!(copied.unwrap().success(), "copying {}", from.display());
}

/// One program for all hooks, found under the name of each.
fn link_hooks(dir: &Path, program: &str) {
    let path = dir.join("hooks").join(program);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    for hook in HOOKS {
        std::os::unix::fs::symlink(program, dir.join("hooks").join(hook)).unwrap();
    }
}
