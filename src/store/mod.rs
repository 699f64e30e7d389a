//! The unit's state on disk: one document, replaced as a whole, tied to Juju's transaction by a record.
//!
//! `state.json` is what is known to be committed. A context that changed anything writes `state.next`, a
//! document with a [`Record`]; another context later *settles* it: promotes it to `state.json` or drops it.
//! `doubt` lists handlers that ran and whose hook is not known to have committed. `secret` exists only while a
//! hook tool reads a secret's content from it. `lock` keeps the processes of a unit apart. All of it lies in `.ensign/` in the charm directory, folder 0700, files 0600.

mod digest;
mod document;
mod error;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

pub use digest::Digest;
pub(crate) use document::nanos;
pub use document::{Document, FileRecord, Mark, Owner, Record};
pub use error::StoreError;

use crate::host::Disk;

/// The state folder's name inside the charm directory.
pub const FOLDER: &str = ".ensign";

/// The state folder, locked for as long as this lives.
#[derive(Debug)]
pub struct Store {
    folder: PathBuf,
    owner: Owner,
    _lock: Box<dyn fmt::Debug>,
}

/// What was found on disk.
#[derive(Debug)]
pub struct Found {
    /// `state.json`, or nothing on a new disk.
    pub committed: Option<Document>,
    /// `state.next`: a record that is to be settled.
    pub next: Option<Document>,
    /// Handlers in doubt.
    pub doubt: BTreeSet<String>,
}

impl Store {
    /// Makes the folder if need be, takes the lock, waiting for whoever has it, and reads what is there.
    ///
    /// # Errors
    /// When a file cannot be read or is not this unit's state; nothing is changed then.
    pub fn open(
        disk: &mut dyn Disk,
        charm_dir: &Path,
        owner: Owner,
    ) -> Result<(Self, Found), StoreError> {
        let folder = charm_dir.join(FOLDER);
        disk.make_folder(&folder, 0o700)
            .map_err(io("make the folder", &folder))?;
        let lock_path = folder.join("lock");
        let lock = disk.lock(&lock_path).map_err(io("lock", &lock_path))?;
        let store = Self {
            folder,
            owner,
            _lock: lock,
        };
        // A process that was killed while it handed a secret to Juju left it behind.
        let secret = store.secret_file();
        if disk
            .stat(&secret)
            .map_err(io("look at", &secret))?
            .is_some()
        {
            disk.remove(&secret).map_err(io("remove", &secret))?;
        }
        let committed = store.document(disk, "state.json")?;
        let next = store.document(disk, "state.next")?;
        let doubt = store.doubt(disk)?;
        Ok((
            store,
            Found {
                committed,
                next,
                doubt,
            },
        ))
    }

    /// Whose state this is.
    #[must_use]
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The state folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a secret's content lies while a hook tool reads it; swept whenever the folder is opened.
    #[must_use]
    pub fn secret_file(&self) -> PathBuf {
        self.folder.join("secret")
    }

    /// Writes a document with its record: the first step of a commit.
    ///
    /// # Errors
    /// When it cannot be written; the state is as before.
    pub fn stage(&self, disk: &mut dyn Disk, document: &Document) -> Result<(), StoreError> {
        self.replace(disk, "state.next", &document.bytes()?)
    }

    /// Makes the staged document the committed one and takes what succeeded in it out of doubt.
    ///
    /// # Errors
    /// When a file cannot be moved or written. Killed in between, handlers stay in doubt and run once more.
    pub fn promote(
        &self,
        disk: &mut dyn Disk,
        record: &Record,
        doubt: &mut BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let (from, to) = (
            self.folder.join("state.next"),
            self.folder.join("state.json"),
        );
        disk.rename(&from, &to).map_err(io("promote", &from))?;
        let before = doubt.len();
        doubt.retain(|id| !record.succeeded.contains(id));
        if doubt.len() != before {
            self.write_doubt(disk, doubt)?;
        }
        Ok(())
    }

    /// Forgets the staged document. `committed`, where given, replaces `state.json` first.
    ///
    /// # Errors
    /// When a file cannot be written or removed; the record is then settled again by the next context.
    pub fn drop_staged(
        &self,
        disk: &mut dyn Disk,
        committed: Option<&Document>,
    ) -> Result<(), StoreError> {
        if let Some(document) = committed {
            self.replace(disk, "state.json", &document.bytes()?)?;
        }
        let path = self.folder.join("state.next");
        disk.remove(&path).map_err(io("remove", &path))
    }

    /// Replaces the list of handlers in doubt.
    ///
    /// # Errors
    /// When it cannot be written; the handler must not run then.
    pub fn write_doubt(
        &self,
        disk: &mut dyn Disk,
        doubt: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        if doubt.is_empty() {
            let path = self.folder.join("doubt");
            return disk.remove(&path).map_err(io("remove", &path));
        }
        let bytes = serde_json::to_vec(doubt).map_err(|e| StoreError::Unwritable {
            reason: e.to_string(),
        })?;
        self.replace(disk, "doubt", &bytes)
    }

    fn doubt(&self, disk: &dyn Disk) -> Result<BTreeSet<String>, StoreError> {
        let path = self.folder.join("doubt");
        let Some(bytes) = disk.read(&path).map_err(io("read", &path))? else {
            return Ok(BTreeSet::new());
        };
        serde_json::from_slice(&bytes).map_err(|e| StoreError::Garbled {
            path,
            reason: e.to_string(),
        })
    }

    fn document(&self, disk: &dyn Disk, name: &str) -> Result<Option<Document>, StoreError> {
        let path = self.folder.join(name);
        disk.read(&path)
            .map_err(io("read", &path))?
            .map(|bytes| Document::parse(&bytes, &path, &self.owner))
            .transpose()
    }

    fn replace(&self, disk: &mut dyn Disk, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.folder.join(name);
        disk.replace(&path, bytes, 0o600.into())
            .map_err(io("write", &path))
    }
}

fn io<'a>(what: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> StoreError + 'a {
    move |source| StoreError::Io {
        what,
        path: path.to_owned(),
        source,
    }
}
