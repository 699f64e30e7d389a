//! A service by its name: where it is defined, and what can be done with it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::daemon::Daemon;
use super::exec_line::Names;
use super::record::Record;
use super::script;
use super::unit_file::UnitFile;
use super::{Failed, NO_SUCH_UNIT};
use crate::error::{Doing, Error, Result};

/// Where unit files are, the first wins. The first two are those of whoever runs the machine, the others of packages.
pub(super) const FOLDERS: [&str; 5] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
const INIT: &str = "/etc/init.d";
const SUFFIX: &str = ".service";

/// How a service is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It runs.
    Running,
    /// It has done its work and still counts.
    Exited,
    /// It was not started, or was stopped.
    Dead,
    /// It ended by itself.
    Failed,
}

impl State {
    pub(super) const fn is_active(self) -> bool {
        matches!(self, Self::Running | Self::Exited)
    }

    pub(super) const fn is_failed(self) -> bool {
        matches!(self, Self::Failed)
    }

    /// As `is-active` says it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Running | Self::Exited => "active",
            Self::Dead => "inactive",
            Self::Failed => "failed",
        }
    }

    /// The finer word for it.
    pub(super) const fn detail(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Exited => "exited",
            Self::Dead => "dead",
            Self::Failed => "failed",
        }
    }
}

/// A service, there or not.
#[derive(Debug)]
pub(super) struct Service {
    name: String,
    /// The unit file, if there is one, with its drop-ins.
    file: Option<(PathBuf, UnitFile)>,
    /// The init script, if it is what counts.
    script: Option<PathBuf>,
    masked: bool,
}

impl Service {
    /// The service that `name` means.
    pub(super) fn find(name: &str) -> Result<Self, Failed> {
        let plain = Path::new(name)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let full = match plain.rsplit_once('.') {
            Some((_, "service")) => plain.into_owned(),
            Some((_, kind @ ("socket" | "timer" | "target" | "mount" | "path" | "slice"))) => {
                let text = format!(
                    "systemctl: Ensign's machines have services only, and no {kind} as `{plain}`"
                );
                return Err(Failed(text, NO_SUCH_UNIT));
            }
            _ => format!("{plain}{SUFFIX}"),
        };
        Ok(Self::named(full, 4))
    }

    fn named(name: String, links: u8) -> Self {
        let stem = name.trim_end_matches(SUFFIX).to_owned();
        let path = unit_path(&name);
        if let Some(target) = path.as_deref().and_then(|path| fs::read_link(path).ok()) {
            if target == Path::new("/dev/null") {
                return Self {
                    name,
                    file: None,
                    script: None,
                    masked: true,
                };
            }
            // Another name for another unit.
            let real = target
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            if let Some(real) =
                real.filter(|real| *real != name && !real.contains("@.") && links > 0)
            {
                return Self::named(real, links - 1);
            }
        }
        let drop_ins = drop_ins(&name);
        let own = |path: &Path| FOLDERS[..2].iter().any(|folder| path.starts_with(folder));
        let is_own = path
            .as_deref()
            .is_some_and(|path| own(path) && !is_packaged(path))
            || drop_ins.iter().any(|path| own(path));
        let file = path.map(|path| {
            let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
            let mut file = UnitFile::read(&read(&path));
            drop_ins.iter().for_each(|path| file.add(&read(path)));
            (path, file)
        });
        let script = Path::new(INIT).join(&stem);
        let executable = script
            .metadata()
            .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
        let counts = executable && !(is_own && file.is_some());
        Self {
            name,
            file,
            script: counts.then_some(script),
            masked: false,
        }
    }

    /// `redis.service`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// `redis`.
    pub(super) fn stem(&self) -> &str {
        self.name.trim_end_matches(SUFFIX)
    }

    pub(super) fn exists(&self) -> bool {
        self.masked || self.script.is_some() || self.file.is_some()
    }

    pub(super) fn is_masked(&self) -> bool {
        self.masked
    }

    /// The unit file and where it is.
    pub(super) fn file(&self) -> Option<(&Path, &UnitFile)> {
        self.file
            .as_ref()
            .map(|(path, file)| (path.as_path(), file))
    }

    /// The init script that it runs by.
    pub(super) fn script(&self) -> Option<&Path> {
        self.script.as_deref()
    }

    /// What it is for.
    pub(super) fn description(&self) -> &str {
        self.file()
            .and_then(|(_, file)| file.one("Unit", "Description"))
            .unwrap_or(&self.name)
    }

    /// What `cat` shows.
    pub(super) fn text(&self) -> String {
        let paths = self
            .file()
            .map(|(path, _)| path.to_owned())
            .or_else(|| self.script.clone())
            .into_iter()
            .chain(drop_ins(&self.name));
        paths
            .map(|path| {
                let text = fs::read_to_string(&path).unwrap_or_default();
                format!("# {}\n{text}\n", path.display())
            })
            .collect()
    }

