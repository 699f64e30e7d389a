//! The crate of a charm that has no Rust of its own: one line, written where Cargo's output goes.

use std::path::{Path, PathBuf};

use super::{Package, library_of};
use crate::error::{Doing, Error, Result};
use crate::layers::{Kind, Stack};
use crate::owner;

/// Its name. All such charms may share one: what is linked differs with the layers alone.
const NAME: &str = "ensign-main";

/// Writes the crate for the charm in `dir`, and reads it as Cargo knows it, with the crates that it links. `library`
/// is the folder of the `ensign` library.
pub(crate) fn generate(
    dir: &Path,
    stack: &Stack,
    library: &Path,
) -> Result<(Package, Vec<String>)> {
    let doing = || format!("find `{}`", dir.display());
    let target = std::fs::canonicalize(dir).doing(doing)?.join("target");
    let library = std::fs::canonicalize(library)
        .doing(|| format!("find the library in `{}`", library.display()))?;
    let folder = target.join("ensign/main");
    let mut manifest = format!(
        "# Written by `ensign build`.\n[package]\nname = {NAME:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [workspace]\n\n[dependencies]\nensign = {{ path = {library:?} }}\n"
    );
    let mut crates = Vec::new();
    for layer in stack.all().filter(|layer| layer.kind != Kind::Charm) {
        let own = layer.dir.join("Cargo.toml");
        if layer.dir.as_os_str().is_empty() || !own.is_file() {
            continue;
        }
        let krate = library_of(&own)?;
        manifest.push_str(&format!(
            "{} = {{ path = {:?} }}\n",
            krate.package, krate.dir
        ));
        crates.extend(krate.lib);
    }
    let linked = if crates.is_empty() {
        "ensign".to_owned()
    } else {
        crates.join(", ")
    };
    let config = format!("[build]\ntarget-dir = {target:?}\n");
    write(&folder.join("Cargo.toml"), &manifest)?;
    write(
        &folder.join("src/main.rs"),
        &format!("ensign::main!({linked});\n"),
    )?;
    write(&folder.join(".cargo/config.toml"), &config)?;
    let lock = folder.join("Cargo.lock");
    let known = library.join("Cargo.lock");
    if !lock.is_file() && known.is_file() {
        // The versions that the library was tried with.
        std::fs::copy(&known, &lock).doing(|| format!("write `{}`", lock.display()))?;
    }
    owner::give(&folder)?;
    let package = Package::find(&folder)?.ok_or_else(|| Error::Manifest {
        path: folder.join("Cargo.toml"),
        why: "it is gone".into(),
        hint: "build again".into(),
    })?;
    Ok((package, crates))
}

/// A file that is the same already keeps its time: nothing is compiled for it.
fn write(path: &PathBuf, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        owner::make_folder(folder)?;
    }
    std::fs::write(path, text).doing(|| format!("write `{}`", path.display()))
}
