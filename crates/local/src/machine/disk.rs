//! What one machine has written: the folder that outlives it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{XattrFlags, setxattr};

use super::tree::make_folder;
use crate::error::{Doing, Result};

/// Folders of the host that say nothing about a fresh machine: each machine starts with empty ones.
pub(super) const OWN: [&str; 4] = ["home", "root", "var/lib/juju", "var/tmp"];

/// A machine's folder: `layers/KEY/{upper,work}` of its overlays, `plain/…` for folders without a lower
/// layer, and the mount point `root`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// The disk in `folder`.
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// Where the machine's root is mounted, in its own mount namespace only.
    pub(super) fn root(&self) -> Result<PathBuf> {
        let path = self.folder.join("root");
        make_folder(&self.folder, 0o755)?;
        make_folder(&path, 0o755)?;
        Ok(path)
    }

    /// The upper and work folders of the overlay on `path`, as `mode` if they are new.
    pub(super) fn layer(&self, path: &Path, mode: u32) -> Result<(PathBuf, PathBuf)> {
        let key: Vec<String> = path
            .components()
            .filter_map(|part| match part {
                std::path::Component::Normal(name) => Some(
                    name.to_string_lossy()
                        .replace('%', "%25")
                        .replace('-', "%2d"),
                ),
                _ => None,
            })
            .collect();
        let key = if key.is_empty() {
            "-".to_owned()
        } else {
            key.join("-")
        };
        let layers = self.folder.join("layers");
        make_folder(&layers, 0o755)?;
        let layer = layers.join(key);
        make_folder(&layer, 0o755)?;
        let (upper, work) = (layer.join("upper"), layer.join("work"));
        make_folder(&upper, mode)?;
        make_folder(&work, 0o755)?;
        Ok((upper, work))
    }

    /// The folder that stands for `path`, which has no lower layer.
    pub(super) fn plain(&self, path: &Path, mode: u32) -> Result<PathBuf> {
        let mut here = self.folder.join("plain");
        make_folder(&here, 0o755)?;
        let parts: Vec<_> = path
            .components()
            .filter(|part| matches!(part, std::path::Component::Normal(_)))
            .collect();
        for (index, part) in parts.iter().enumerate() {
            here.push(part);
            make_folder(
                &here,
                if index + 1 == parts.len() {
                    mode
                } else {
                    0o755
                },
            )?;
        }
        Ok(here)
    }
}

/// Marks a folder of an upper or skeleton layer: nothing of the layers below shows through.
pub(super) fn make_opaque(folder: &Path, user: bool) -> Result<()> {
    let name = if user {
        "user.overlay.opaque"
    } else {
        "trusted.overlay.opaque"
    };
    setxattr(folder, name, b"y", XattrFlags::empty())
        .doing(|| format!("mark `{}` as opaque", folder.display()))
}

/// Puts an empty folder over `path` of the host into the new upper layer of `/`.
pub(super) fn hide(upper: &Path, path: &str) -> Result<()> {
    let (mut here, mut host) = (upper.to_owned(), PathBuf::from("/"));
    for part in Path::new(path) {
        here.push(part);
        host.push(part);
        let Ok(found) = fs::symlink_metadata(&host) else {
            return Ok(());
        };
        if !found.is_dir() {
            return Ok(());
        }
        make_folder(&here, found.permissions().mode() & 0o7777)?;
    }
    make_opaque(&here, false)
}
