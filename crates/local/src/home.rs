//! Where models live: one folder per model.
//!
//! ```text
//! $ENSIGN_HOME, else $XDG_STATE_HOME/ensign, else ~/.local/state/ensign
//!   lock              held while models are listed, made or removed
//!   skeletons/        layers for machines made without root, shared by all models
//!   models/NAME/
//!     lock            held by the model's controller as long as it lives
//!     settings.json   what the model is
//!     state.json      the model itself, replaced as a whole
//!     controller.sock for `ensign` commands
//!     controller.log, model.log
//!     shared/         /run/ensign in every machine: `ensign`, `agents.sock`, `charms/`
//!     machines/N/     what machine N has written
//!     juju/           without machines: the units' files, /var/lib/juju elsewhere
//! ```

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use crate::error::{Doing, Error, Result};
use crate::folder::ModelFolder;

/// The folder with all models of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    path: PathBuf,
}

/// A model that is there, running or left behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelEntry {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Whether its controller lives. If not, a killed command left it behind: it can be resumed or destroyed.
    pub running: bool,
}

impl Home {
    /// The home of whoever runs this command.
    ///
    /// Under `sudo` that is root's own, even where `sudo` keeps `HOME`: machines made as root hold root's
    /// files, which must not lie in a user's home. `ENSIGN_HOME` decides where it is set.
    ///
    /// # Errors
    /// [`Error::NoHome`] when the environment does not say.
    pub fn of_this_user() -> Result<Self> {
        let variable = |name| {
            std::env::var_os(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        if let Some(path) = variable("ENSIGN_HOME") {
            return std::path::absolute(&path)
                .map(Self::at)
                .doing(|| format!("find `{}`", path.display()));
        }
        if geteuid().is_root() && variable("SUDO_UID").is_some() {
            return Ok(Self::at("/root/.local/state/ensign"));
        }
        let state = variable("XDG_STATE_HOME").filter(|path| path.is_absolute());
        let state = state.or_else(|| variable("HOME").map(|home| home.join(".local/state")));
        state
            .map(|path| Self::at(path.join("ensign")))
            .ok_or(Error::NoHome)
    }

    /// The home in this folder.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All models, in the order of their names.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn models(&self) -> Result<Vec<ModelEntry>> {
        if !self.path.is_dir() {
            return Ok(Vec::new());
        }
        let _turn = self.take_turn()?;
        let folder = self.path.join("models");
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io(format!("read `{}`", folder.display()), error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let path = entry
                .doing(|| format!("read `{}`", folder.display()))?
                .path();
            let Some(name) = path
                .file_name()
                .and_then(|name| name.to_str())
                .filter(|name| is_name(name))
            else {
                continue;
            };
            let (name, running) = (name.to_owned(), ModelFolder::new(&path).is_locked()?);
            found.push(ModelEntry {
                name,
                path,
                running,
            });
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The folder of the model `name`, there or not.
    pub(crate) fn model(&self, name: &str) -> Result<ModelFolder> {
        if is_name(name) {
            Ok(ModelFolder::new(self.path.join("models").join(name)))
        } else {
            Err(Error::BadName(name.to_owned()))
        }
    }

    /// The folder of skeleton layers.
    pub(crate) fn skeletons(&self) -> PathBuf {
        self.path.join("skeletons")
    }

    /// Waits until no other command makes, lists or removes models here; ends with the value.
    pub(crate) fn take_turn(&self) -> Result<File> {
        make_private(&self.path)?;
        let path = self.path.join("lock");
        let file = open_lock(&path)?;
        file.lock().doing(|| format!("lock `{}`", path.display()))?;
        Ok(file)
    }
}

/// A name that can be a folder, part of a host name and of a socket's.
fn is_name(name: &str) -> bool {
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Makes a folder that only its owner enters, and those above it.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .doing(|| format!("make the folder `{}`", path.display()))
}

/// Opens a lock file, making it if need be.
pub(crate) fn open_lock(path: &Path) -> Result<File> {
    fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .doing(|| format!("open `{}`", path.display()))
}

/// Takes the lock unless somebody has it.
pub(crate) fn try_lock(file: &File, path: &Path) -> Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => {
            Err(Error::io(format!("lock `{}`", path.display()), error))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_name_can_be_a_folder_and_a_host_name() {
        for good in ["a", "password-3", "run-3-6"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "A", "3", "a/b", "..", "a b", &"x".repeat(41)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
