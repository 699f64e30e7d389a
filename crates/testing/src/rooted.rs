//! Files of a unit that has a folder of the real disk to itself.

use std::io;
use std::path::{Path, PathBuf};

use ensign::host::{Access, Disk, FileStat};

/// Absolute paths outside the unit's folder lie below it: `/etc/x` is `FOLDER/etc/x`.
#[derive(Debug)]
pub struct RootedDisk<D> {
    disk: D,
    folder: PathBuf,
}

impl<D> RootedDisk<D> {
    /// `disk`, seen from inside `folder`.
    pub fn new(disk: D, folder: impl Into<PathBuf>) -> Self {
        Self {
            disk,
            folder: folder.into(),
        }
    }

    fn at(&self, path: &Path) -> PathBuf {
        if path.starts_with(&self.folder) {
            return path.to_owned();
        }
        self.folder.join(path.strip_prefix("/").unwrap_or(path))
    }
}

impl<D: Disk> Disk for RootedDisk<D> {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(&self.at(path))
    }

    fn stat(&self, path: &Path) -> io::Result<Option<FileStat>> {
        self.disk.stat(&self.at(path))
    }

    fn replace(&mut self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        let path = self.at(path);
        if let Some(folder) = path.parent() {
            self.disk.make_folder(folder, 0o755)?;
        }
        self.disk.replace(&path, bytes, access)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (self.at(from), self.at(to));
        self.disk.rename(&from, &to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        let path = self.at(path);
        self.disk.remove(&path)
    }

    fn make_folder(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        let path = self.at(path);
        self.disk.make_folder(&path, mode)
    }

    fn lock(&mut self, path: &Path) -> io::Result<Box<dyn std::fmt::Debug>> {
        let path = self.at(path);
        self.disk.lock(&path)
    }
}
