//! A charm's files, put in place of those of the charm before.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::layout::Layout;
use crate::charm::{copy_file, files};
use crate::error::{Doing, Error, Result};
use crate::folder::set_mode;

/// Puts the charm in `source` in place. What the charm before brought and this one does not is removed; what
/// neither brought (the unit's state) stays. Interrupted, it can be done again.
pub(super) fn deploy(source: &Path, layout: &Layout) -> Result<()> {
    let new: BTreeSet<PathBuf> = files(source)?.into_iter().collect();
    let old = manifest(&layout.manifest)?;
    // Until this one is in place both have brought something.
    write_manifest(&layout.manifest, old.union(&new))?;
    make_folders(source, &layout.charm)?;
    for name in &new {
        put(&source.join(name), &layout.charm.join(name))?;
        if name.starts_with("hooks") && name.components().count() == 2 {
            make_executable(&layout.charm.join(name))?;
        }
    }
    for name in old.difference(&new) {
        remove(&layout.charm, name)?;
    }
    write_manifest(&layout.manifest, new.iter())
}

/// Replaces one file as a whole: a process may be running the old one.
fn put(from: &Path, to: &Path) -> Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(to.file_name().unwrap_or_default());
    name.push(".ensign-new");
    let aside = to.with_file_name(name);
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io(format!("remove `{}`", aside.display()), error));
        }
        _ => {}
    }
    copy_file(from, &aside)?;
    if to.symlink_metadata().is_ok_and(|found| found.is_dir()) {
        fs::remove_dir_all(to).doing(|| format!("remove `{}`", to.display()))?;
    }
    fs::rename(&aside, to).doing(|| format!("replace `{}`", to.display()))
}

fn make_folders(from: &Path, to: &Path) -> Result<()> {
    match to.symlink_metadata() {
        Ok(found) if found.is_dir() => {}
        Ok(_) => {
            fs::remove_file(to).doing(|| format!("remove `{}`", to.display()))?;
            fs::create_dir(to).doing(|| format!("make the folder `{}`", to.display()))?;
        }
        Err(_) => fs::create_dir(to).doing(|| format!("make the folder `{}`", to.display()))?,
    }
    let mode = from
        .metadata()
        .doing(|| format!("look at `{}`", from.display()))?
        .permissions()
        .mode()
        & 0o7777;
    set_mode(to, mode | 0o700)?;
    for entry in fs::read_dir(from).doing(|| format!("read `{}`", from.display()))? {
        let entry = entry.doing(|| format!("read `{}`", from.display()))?;
        if entry
            .file_type()
            .doing(|| format!("look at `{}`", entry.path().display()))?
            .is_dir()
        {
            make_folders(&entry.path(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Removes a file of the charm before, and the folders that are empty then.
fn remove(charm: &Path, name: &Path) -> Result<()> {
    let path = charm.join(name);
    match fs::remove_file(&path) {
        Ok(()) => {}
        // Gone, or a folder of the new charm stands there.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::IsADirectory
            ) => {}
        Err(error) => return Err(Error::io(format!("remove `{}`", path.display()), error)),
    }
    let mut folder = path.parent();
    while let Some(here) = folder.filter(|here| *here != charm) {
        if fs::remove_dir(here).is_err() {
            break;
        }
        folder = here.parent();
    }
    Ok(())
}

fn make_executable(path: &Path) -> Result<()> {
    let found = path
        .symlink_metadata()
        .doing(|| format!("look at `{}`", path.display()))?;
    if found.is_file() {
        set_mode(path, found.permissions().mode() & 0o7777 | 0o100)
    } else {
        Ok(())
    }
}

fn manifest(path: &Path) -> Result<BTreeSet<PathBuf>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Error::io(format!("read `{}`", path.display()), error)),
    };
    serde_json::from_slice(&text).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        why: error.to_string(),
    })
}

fn write_manifest<'a>(path: &Path, names: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
    let names: Vec<&PathBuf> = names.collect();
    let text = serde_json::to_vec(&names).map_err(|error| Error::Controller(error.to_string()))?;
    let aside = path.with_extension("new");
    fs::write(&aside, text)
        .and_then(|()| fs::rename(&aside, path))
        .doing(|| format!("write `{}`", path.display()))
}
