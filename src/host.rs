//! What a hook needs from the world, as ports: clock, random bytes, files, other programs, hook tools.
//!
//! The pipeline takes everything from here, so that a test can stop the clock, fail a write, or kill the
//! unit between any two calls. [`Host::of_this_process`] is the real one.

mod programs;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::hook::HookEnv;
use crate::metadata::Metadata;
use crate::tools::{self, Transport};
pub use programs::{Program, Programs, Running, SystemPrograms};

/// Time, in the two meanings a hook needs.
pub trait Clock {
    /// Time since the machine was started, suspension included: for lengths, also across processes.
    fn uptime(&self) -> Duration;
    /// Time since 1970: to compare with time stamps of files.
    fn wall(&self) -> Duration;
}

/// Random bytes fit for passwords.
pub trait Entropy {
    /// Fills `buffer`.
    ///
    /// # Errors
    /// When the system's generator cannot be read.
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()>;
}

/// What can be told of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// Length in bytes.
    pub size: u64,
    /// Permission bits, such as `0o600`.
    pub mode: u32,
    /// Inode number: another one means the file was replaced.
    pub inode: u64,
    /// Last change of the content, since 1970.
    pub modified: Duration,
    /// Whose it is.
    pub owner: Owner,
}

/// Whose a file is, by the kernel's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// Who may do what with a file, from the moment it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Permission bits, such as `0o600`.
    pub mode: u32,
    /// Whose it is; `None` for the user and group of this process.
    pub owner: Option<Owner>,
}

impl From<u32> for Access {
    fn from(mode: u32) -> Self {
        Self { mode, owner: None }
    }
}

/// Files: the state folder and whatever handlers write through the context.
pub trait Disk {
    /// The file's bytes, or `None` where there is no such file.
    ///
    /// # Errors
    /// Any other failure to read.
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>>;
    /// What `stat` says, or `None` where there is no such file.
    ///
    /// # Errors
    /// Any other failure.
    fn stat(&self, path: &Path) -> io::Result<Option<FileStat>>;
    /// Replaces the file as a whole: written aside for nobody else to read, given to its owner, then to the others that
    /// `access` allows, synced, renamed, the folder synced.
    ///
    /// # Errors
    /// When any step fails; the old file is then untouched.
    fn replace(&mut self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()>;
    /// Renames a file over another, on disk when this returns.
    ///
    /// # Errors
    /// When it fails; nothing has changed then.
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file; one that is not there is no error.
    ///
    /// # Errors
    /// Any other failure.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
    /// Makes a folder and its parents; one that is there keeps its mode.
    ///
    /// # Errors
    /// When it cannot be made.
    fn make_folder(&mut self, path: &Path, mode: u32) -> io::Result<()>;
    /// Takes the lock at `path` and holds it until the guard is dropped, waiting for whoever has it.
    ///
    /// # Errors
    /// When the lock file cannot be made.
    fn lock(&mut self, path: &Path) -> io::Result<Box<dyn fmt::Debug>>;
}

/// Everything one hook runs with.
pub struct Host {
    /// Juju's environment variables, read once.
    pub env: HookEnv,
    /// What `ensign build` wrote beside the binary; the default where it wrote nothing.
    pub metadata: Metadata,
    /// How hook tools are reached.
    pub transport: Box<dyn Transport>,
    /// Where files are.
    pub disk: Box<dyn Disk>,
    /// How other programs are run.
    pub programs: Box<dyn Programs>,
    /// What time it is.
    pub clock: Box<dyn Clock>,
    /// Where random bytes come from.
    pub entropy: Box<dyn Entropy>,
}

impl Host {
    /// The real one: the unit agent's hook tools, the machine's files, clock and random generator.
    ///
    /// # Errors
    /// When what the build wrote beside the binary cannot be read.
    pub fn of_this_process(env: HookEnv) -> crate::error::Result<Self> {
        Ok(Self {
            metadata: Metadata::of_charm(&env.charm_dir)?,
            transport: tools::transport(&env),
            env,
            disk: Box::new(SystemDisk),
            programs: Box::new(SystemPrograms),
            clock: Box::new(SystemClock),
            entropy: Box::new(SystemEntropy),
        })
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn uptime(&self) -> Duration {
        // CLOCK_BOOTTIME without a C call: it must mean the same in every process of a juju-exec.
        std::fs::read_to_string("/proc/uptime")
            .ok()
            .and_then(|text| text.split(' ').next()?.parse::<f64>().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or_else(|| self.wall())
    }

    fn wall(&self) -> Duration {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default()
    }
}

/// The kernel's generator.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, buffer: &mut [u8]) -> io::Result<()> {
        io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, buffer)
    }
}

/// The real file system.
#[derive(Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        absent_is_none(std::fs::read(path))
    }

    fn stat(&self, path: &Path) -> io::Result<Option<FileStat>> {
        use std::os::unix::fs::MetadataExt;
        let Some(meta) = absent_is_none(std::fs::metadata(path))? else {
            return Ok(None);
        };
        Ok(Some(FileStat {
            size: meta.size(),
            mode: meta.mode() & 0o7777,
            inode: meta.ino(),
            modified: Duration::new(
                meta.mtime().max(0).unsigned_abs(),
                u32::try_from(meta.mtime_nsec()).unwrap_or(0),
            ),
            owner: Owner {
                uid: meta.uid(),
                gid: meta.gid(),
            },
        }))
    }

    fn replace(&mut self, path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
        use std::io::Write;
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let aside = aside(path);
        // A leftover of a killed hook may have another mode; `create_new` alone honours ours.
        match std::fs::remove_file(&aside) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let written = (|| {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&aside)?;
            file.write_all(bytes)?;
            // Before others may read it: who was its group until now is none of them.
            if let Some(Owner { uid, gid }) = access.owner {
                std::os::unix::fs::fchown(&file, Some(uid), Some(gid))?;
            }
            // The umask does not apply to what the charm asked for.
            file.set_permissions(std::fs::Permissions::from_mode(access.mode))?;
            file.sync_all()?;
            self.rename(&aside, path)
        })();
        if written.is_err() {
            let _gone_or_swept_next_time = std::fs::remove_file(&aside);
        }
        written
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)?;
        sync_folder(to)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
            Ok(()) => sync_folder(path),
        }
    }

    fn make_folder(&mut self, path: &Path, mode: u32) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
    }

    fn lock(&mut self, path: &Path) -> io::Result<Box<dyn fmt::Debug>> {
        use std::os::unix::fs::OpenOptionsExt;
        let file = std::fs::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)?;
        file.lock()?;
        Ok(Box::new(file))
    }
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(e) => Err(e),
    }
}

/// The name a file is written under before it takes its place: in the same folder, so that the rename is atomic.
fn aside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".ensign-new");
    path.with_file_name(name)
}

fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::File::open(folder)?.sync_all(),
        _ => std::fs::File::open(".")?.sync_all(),
    }
}
