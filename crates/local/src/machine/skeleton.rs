//! The skeleton: a layer of this user's own folders over the host's, for machines made without root.
//!
//! Without root the host's folders belong to nobody inside a machine, and nothing can be made in them. With
//! an empty folder of ours over each of them every folder is ours, and the host's files still show through.
//! The few plain files that programs edit in place are copied. One skeleton serves all machines.

use std::fs::{self, DirEntry};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::disk::{OWN, make_opaque};
use super::tree::{make_folder, remove_own};
use crate::error::{Doing, Error, Result};
use crate::folder::set_mode;

/// Top-level folders of an operating system, where they are folders and not links.
pub(super) const TREES: [&str; 10] = [
    "etc", "var", "usr", "opt", "srv", "bin", "sbin", "lib", "lib32", "lib64",
];
/// Files below these are copied: programs edit them in place.
const COPIED: [&str; 4] = ["etc", "var/lib/dpkg", "var/lib/apt", "var/cache/debconf"];
/// But not below these.
const NOT_COPIED: [&str; 2] = ["var/lib/dpkg/info", "var/lib/apt/lists"];
/// Files below these are the host's history; a machine starts with empty ones.
const EMPTIED: &str = "var/log";

/// The folder with one subfolder per tree of [`TREES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Skeleton {
    /// Named after what it was made from.
    pub(crate) path: PathBuf,
}

impl Skeleton {
    /// The skeleton of the host as it is now, made in `folder` unless it is there.
    pub(crate) fn current(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).doing(|| format!("make the folder `{}`", folder.display()))?;
        let path = folder.join(format!("{:016x}", fingerprint()?));
        if path.is_dir() {
            return Ok(Self { path });
        }
        let aside = folder.join(format!(".{}", std::process::id()));
        if aside.exists() {
            remove_own(&aside)?;
        }
        make_folder(&aside, 0o755)?;
        for tree in TREES {
            let source = Path::new("/").join(tree);
            if source.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                copy_folder(&source, &aside.join(tree), Path::new(tree), None)?;
            }
        }
        match fs::rename(&aside, &path) {
            Ok(()) => Ok(Self { path }),
            // Somebody else was quicker with the same one.
            Err(_) if path.is_dir() => remove_own(&aside).map(|()| Self { path }),
            Err(error) => Err(Error::io(
                format!("put the skeleton at `{}`", path.display()),
                error,
            )),
        }
    }

    /// Removes the skeletons in `folder` that are not in `used`.
    pub(crate) fn sweep(folder: &Path, used: &[PathBuf]) -> Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io(format!("read `{}`", folder.display()), error)),
        };
        for entry in entries {
            let path = entry
                .doing(|| format!("read `{}`", folder.display()))?
                .path();
            if !used.contains(&path) {
                remove_own(&path)?;
            }
        }
        Ok(())
    }
}

/// Changes whenever the host's packages or its `/etc` do.
fn fingerprint() -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    "ensign skeleton 1".hash(&mut hasher);
    rustix::process::geteuid().as_raw().hash(&mut hasher);
    for path in ["/var/lib/dpkg/status", "/usr", "/opt", "/srv", "/var"] {
        stamp(path.as_ref(), &mut hasher);
    }
    stamp_all(Path::new("/etc"), &mut hasher).doing(|| "read `/etc`".into())?;
    Ok(hasher.finish())
}

fn stamp(path: &Path, hasher: &mut DefaultHasher) {
    if let Ok(found) = path.symlink_metadata() {
        (
            path,
            found.mtime(),
            found.mtime_nsec(),
            found.size(),
            found.mode(),
        )
            .hash(hasher);
    }
}

fn stamp_all(folder: &Path, hasher: &mut DefaultHasher) -> io::Result<()> {
    stamp(folder, hasher);
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut all = entries.collect::<io::Result<Vec<DirEntry>>>()?;
    all.sort_by_key(DirEntry::file_name);
    for entry in all {
        if entry.file_type()?.is_dir() {
            stamp_all(&entry.path(), hasher)?;
        } else {
            stamp(&entry.path(), hasher);
        }
    }
    Ok(())
}

/// One folder of the skeleton, and those below it; `name` is its path from `/`. There may be very many files
/// below: they are looked at only where they count.
fn copy_folder(source: &Path, target: &Path, name: &Path, device: Option<u64>) -> Result<()> {
    let found = match fs::symlink_metadata(source) {
        Ok(found) => found,
        // It went away between the two looks.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(format!("look at `{}`", source.display()), error)),
    };
    if device.is_some_and(|device| device != found.dev()) {
        // What is mounted there is no part of this tree.
        return Ok(());
    }
    make_folder(target, found.permissions().mode() & 0o7777 | 0o700)?;
    if OWN.iter().any(|own| name == Path::new(own)) {
        return make_opaque(target, true);
    }
    let entries = match fs::read_dir(source) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return make_opaque(target, true);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(format!("read `{}`", source.display()), error)),
    };
    for entry in entries {
        let entry = entry.doing(|| format!("read `{}`", source.display()))?;
        let kind = entry
            .file_type()
            .doing(|| format!("look at `{}`", entry.path().display()))?;
        let (from, to) = (entry.path(), target.join(entry.file_name()));
        let name = name.join(entry.file_name());
        if kind.is_dir() {
            copy_folder(&from, &to, &name, Some(found.dev()))?;
        } else if kind.is_file() {
            copy_file(&from, &to, &name)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path, name: &Path) -> Result<()> {
    let below = |folders: &[&str]| folders.iter().any(|folder| name.starts_with(folder));
    let emptied = below(&[EMPTIED]);
    if !emptied && (!below(&COPIED) || below(&NOT_COPIED)) {
        return Ok(());
    }
    let mode = match from.symlink_metadata() {
        Ok(found) => found.permissions().mode() & 0o7777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(format!("look at `{}`", from.display()), error)),
    };
    let copied = if emptied {
        fs::write(to, b"")
    } else {
        fs::copy(from, to).map(drop)
    };
    match copied {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            fs::write(to, b"").doing(|| format!("write `{}`", to.display()))?;
        }
        Err(error) => return Err(Error::io(format!("copy `{}`", from.display()), error)),
    }
    set_mode(to, mode | 0o600)
}