    pub(super) fn state(&self) -> State {
        if self.masked {
            return State::Dead;
        }
        if let Some(script) = &self.script {
            return match script::run(self, script, "status") {
                Ok(()) => State::Running,
                Err(_) => State::Dead,
            };
        }
        match Record::of(&self.name) {
            None => State::Dead,
            Some(Record { process: None }) => State::Exited,
            Some(Record {
                process: Some(process),
            }) if process.lives() => State::Running,
            Some(_) => State::Failed,
        }
    }

    /// Its first process, where that is known.
    pub(super) fn process(&self) -> Option<u32> {
        match &self.script {
            Some(_) => self
                .daemon()
                .ok()?
                .named_process()
                .map(|process| process.pid),
            None => Record::of(&self.name)?
                .process
                .filter(|process| process.lives())
                .map(|process| process.pid),
        }
    }

    pub(super) fn can_reload(&self) -> bool {
        self.script.is_some()
            || self
                .file()
                .is_some_and(|(_, file)| !file.service("ExecReload").is_empty())
    }

    pub(super) fn start(&self) -> Result<()> {
        if self.masked {
            let text = format!("Failed to start {0}: Unit {0} is masked.", self.name);
            return Err(Error::Model(text));
        }
        if self.state().is_active() {
            return Ok(());
        }
        match &self.script {
            Some(script) => script::run(self, script, "start"),
            None => self.daemon()?.start(),
        }
    }

    pub(super) fn stop(&self) -> Result<()> {
        match &self.script {
            Some(script) => script::run(self, script, "stop"),
            None if self.masked => Ok(()),
            None => self.daemon()?.stop(),
        }
    }

    pub(super) fn restart(&self) -> Result<()> {
        match &self.script {
            Some(script) => script::run(self, script, "restart"),
            None => {
                self.stop()?;
                self.start()
            }
        }
    }

    pub(super) fn reload(&self) -> Result<()> {
        match &self.script {
            Some(script) => script::run(self, script, "reload")
                .or_else(|_| script::run(self, script, "force-reload")),
            None => self.daemon()?.reload(),
        }
    }

    pub(super) fn kill(&self, signal: &str) -> Result<()> {
        match self.process() {
            Some(pid) => script::signal(&[pid], signal),
            None => Err(Error::Model(format!("{} is not running", self.name))),
        }
    }

    pub(super) fn mask(&self) -> Result<()> {
        let path = Path::new(FOLDERS[0]).join(&self.name);
        if self.masked {
            return Ok(());
        }
        if path.symlink_metadata().is_ok_and(|found| found.is_file()) {
            let text = format!(
                "Failed to mask unit: File '{}' already exists.",
                path.display()
            );
            return Err(Error::Model(text));
        }
        make_parent(&path)?;
        // A link to the real unit gives way.
        let _ = fs::remove_file(&path);
        symlink("/dev/null", &path).doing(|| format!("link `{}`", path.display()))
    }

    pub(super) fn unmask(&self) -> Result<()> {
        let path = Path::new(FOLDERS[0]).join(&self.name);
        match self.masked && path.symlink_metadata().is_ok() {
            true => fs::remove_file(&path).doing(|| format!("remove `{}`", path.display())),
            false => Ok(()),
        }
    }

    fn daemon(&self) -> Result<Daemon<'_>> {
        let (_, file) = self
            .file()
            .ok_or_else(|| Error::Model(format!("Unit {} not found.", self.name)))?;
        let names = Names {
            unit: self.name.clone(),
        };
        Ok(Daemon::new(names, file))
    }
}

/// Makes the folder that a file is to stand in.
pub(super) fn make_parent(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).doing(|| format!("make the folder `{}`", folder.display()))
}

/// The file of the unit, else that of its template.
fn unit_path(name: &str) -> Option<PathBuf> {
    let template = name
        .split_once('@')
        .map(|(prefix, _)| format!("{prefix}@{SUFFIX}"));
    let names = [Some(name.to_owned()), template];
    names.iter().flatten().find_map(|name| {
        FOLDERS
            .iter()
            .map(|folder| Path::new(folder).join(name))
            .find(|path| path.symlink_metadata().is_ok())
    })
}

/// A link that a package's installation has made.
fn is_packaged(path: &Path) -> bool {
    fs::read_link(path)
        .is_ok_and(|target| target.starts_with("/lib") || target.starts_with("/usr/lib"))
}

/// Files that add to a unit, those of the machine's owner last.
fn drop_ins(name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in FOLDERS.iter().rev() {
        let entries = fs::read_dir(Path::new(folder).join(format!("{name}.d")));
        let mut here: Vec<PathBuf> = entries
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "conf")
            })
            .collect();
        here.sort();
        found.extend(here);
    }
    // /lib may be a link to /usr/lib.
    let mut real = Vec::new();
    found.retain(|path| {
        let canonical = path.canonicalize().unwrap_or_else(|_| path.clone());
        let new = !real.contains(&canonical);
        real.push(canonical);
        new
    });
    found
}
