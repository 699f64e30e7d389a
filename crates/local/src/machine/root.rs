//! A machine's files with the rights of root: one overlay over `/`, one more for each other disk.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::disk::{Disk, OWN, hide};
use super::mounts::mounts;
use super::overlay::Overlay;
use crate::error::{Doing, Result};

/// Trees that a machine has of its own, or that are no part of an operating system.
const LEFT_OUT: [&str; 12] = [
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/tmp",
    "/home",
    "/root",
    "/mnt",
    "/media",
    "/boot",
    "/snap",
    "/var/lib/docker",
];

/// Mounts the machine's root and gives back where.
pub(super) fn assemble(disk: &Disk) -> Result<PathBuf> {
    let root = disk.root()?;
    let slash = Path::new("/");
    let (upper, work) = disk.layer(slash, mode_of(slash)?)?;
    if fs::read_dir(&upper)
        .doing(|| format!("read `{}`", upper.display()))?
        .next()
        .is_none()
    {
        for path in OWN {
            hide(&upper, path)?;
        }
    }
    // What is mounted must be read first: the overlay about to be made is no disk of the host.
    let others = other_disks()?;
    Overlay {
        lower: &[slash],
        upper: &upper,
        work: &work,
        user: false,
    }
    .mount(&root)
    .doing(|| format!("mount the overlay on `{}`", root.display()))?;
    for path in others {
        let (upper, work) = disk.layer(&path, mode_of(&path)?)?;
        let target = root.join(path.strip_prefix("/").unwrap_or(&path));
        Overlay {
            lower: &[&path],
            upper: &upper,
            work: &work,
            user: false,
        }
        .mount(&target)
        .doing(|| format!("mount the overlay on `{}`", target.display()))?;
    }
    Ok(root)
}

/// Disks of the host besides `/`: an overlay of `/` does not show what is mounted on it.
fn other_disks() -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = mounts()?
        .into_iter()
        .filter(|mount| mount.is_disk() && mount.target != Path::new("/"))
        .map(|mount| mount.target)
        .filter(|target| !LEFT_OUT.iter().any(|left| target.starts_with(left)))
        .filter(|target| target.is_dir())
        .collect();
    found.dedup();
    Ok(found)
}

fn mode_of(path: &Path) -> Result<u32> {
    let found = fs::metadata(path).doing(|| format!("look at `{}`", path.display()))?;
    Ok(found.permissions().mode() & 0o7777)
}
