//! How a charm for Juju is linked: small.

use std::path::{Path, PathBuf};

use super::{Package, Purpose, Target};
use crate::error::{Doing, Result};
use crate::owner;

/// Charms abort when they panic, and report it themselves: nothing reads the tables that unwinding needs, which the
/// standard library brings along all the same. They are a fifth of the program.
///
/// Without them nothing can be unwound, so what would read them stays out as well. Whoever asks for a backtrace gets an
/// empty one: `abs` returns at once, and what it returns is not looked at. The rest is only called while one is made.
const SCRIPT: &str =
    "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.gcc_except_table*) } } INSERT AFTER .rodata;
_Unwind_Backtrace = abs;
_Unwind_FindEnclosingFunction = abort;
_Unwind_GetCFA = abort;
_Unwind_GetDataRelBase = abort;
_Unwind_GetIP = abort;
_Unwind_GetIPInfo = abort;
_Unwind_GetLanguageSpecificData = abort;
_Unwind_GetRegionStart = abort;
_Unwind_GetTextRelBase = abort;
_Unwind_Resume = abort;
_Unwind_SetGR = abort;
_Unwind_SetIP = abort;
";

/// Cargo's arguments for the linker, and for the optimisation across crates that is done when linking.
///
/// Rust's own linker leaves out what is not needed, folds functions that are alike, and remembers each crate's part of
/// the optimisation: after a change of the charm only the charm's own is done again. Where it is missing, the compiler
/// optimises all of it at once, and the system's linker links; that one links for a local model, too.
pub(super) fn arguments(
    package: &Package,
    purpose: Purpose,
    target: &Target,
) -> Result<Vec<String>> {
    let triple = &target.triple;
    if purpose != Purpose::Release {
        return Ok(Vec::new());
    }
    // Cargo takes the compiler's arguments from one place only, and from these before ours.
    let own_flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"].map(std::env::var_os);
    if !triple.ends_with("-musl")
        || own_flags.iter().any(Option::is_some)
        || !has_lld(&package.workspace)?
    {
        // Every handler has a dozen addresses to relocate: packed, they take next to no space.
        let flags = ["-Clink-arg=-Wl,-z,pack-relative-relocs"];
        let mut all = config(&format!("target.{triple}.rustflags={flags:?}"));
        all.extend(config("profile.release.lto=\"fat\""));
        return Ok(all);
    }
    let folder = package.target_dir.join("ensign");
    let script = write_script(&folder)?;
    let cache = folder.join("lto");
    let flags = [
        "-Clink-self-contained=yes".to_owned(),
        "-Clinker-plugin-lto".to_owned(),
        format!("-Clink-arg=--thinlto-cache-dir={}", cache.display()),
        "-Clink-arg=--pack-dyn-relocs=relr".to_owned(),
        "-Clink-arg=--icf=all".to_owned(),
        "-Clink-arg=--no-eh-frame-hdr".to_owned(),
        format!("-Clink-arg=-T{}", script.display()),
    ];
    let mut all = config(&format!("target.{triple}.linker=\"rust-lld\""));
    all.extend(config(&format!("target.{triple}.rustflags={flags:?}")));
    all.extend(config("profile.release.lto=\"off\""));
    Ok(all)
}

fn config(setting: &str) -> Vec<String> {
    vec!["--config".to_owned(), setting.to_owned()]
}

/// Writes the linker's script where Cargo puts what it builds. One path, one content: a rebuild is not provoked.
fn write_script(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("charm.ld");
    if std::fs::read_to_string(&path).is_ok_and(|text| text == SCRIPT) {
        return Ok(path);
    }
    owner::make_folder(folder)?;
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
