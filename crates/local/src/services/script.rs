//! Init scripts, and what all services have in common: a log, an error, signals.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use super::daemon::PATH;
use super::service::Service;
use crate::error::{Doing, Error, Result};

/// What services print, since there is no journal.
const LOGS: &str = "/var/log/ensign-services";

/// Runs an init script as `service` would: with nothing of the caller's environment.
pub(super) fn run(service: &Service, path: &Path, action: &str) -> Result<()> {
    let (log, errors) = match action {
        "status" => (Stdio::null(), Stdio::null()),
        _ => {
            let log = log(service.name())?;
            let errors = log.try_clone().doing(|| "copy the log".into())?;
            (Stdio::from(log), Stdio::from(errors))
        }
    };
    let status: ExitStatus = Command::new(path)
        .arg(action)
        .env_clear()
        .env("PATH", PATH)
        .env("TERM", "dumb")
        // Else scripts that know of systemd would hand the work to it.
        .env("SYSTEMCTL_SKIP_REDIRECT", "1")
        .env("_SYSTEMCTL_SKIP_REDIRECT", "1")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .status()
        .doing(|| format!("start `{}`", path.display()))?;
    match status.success() {
        true => Ok(()),
        false => {
            let why = format!("`{} {action}` ended: {status}", path.display());
            Err(failed(service.name(), &why))
        }
    }
}

pub(super) fn failed(unit: &str, why: &str) -> Error {
    let path = log_path(unit);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let last = text.lines().rev().take(5).collect::<Vec<_>>();
    let last: String = last
        .into_iter()
        .rev()
        .map(|line| format!("\n  {line}"))
        .collect();
    Error::Model(format!(
        "Job for {unit} failed: {why}. Its last words, from {}:{last}",
        path.display()
    ))
}

fn log_path(unit: &str) -> PathBuf {
    Path::new(LOGS).join(format!("{unit}.log"))
}

pub(super) fn log(unit: &str) -> Result<File> {
    fs::create_dir_all(LOGS).doing(|| format!("make the folder `{LOGS}`"))?;
    let path = log_path(unit);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.flush().map(|()| file))
        .doing(|| format!("open `{}`", path.display()))
}

/// Sends a signal by its name; processes that are gone have had it.
pub(super) fn signal(pids: &[u32], name: &str) -> Result<()> {
    if pids.is_empty() {
        return Ok(());
    }
    let name = name.trim_start_matches("SIG");
    let status = Command::new("kill")
        .args(["-s", name])
        .args(pids.iter().map(u32::to_string))
        .stderr(Stdio::null())
        .status();
    match status {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io(format!("send SIG{name}"), error))
        }
        _ => Ok(()),
    }
}
