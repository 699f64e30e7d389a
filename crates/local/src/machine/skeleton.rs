//! The skeleton: a layer of this user's own folders over the host's, for machines made without root.
//!
//! Without root the host's folders belong to nobody inside a machine, and nothing can be made in them. With
//! an empty folder of ours over each of them every folder is ours, and the host's files still show through.
//! The few plain files that programs edit in place are copied. One skeleton serves all machines.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, DirEntry};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::{OWN, make_opaque};
use super::mounts::{Mount, mounts};
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
/// Files of this name are opened for writing wherever they are, and have nothing in them.
const LOCK: &str = "lock";
/// Files below these are the host's history; a machine starts with empty ones.
const EMPTIED: &str = "var/log";

/// One layer per tree of [`TREES`] that the host has, named after what it was made from: a change in `/etc`
/// makes a new layer of `/etc` alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Skeleton {
    trees: BTreeMap<String, PathBuf>,
}

impl Skeleton {
    /// The skeleton of the host as it is now; what is missing of it is made in `folder`.
    pub(crate) fn current(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).doing(|| format!("make the folder `{}`", folder.display()))?;
        let disks: BTreeSet<PathBuf> = mounts()?
            .into_iter()
            .filter(Mount::is_disk)
            .map(|mount| mount.target)
            .collect();
        let mut trees = BTreeMap::new();
        for tree in TREES {
            let source = Path::new("/").join(tree);
            if source.symlink_metadata().is_ok_and(|found| found.is_dir()) {
                let path = folder.join(format!("{tree}-{:016x}", fingerprint(&source)?));
                make(&source, &path, &disks)?;
                trees.insert(tree.to_owned(), path);
            }
        }
        Ok(Self { trees })
    }

    /// The part of the skeleton that lies over `path` of the host.
    pub(super) fn layer(&self, path: &Path) -> Option<PathBuf> {
        let mut parts = path.strip_prefix("/").unwrap_or(path).components();
        let tree = parts.next()?.as_os_str().to_str()?;
        Some(self.trees.get(tree)?.join(parts.as_path())).filter(|layer| layer.is_dir())
    }

    /// Removes the layers in `folder` that none of `used` stands on.
    pub(crate) fn sweep(folder: &Path, used: &[Self]) -> Result<()> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::io(format!("read `{}`", folder.display()), error)),
        };
        for entry in entries {
            let path = entry
                .doing(|| format!("read `{}`", folder.display()))?
                .path();
            if !used
                .iter()
                .any(|skeleton| skeleton.trees.values().any(|layer| *layer == path))
            {
                remove_own(&path)?;
            }
        }
        Ok(())
    }
}

/// Makes the layer of one tree, unless it is there.
fn make(source: &Path, path: &Path, disks: &BTreeSet<PathBuf>) -> Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let aside = path.with_extension(std::process::id().to_string());
    if aside.exists() {
        remove_own(&aside)?;
    }
    copy_folder(source, &aside, disks, None)?;
    match fs::rename(&aside, path) {
        Ok(()) => Ok(()),
        // Somebody else was quicker with the same one.
        Err(_) if path.is_dir() => remove_own(&aside),
        Err(error) => Err(Error::io(
            format!("put the skeleton at `{}`", path.display()),
            error,
        )),
    }
}

/// Changes whenever the host's packages change, or for `/etc` anything in it.
fn fingerprint(tree: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    "ensign skeleton 3".hash(&mut hasher);
    rustix::process::geteuid().as_raw().hash(&mut hasher);
    if tree == Path::new("/etc") {
        stamp_all(tree, &mut hasher).doing(|| format!("read `{}`", tree.display()))?;
    } else {
        stamp(tree, &mut hasher);
        stamp(Path::new("/var/lib/dpkg/status"), &mut hasher);
    }
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

/// One folder of the skeleton, and those below it. There may be very many files below: they are looked at only
/// where they count.
fn copy_folder(
    source: &Path,
    target: &Path,
    disks: &BTreeSet<PathBuf>,
    device: Option<u64>,
) -> Result<()> {
    let found = match fs::symlink_metadata(source) {
        Ok(found) => found,
        // It went away between the two looks.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(format!("look at `{}`", source.display()), error)),
    };
    if device.is_some_and(|device| device != found.dev()) && !disks.contains(source) {
        // A container's files, a tmpfs: no part of this tree.
        return Ok(());
    }
    make_folder(target, found.permissions().mode() & 0o7777 | 0o700)?;
    if OWN.iter().any(|own| below_root(source) == Path::new(own)) {
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
        if kind.is_dir() {
            copy_folder(&from, &to, disks, Some(found.dev()))?;
        } else if kind.is_file() {
            copy_file(&from, &to)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let name = below_root(from);
    let below = |folders: &[&str]| folders.iter().any(|folder| name.starts_with(folder));
    let is_lock = name.file_name().is_some_and(|name| name == LOCK);
    let emptied = below(&[EMPTIED]) || is_lock && name.starts_with("var");
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

/// The path from `/`.
fn below_root(path: &Path) -> &Path {
    path.strip_prefix("/").unwrap_or(path)
}
