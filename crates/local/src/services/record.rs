//! What this `systemctl` has started: kept in `/run`, which a reboot empties.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Doing, Error, Result};

const FOLDER: &str = "/run/ensign-services";

/// One unit that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Its first process; none for a task that is done and still counts.
    pub(super) process: Option<Process>,
}

/// A process that is never mistaken for a later one of the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    pub(super) pid: u32,
    began: u64,
}

impl Process {
    /// The process that has this number now.
    pub(super) fn now(pid: u32) -> Option<Self> {
        let began = stat(pid)?.get(19)?.parse().ok()?;
        Some(Self { pid, began })
    }

    /// It has not ended. One that nobody has waited for yet has.
    pub(super) fn lives(self) -> bool {
        Self::now(self.pid) == Some(self)
            && stat(self.pid).is_some_and(|fields| !matches!(fields[0].as_str(), "Z" | "X"))
    }

    /// Every process of its session, itself included while it lives.
    pub(super) fn session(self) -> Vec<u32> {
        let entries = fs::read_dir("/proc").into_iter().flatten();
        let pids = entries
            .map_while(io::Result::ok)
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        pids.filter(|pid| {
            stat(*pid).is_some_and(|fields| {
                fields
                    .get(3)
                    .is_some_and(|session| *session == self.pid.to_string())
                    && !matches!(fields[0].as_str(), "Z" | "X")
            })
        })
        .collect()
    }
}

/// The fields of `/proc/PID/stat` behind the program's name, which may contain anything.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    (!fields.is_empty()).then_some(fields)
}

impl Record {
    /// The unit's, if it was started.
    pub(super) fn of(unit: &str) -> Option<Self> {
        let text = fs::read(path(unit, "json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Keeps it.
    pub(super) fn keep(&self, unit: &str) -> Result<()> {
        make_folder()?;
        let path = path(unit, "json");
        let text =
            serde_json::to_vec(self).map_err(|error| Error::Controller(error.to_string()))?;
        fs::write(&path, text).doing(|| format!("write `{}`", path.display()))
    }

    /// Forgets that the unit was started.
    pub(super) fn forget(unit: &str) -> Result<()> {
        let path = path(unit, "json");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(Error::io(format!("remove `{}`", path.display()), error))
            }
            _ => Ok(()),
        }
    }
}

/// A file for a unit's affairs.
pub(super) fn path(unit: &str, extension: &str) -> PathBuf {
    Path::new(FOLDER).join(format!("{}.{extension}", unit.replace('/', "_")))
}

/// Makes the folder of such files.
pub(super) fn make_folder() -> Result<()> {
    fs::create_dir_all(FOLDER).doing(|| format!("make the folder `{FOLDER}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_known_by_when_it_began_too() {
        let own = Process::now(std::process::id()).unwrap();
        assert!(own.lives());
        let other = Process {
            began: own.began + 1,
            ..own
        };
        assert!(!other.lives());
    }
}
