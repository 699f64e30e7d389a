//! Writes the charm's directory: aside first, then into its place, so that no build is ever half there.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::{Content, Tree};
use crate::error::{Doing, Error, Result};
use crate::owner;

/// The file by which a build knows its own output.
pub(crate) const MARK: &str = ".build.manifest";

/// Refuses to replace a folder that no build has written, or that holds the author's files.
pub(crate) fn replaceable(place: &Path, source: &Path) -> Result<()> {
    let Ok(found) = fs::symlink_metadata(place) else {
        return Ok(());
    };
    let around = match (fs::canonicalize(place), fs::canonicalize(source)) {
        (Ok(place), Ok(source)) => source.starts_with(place),
        _ => false,
    };
    if !around && found.is_dir() && place.join(MARK).is_file() {
        return Ok(());
    }
    Err(Error::Foreign(place.to_owned()))
}

/// Held while a build writes to a folder: two builds of one charm take turns.
#[derive(Debug)]
pub(crate) struct Turn {
    _file: File,
}

/// Waits for other builds that write to `out`, which is made if need be.
pub(crate) fn turn(out: &Path) -> Result<Turn> {
    owner::make_folder(out)?;
    let doing = || format!("lock the folder `{}`", out.display());
    let file = File::open(out).doing(doing)?;
    file.lock().doing(doing)?;
    Ok(Turn { _file: file })
}

/// Writes all files to `place`, which is replaced.
pub(crate) fn write(tree: &Tree, place: &Path) -> Result<()> {
    let (new, old) = (aside(place, "new"), aside(place, "old"));
    remove(&new)?;
    remove(&old)?;
    fill(tree, &new)?;
    owner::give(&new)?;
    let moving = || format!("move the charm to `{}`", place.display());
    if place.exists() {
        fs::rename(place, &old).doing(moving)?;
    }
    fs::rename(&new, place).doing(moving)?;
    remove(&old)
}

fn aside(place: &Path, what: &str) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.{what}"))
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).doing(|| format!("remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

fn fill(tree: &Tree, root: &Path) -> Result<()> {
    make(root)?;
    for (path, leaf) in tree.files() {
        let place = root.join(path);
        let doing = || format!("write `{}`", place.display());
        for folder in Path::new(path)
            .ancestors()
            .skip(1)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
        {
            if !folder.as_os_str().is_empty() {
                make(&root.join(folder))?;
            }
        }
        match &leaf.content {
            Content::Link(target) => symlink(target, &place).doing(doing)?,
            Content::Text(text) | Content::Script(text) => {
                fs::write(&place, text).doing(doing)?;
            }
            Content::Copy(from, _) => drop(fs::copy(from, &place).doing(doing)?),
        }
        if !matches!(leaf.content, Content::Link(_)) {
            fs::set_permissions(
                &place,
                fs::Permissions::from_mode(leaf.content.mode() & 0o777),
            )
            .doing(doing)?;
        }
    }
    Ok(())
}

/// A folder of mode 0755, whatever the umask.
fn make(path: &Path) -> Result<()> {
    let doing = || format!("make the folder `{}`", path.display());
    match fs::create_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        result => {
            result.doing(doing)?;
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).doing(doing)
        }
    }
}
