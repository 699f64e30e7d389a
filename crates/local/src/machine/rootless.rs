//! A machine's files without root: a tmpfs root with one overlay per tree, over the skeleton.
//!
//! A user namespace may not use a folder as lower layer when something is mounted below it. Such a folder
//! becomes a plain one, kept on the machine's disk, and its children are overlaid one level down.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, mount_bind};

use super::disk::Disk;
use super::mounts::{Mount, mounts};
use super::overlay::Overlay;
use super::skeleton::{Skeleton, TREES};
use super::tree::make_folder;
use crate::error::{Doing, Result};

/// Mounts the machine's root and gives back where.
pub(super) fn assemble(disk: &Disk, skeleton: &Skeleton) -> Result<PathBuf> {
    let maker = Maker {
        disk,
        skeleton,
        root: disk.root()?,
        mounts: mounts()?,
    };
    rustix::mount::mount(
        "tmpfs",
        &maker.root,
        "tmpfs",
        MountFlags::empty(),
        c"mode=755",
    )
    .doing(|| format!("mount a tmpfs on `{}`", maker.root.display()))?;
    for tree in TREES {
        let path = Path::new("/").join(tree);
        let Ok(found) = path.symlink_metadata() else {
            continue;
        };
        let target = maker.inside(&path);
        if found.is_symlink() {
            let link =
                fs::read_link(&path).doing(|| format!("read the link `{}`", path.display()))?;
            symlink(link, &target).doing(|| format!("link `{}`", target.display()))?;
        } else if found.is_dir() {
            make_folder(&target, 0o755)?;
            maker.show(&path)?;
        }
    }
    for (own, mode) in [("home", 0o755), ("root", 0o700)] {
        let path = Path::new("/").join(own);
        let target = maker.inside(&path);
        make_folder(&target, mode)?;
        maker.show_plain(&path, mode)?;
    }
    for empty in ["mnt", "media", "proc", "sys", "dev", "run", "tmp"] {
        make_folder(&maker.root.join(empty), 0o755)?;
    }
    Ok(maker.root)
}

struct Maker<'a> {
    disk: &'a Disk,
    skeleton: &'a Skeleton,
    root: PathBuf,
    mounts: Vec<Mount>,
}

impl Maker<'_> {
    /// Shows the host's folder `path` at the same place of the machine, where its mount point stands.
    fn show(&self, path: &Path) -> Result<()> {
        let mode = mode_of(path);
        if self
            .mounts
            .iter()
            .any(|mount| mount.target != path && mount.target.starts_with(path))
        {
            self.show_plain(path, mode)?;
            return self.show_children(path);
        }
        let layer = self.skeleton.layer(path);
        let (upper, work) = self.disk.layer(path, mode)?;
        let target = self.inside(path);
        let lower: Vec<&Path> = layer.as_deref().into_iter().chain([path]).collect();
        Overlay {
            lower: &lower,
            upper: &upper,
            work: &work,
            user: true,
        }
        .mount(&target)
        .doing(|| format!("mount the overlay on `{}`", target.display()))
    }

    /// A folder of the machine's own disk.
    fn show_plain(&self, path: &Path, mode: u32) -> Result<()> {
        let plain = self.disk.plain(path, mode)?;
        let target = self.inside(path);
        mount_bind(&plain, &target)
            .doing(|| format!("mount `{}` on `{}`", plain.display(), target.display()))
    }

    /// What is in a folder with mounts below: its own files copied once, its folders one by one.
    fn show_children(&self, path: &Path) -> Result<()> {
        let Ok(entries) = fs::read_dir(path) else {
            return Ok(());
        };
        for entry in entries {
            let from = entry.doing(|| format!("read `{}`", path.display()))?.path();
            let target = self.inside(&from);
            let Ok(found) = from.symlink_metadata() else {
                continue;
            };
            if found.is_dir() {
                make_folder(&target, 0o755)?;
                if self.is_shown(&from) {
                    self.show(&from)?;
                }
            } else if target.symlink_metadata().is_err() {
                if found.is_symlink() {
                    let link = fs::read_link(&from)
                        .doing(|| format!("read the link `{}`", from.display()))?;
                    symlink(link, &target).doing(|| format!("link `{}`", target.display()))?;
                } else if found.is_file() && fs::File::open(&from).is_ok() {
                    fs::copy(&from, &target).doing(|| format!("copy `{}`", from.display()))?;
                }
            }
        }
        Ok(())
    }

    /// False for folders that cannot be read and for what is not a disk (a container's overlay, a tmpfs).
    fn is_shown(&self, path: &Path) -> bool {
        let foreign = self
            .mounts
            .iter()
            .any(|mount| mount.target == path && !mount.is_disk());
        !foreign && fs::read_dir(path).is_ok()
    }

    fn inside(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }
}

fn mode_of(path: &Path) -> u32 {
    path.metadata()
        .map_or(0o755, |found| found.permissions().mode() & 0o7777 | 0o700)
}
