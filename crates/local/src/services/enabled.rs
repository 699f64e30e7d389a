//! Which services start with the machine.
//!
//! A machine begins with the host's files, and the host's services are not its own: those that were enabled before
//! anything ran in it are noted, and never started by a reboot. What is enabled later is.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::service::{FOLDERS, Service, make_parent};
use crate::error::{Doing, Error, Result};

const FOLDER: &str = "/var/lib/ensign-services";
/// Those of the host.
const BEFORE: &str = "before";
/// Those that `systemctl enable` was asked for, whether the host had them enabled or not.
const ASKED: &str = "enabled";
/// The init scripts of the run level that a machine says it is in.
const LEVEL: &str = "/etc/rc2.d";

/// Whether a service starts with the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Enabled,
    Disabled,
    /// It says nothing of when it is to start.
    Static,
    Masked,
}

impl State {
    /// As `is-enabled` says it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Static => "static",
            Self::Masked => "masked",
        }
    }

    pub(super) const fn is_enabled(self) -> bool {
        matches!(self, Self::Enabled | Self::Static)
    }
}

/// Whether it does.
pub(super) fn state(service: &Service) -> State {
    if service.is_masked() {
        return State::Masked;
    }
    if all().contains(service.name()) {
        return State::Enabled;
    }
    let says_when = |key| {
        service
            .file()
            .is_some_and(|(_, file)| !file.all("Install", key).is_empty())
    };
    match service.script().is_some()
        || ["WantedBy", "RequiredBy", "Alias"]
            .into_iter()
            .any(says_when)
    {
        true => State::Disabled,
        false => State::Static,
    }
}

/// All services that are enabled.
pub(super) fn all() -> BTreeSet<String> {
    let mut found = names(ASKED);
    for name in list(Path::new(LEVEL)) {
        if let Some(stem) = name.strip_prefix('S').and_then(|rest| rest.get(2..)) {
            found.insert(format!("{stem}.service"));
        }
    }
    for folder in &FOLDERS[..1] {
        for name in list(Path::new(folder)) {
            if name.ends_with(".wants") || name.ends_with(".requires") {
                let units = list(&Path::new(folder).join(name)).into_iter();
                found.extend(units.filter(|unit| unit.ends_with(".service")));
            }
        }
    }
    found
}

/// Makes it start with the machine.
pub(super) fn enable(service: &Service) -> Result<()> {
    for (link, target) in links(service) {
        make_parent(&link)?;
        match symlink(&target, &link) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::io(format!("link `{}`", link.display()), error));
            }
            _ => {}
        }
    }
    if service.script().is_some() {
        update_rc(&[service.stem(), "defaults"])?;
        update_rc(&[service.stem(), "enable"])?;
    }
    remember(service.name(), true)
}

/// Makes it no longer start with the machine.
pub(super) fn disable(service: &Service) -> Result<()> {
    for (link, _) in links(service) {
        match fs::remove_file(&link) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(format!("remove `{}`", link.display()), error));
            }
            _ => {}
        }
    }
    if service.script().is_some() {
        update_rc(&[service.stem(), "disable"])?;
    }
    remember(service.name(), false)
}

/// Where links stand for `[Install]`.
fn links(service: &Service) -> Vec<(PathBuf, PathBuf)> {
    let Some((path, file)) = service.file() else {
        return Vec::new();
    };
    let base = Path::new(FOLDERS[0]);
    let words = |key| {
        file.all("Install", key)
            .iter()
            .flat_map(|text| text.split_whitespace())
    };
    let targets = words("WantedBy")
        .map(|target| base.join(format!("{target}.wants")).join(service.name()))
        .chain(
            words("RequiredBy")
                .map(|target| base.join(format!("{target}.requires")).join(service.name())),
        )
        .chain(words("Alias").map(|alias| base.join(alias)));
    targets.map(|link| (link, path.to_owned())).collect()
}

fn update_rc(words: &[&str]) -> Result<()> {
    let output = Command::new("/usr/sbin/update-rc.d")
        .args(words)
        .stdin(Stdio::null())
        .output()
        .doing(|| "start `update-rc.d`".into())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(Error::Model(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        )),
    }
}

fn remember(name: &str, on: bool) -> Result<()> {
    let mut asked = names(ASKED);
    match on {
        true => asked.insert(name.to_owned()),
        false => asked.remove(name),
    };
    write(ASKED, &asked)
}

/// A machine's first boot: what is enabled now is the host's.
pub(crate) fn note_those_of_the_host() -> Result<()> {
    match Path::new(FOLDER).join(BEFORE).exists() {
        true => Ok(()),
        false => write(BEFORE, &all()),
    }
}

/// A machine's later boot: starts what was enabled in it. What fails is told by `systemctl status`.
pub(crate) fn start_all() {
    let (asked, before) = (names(ASKED), names(BEFORE));
    for name in all() {
        if asked.contains(&name) || !before.contains(&name) {
            // Nobody waits for it.
            let _ = Service::find(&name).map(|service| service.start());
        }
    }
}

fn names(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(Path::new(FOLDER).join(file)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn write(file: &str, names: &BTreeSet<String>) -> Result<()> {
    let path = Path::new(FOLDER).join(file);
    make_parent(&path)?;
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    fs::write(&path, text).doing(|| format!("write `{}`", path.display()))
}

fn list(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect()
}
