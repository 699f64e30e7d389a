//! Files: writing them whole, and watching them for `when_changed(file = …)`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Context, Seen, owner};
use crate::error::{Error, Result};
use crate::host::{Access, FileStat};
use crate::store::{Digest, FileRecord, nanos};

/// What watched files held when the dispatcher looked last.
#[derive(Debug, Default)]
pub(super) struct Watched {
    seen: BTreeMap<String, Seen>,
}

impl Context {
    /// Writes a file whole: aside, synced, renamed over the old one. One that holds the same already is left
    /// alone. At once: a failing hook does not undo it, so the handler must be idempotent. Mode 0644.
    ///
    /// # Errors
    /// When it cannot be written; the old file is then as it was.
    pub fn write_file(&mut self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Result {
        self.write(path.as_ref(), content.as_ref(), 0o644.into())
    }

    /// Like [`write_file`](Self::write_file), readable by the owner only, from the first byte on: mode 0600.
    ///
    /// # Errors
    /// When it cannot be written; the old file is then as it was.
    pub fn write_secret_file(
        &mut self,
        path: impl AsRef<Path>,
        content: impl AsRef<[u8]>,
    ) -> Result {
        self.write(path.as_ref(), content.as_ref(), 0o600.into())
    }

    /// Like [`write_file`](Self::write_file), with these permissions from the first byte on, such as `0o640`.
    ///
    /// # Errors
    /// When it cannot be written; the old file is then as it was.
    pub fn write_file_with_mode(
        &mut self,
        path: impl AsRef<Path>,
        content: impl AsRef<[u8]>,
        mode: u32,
    ) -> Result {
        self.write(path.as_ref(), content.as_ref(), mode.into())
    }

    /// Like [`write_file_with_mode`](Self::write_file_with_mode), for this `USER`, whose group it is then, or
    /// `USER:GROUP`: names that `/etc/passwd` and `/etc/group` of the machine know, or numbers. From the moment it is
    /// there it is theirs, and nobody could read it before.
    ///
    /// # Errors
    /// `Invalid` where the machine has no such user or group. When it cannot be written, or given away, which takes
    /// root; the old file is then as it was.
    pub fn write_file_with_owner(
        &mut self,
        path: impl AsRef<Path>,
        content: impl AsRef<[u8]>,
        mode: u32,
        owner: &str,
    ) -> Result {
        let users = self.read_file("/etc/passwd")?.unwrap_or_default();
        let groups = self.read_file("/etc/group")?.unwrap_or_default();
        let owner = Some(owner::named(owner, &users, &groups)?);
        self.write(path.as_ref(), content.as_ref(), Access { mode, owner })
    }

    /// What a file holds, or `None` where there is none.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read_file(&self, path: impl AsRef<Path>) -> Result<Option<Vec<u8>>> {
        let path = path.as_ref();
        let cannot = |e| Error::from(e).context(format!("cannot read `{}`", path.display()));
        self.disk.read(path).map_err(cannot)
    }

    /// Removes a file, at once; one that is not there is no error.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub fn remove_file(&mut self, path: impl AsRef<Path>) -> Result {
        let path = path.as_ref();
        let cannot = |e| Error::from(e).context(format!("cannot remove `{}`", path.display()));
        if self.disk.stat(path).map_err(cannot)?.is_some() {
            self.disk.remove(path).map_err(cannot)?;
            self.note_immediate(format!("file `{}` was removed", path.display()));
        }
        Ok(())
    }

    /// Makes a folder and those above it, at once. One that is there keeps its mode.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make_folder(&mut self, path: impl AsRef<Path>, mode: u32) -> Result {
        let path = path.as_ref();
        let made = self.disk.make_folder(path, mode);
        made.map_err(|e| {
            Error::from(e).context(format!("cannot make the folder `{}`", path.display()))
        })
    }

    fn write(&mut self, path: &Path, content: &[u8], access: Access) -> Result {
        let cannot = |e: std::io::Error| {
            Error::from(e).context(format!("cannot write `{}`", path.display()))
        };
        let as_asked = |stat: FileStat| {
            stat.mode == access.mode && access.owner.is_none_or(|owner| owner == stat.owner)
        };
        let is_so = self.disk.stat(path).map_err(cannot)?.is_some_and(as_asked);
        if is_so && self.disk.read(path).map_err(cannot)?.as_deref() == Some(content) {
            return Ok(());
        }
        self.disk.replace(path, content, access).map_err(cannot)?;
        self.note_immediate(format!("file `{}`", path.display()));
        Ok(())
    }

    /// What a watched file holds, as of the last look.
    pub(super) fn file_seen(&mut self, path: &str) -> Result<Seen> {
        if let Some(seen) = self.files.seen.get(path) {
            return Ok(*seen);
        }
        let seen = self.look(path)?;
        self.files.seen.insert(path.to_owned(), seen);
        Ok(seen)
    }

    /// Looks again at watched files, and at all others that were asked for, and reports those that changed. Called
    /// when dispatch starts and after each iteration: a file changed by one handler wakes another.
    pub(crate) fn look_at_files<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Result {
        let mut all: BTreeSet<String> = self.files.seen.keys().cloned().collect();
        all.extend(paths.map(str::to_owned));
        for path in all {
            let seen = self.look(&path)?;
            let old = self.files.seen.insert(path.clone(), seen);
            if old.is_some_and(|old| old != seen) {
                self.changes.source("file", &path);
            }
        }
        Ok(())
    }

    fn look(&mut self, path: &str) -> Result<Seen> {
        let cannot = |e: std::io::Error| {
            Error::from(e).context(format!("cannot read the watched file `{path}`"))
        };
        let Some(stat) = self.disk.stat(Path::new(path)).map_err(cannot)? else {
            self.touched |= self.document.files.remove(path).is_some();
            return Ok(Seen::Absent);
        };
        let known = self.document.files.get(path);
        if let Some(record) = known.filter(|r| r.holds(&stat)) {
            return Ok(Seen::Value(record.digest));
        }
        let known = known.map(|r| r.digest);
        // The time is taken before reading: a write after it has a later stamp, or one too close to trust.
        let looked = nanos(self.clock.wall());
        let Some(bytes) = self.disk.read(Path::new(path)).map_err(cannot)? else {
            return Ok(Seen::Absent);
        };
        let digest = Digest::of(&self.document.key, &bytes);
        // A mere change of stamps is saved when something else is: it is no reason to commit.
        self.touched |= known != Some(digest);
        let record = FileRecord::new(&stat, looked, digest);
        self.document.files.insert(path.to_owned(), record);
        Ok(Seen::Value(digest))
    }
}
