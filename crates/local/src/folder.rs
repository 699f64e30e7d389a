//! One model's folder.

use std::fs::{self, File};
use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use ensign_model::Profile;
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};

use crate::error::{Doing, Error, Result};
use crate::home::{make_private, open_lock, try_lock};
use crate::machine::{Ids, Kind, remove_tree};

/// A model's folder, there or not; see [`crate::home`] for what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ModelFolder {
    path: PathBuf,
}

/// What a model is: decided when it is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The model's name.
    pub(crate) name: String,
    /// The Juju version it began as.
    pub(crate) profile: Profile,
    /// Decides what chance decides.
    pub(crate) seed: u64,
    /// Units run in machines of this kind; as plain processes if there is none.
    pub(crate) machines: Option<Kind>,
    /// The users that machines have.
    pub(crate) ids: Ids,
    /// The machines' files are on a tmpfs of our own.
    pub(crate) in_memory: bool,
    /// The model goes on when the command that made it ends.
    pub(crate) keep: bool,
}

impl ModelFolder {
    /// The folder at `path`.
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The model's name.
    pub(crate) fn name(&self) -> String {
        self.path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    }

    /// What every machine sees as `/run/ensign`.
    pub(crate) fn shared(&self) -> PathBuf {
        self.path.join("shared")
    }

    /// The copies of deployed charms.
    pub(crate) fn charms(&self) -> PathBuf {
        self.shared().join("charms")
    }

    /// The machines' disks.
    pub(crate) fn machines(&self) -> PathBuf {
        self.path.join("machines")
    }

    /// `/var/lib/juju` of units that have no machine.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("juju")
    }

    /// The one executable, as this model uses it.
    pub(crate) fn exe(&self) -> PathBuf {
        self.shared().join("ensign")
    }

    /// A file of the model.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the folder of a new model.
    pub(crate) fn create(&self, settings: &Settings, exe: &Path) -> Result<()> {
        if self.path.exists() {
            return Err(Error::Exists(self.name()));
        }
        let made = self.fill(settings, exe);
        if made.is_err() {
            // What went wrong first is what matters.
            let _ = fs::remove_dir_all(&self.path);
        }
        made
    }

    fn fill(&self, settings: &Settings, exe: &Path) -> Result<()> {
        make_private(&self.path)?;
        for folder in [self.shared(), self.charms(), self.machines(), self.data()] {
            fs::create_dir(&folder).doing(|| format!("make the folder `{}`", folder.display()))?;
            // Hooks run as other users of a machine, too.
            set_mode(&folder, 0o755)?;
        }
        self.keep_exe(exe)?;
        self.save_settings(settings)
    }

    /// Replaces what the model is.
    pub(crate) fn save_settings(&self, settings: &Settings) -> Result<()> {
        let text = serde_json::to_vec_pretty(settings)
            .map_err(|error| Error::Controller(error.to_string()))?;
        let (path, aside) = (self.file("settings.json"), self.file("settings.new"));
        fs::write(&aside, text)
            .and_then(|()| fs::rename(&aside, &path))
            .doing(|| format!("write `{}`", path.display()))
    }

    /// The executable may be built anew while the model runs: it keeps its own.
    pub(crate) fn keep_exe(&self, exe: &Path) -> Result<()> {
        let target = self.exe();
        let keeping = || format!("keep `{}` at `{}`", exe.display(), target.display());
        let aside = self.shared().join(".ensign");
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(keeping(), error));
            }
            _ => {}
        }
        fs::copy(exe, &aside).doing(keeping)?;
        set_mode(&aside, 0o755)?;
        fs::rename(&aside, &target).doing(keeping)
    }

    /// What the model is.
    pub(crate) fn settings(&self) -> Result<Settings> {
        let path = self.file("settings.json");
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Error::NoModel(self.name()));
            }
            other => other.doing(|| format!("read `{}`", path.display()))?,
        };
        serde_json::from_slice(&text).map_err(|error| Error::Damaged {
            path,
            why: error.to_string(),
        })
    }

    /// Takes the model for this process; ends with the value.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.file("lock");
        let file = open_lock(&path)?;
        if try_lock(&file, &path)? {
            Ok(file)
        } else {
            Err(Error::InUse(self.name()))
        }
    }

    /// Whether a controller has the model.
    pub(crate) fn is_locked(&self) -> Result<bool> {
        let path = self.file("lock");
        match File::open(&path) {
            Ok(file) => try_lock(&file, &path).map(|taken| !taken),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::io(format!("open `{}`", path.display()), error)),
        }
    }

    /// Listens on the socket `name` below `folder`, in place of whoever did before.
    pub(crate) fn listen(folder: &Path, name: &str) -> Result<UnixListener> {
        let listening = || format!("listen on `{}`", folder.join(name).display());
        let path = short(folder, name)?;
        match fs::remove_file(&path.1) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(listening(), error));
            }
            _ => {}
        }
        UnixListener::bind(&path.1).doing(listening)
    }

    /// Connects to the socket `name` below `folder`.
    pub(crate) fn connect(folder: &Path, name: &str) -> io::Result<UnixStream> {
        let path = short(folder, name).map_err(io::Error::other)?;
        UnixStream::connect(&path.1)
    }

    /// Removes the model with everything its machines have written. Nothing of it may run any more.
    pub(crate) fn remove(&self, ids: Ids, in_memory: bool) -> Result<()> {
        let machines = self.machines();
        if in_memory && ids == Ids::All {
            match rustix::mount::unmount(&machines, rustix::mount::UnmountFlags::empty()) {
                // Not mounted: it was gone already.
                Ok(()) | Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOENT) => {}
                Err(error) => {
                    return Err(Error::io(
                        format!("unmount `{}`", machines.display()),
                        error,
                    ));
                }
            }
        }
        // The machines first: their removal may need the executable that lies beside them.
        remove_tree(&machines, ids, &self.exe())?;
        fs::remove_dir_all(&self.path).doing(|| format!("remove `{}`", self.path.display()))
    }
}

/// A socket's address has room for 107 bytes, a folder's path has not: the way through an open folder has.
fn short(folder: &Path, name: &str) -> Result<(rustix::fd::OwnedFd, PathBuf)> {
    use std::os::fd::AsRawFd;
    let open = rustix::fs::open(
        folder,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )
    .doing(|| format!("open `{}`", folder.display()))?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{name}", open.as_raw_fd()));
    Ok((open, path))
}

pub(crate) fn set_mode(path: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .doing(|| format!("set the mode of `{}`", path.display()))
}
