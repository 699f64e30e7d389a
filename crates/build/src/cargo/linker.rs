//! How a charm for Juju is linked: small.

use std::path::{Path, PathBuf};

use super::{Package, Purpose, Target};
use crate::error::{Doing, Result};
use crate::owner;

/// Charms abort when they panic, and report it themselves: nothing reads the tables that unwinding needs, which the
/// standard library brings along all the same. They are a fifth of the program.
const SCRIPT: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.gcc_except_table*) } } INSERT AFTER .rodata;\n";

/// Cargo's arguments for the linker. Rust's own linker leaves out what is not needed and folds functions that are
/// alike; where it is missing, or the charm is for a local model, the system's does.
pub(super) fn arguments(
    package: &Package,
    purpose: Purpose,
    target: &Target,
) -> Result<Vec<String>> {
    let triple = &target.triple;
    if purpose != Purpose::Release {
        return Ok(Vec::new());
    }
    if !triple.ends_with("-musl") || !has_lld(&package.workspace)? {
        // Every handler has a dozen addresses to relocate: packed, they take next to no space.
        let flags = ["-Clink-arg=-Wl,-z,pack-relative-relocs"];
        return Ok(config(&format!("target.{triple}.rustflags={flags:?}")));
    }
    let script = write_script(&package.target_dir)?;
    let flags = [
        "-Clink-self-contained=yes".to_owned(),
        "-Clink-arg=--pack-dyn-relocs=relr".to_owned(),
        "-Clink-arg=--icf=all".to_owned(),
        "-Clink-arg=--no-eh-frame-hdr".to_owned(),
        format!("-Clink-arg=-T{}", script.display()),
    ];
    let mut all = config(&format!("target.{triple}.linker=\"rust-lld\""));
    all.extend(config(&format!("target.{triple}.rustflags={flags:?}")));
    Ok(all)
}

fn config(setting: &str) -> Vec<String> {
    vec!["--config".to_owned(), setting.to_owned()]
}

/// Writes the linker's script where Cargo puts what it builds. One path, one content: a rebuild is not provoked.
fn write_script(target_dir: &Path) -> Result<PathBuf> {
    let folder = target_dir.join("ensign");
    let path = folder.join("charm.ld");
    if std::fs::read_to_string(&path).is_ok_and(|text| text == SCRIPT) {
        return Ok(path);
    }
    owner::make_folder(&folder)?;
    std::fs::write(&path, SCRIPT).doing(|| format!("write `{}`", path.display()))?;
    owner::give(&path)?;
    Ok(path)
}

/// Whether the toolchain brings its own linker; some distributions' do not.
fn has_lld(workspace: &Path) -> Result<bool> {
    let mut command = owner::command("rustc");
    command.args(["--print", "sysroot"]).current_dir(workspace);
    let output = command
        .output()
        .map_err(|error| super::package::no_cargo(&error))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let Ok(hosts) = std::fs::read_dir(sysroot.join("lib/rustlib")) else {
        return Ok(false);
    };
    Ok(hosts
        .flatten()
        .any(|host| host.path().join("bin/rust-lld").is_file()))
}
