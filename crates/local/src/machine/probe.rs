//! Can machines be had here? Each thing a machine needs is tried, in a process of its own.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Stdio;

use nix::sched::{CloneFlags, unshare};
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags, mount_change};
use serde::{Deserialize, Serialize};

use super::ids::{Ids, Lack};
use super::mounts::{filesystem_of, mounts};
use super::overlay::Overlay;
use super::refusal::Refusal;
use super::tree::make_folder;
use crate::error::{Doing, Error, Result};
use crate::network::{self, Obstacle};
use crate::roles;

/// What machines on this system can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// Made with the rights of root: reachable from the host, every package installs.
    pub(crate) root: bool,
    /// The uppers must go to a tmpfs of our own: the folder is on an overlay.
    pub(crate) in_memory: bool,
    /// What the person should know before deploying.
    pub(crate) notes: Vec<Note>,
}

/// A limit of the machines here that is no error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Note {
    /// No range of subordinate ids.
    OneUser(Lack),
    /// The model's files are kept in memory.
    InMemory,
    /// Machines have a network of their own, which leads nowhere else.
    NoWayOut(Obstacle),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoWayOut(obstacle) => return obstacle.fmt(f),
            Self::OneUser(lack) => return lack.fmt(f),
            Self::InMemory => {
                "The machines' files are kept in memory: the folder for models is on an overlay. Choose another \
                 with ENSIGN_HOME; in docker, a volume."
            }
        })
    }
}

/// What the probing process found.
#[derive(Debug, Serialize, Deserialize)]
enum Finding {
    Fine,
    Refused(Refusal),
    Failed(String),
}

/// Tries to make what a machine with its files in `folder` needs.
///
/// # Errors
/// [`Error::Refused`] with the sentence to show when machines are impossible.
pub(crate) fn probe(folder: &Path, ids: Ids, exe: &Path) -> Result<Abilities> {
    let obstacle = network::obstacle();
    let mut notes: Vec<Note> = obstacle.map(Note::NoWayOut).into_iter().collect();
    let in_memory = match try_folder(folder, ids, exe) {
        Err(Error::Refused(Refusal::Overlay { filesystem, .. })) if filesystem == "overlay" => {
            notes.push(Note::InMemory);
            true
        }
        other => other.map(|()| false)?,
    };
    Ok(Abilities {
        root: ids == Ids::All,
        in_memory,
        notes,
    })
}

fn try_folder(folder: &Path, ids: Ids, exe: &Path) -> Result<()> {
    let scratch = folder.join(format!(".probe-{}", std::process::id()));
    for name in ["", "lower", "upper", "work", "merged"] {
        make_folder(&scratch.join(name), 0o700)?;
    }
    let finding = ask(&scratch, ids, exe);
    super::remove_tree(&scratch, ids, exe)?;
    match finding? {
        Finding::Fine => Ok(()),
        Finding::Refused(Refusal::Overlay { filesystem, .. }) => Err(Refusal::Overlay {
            path: folder.to_owned(),
            filesystem,
        }
        .into()),
        Finding::Refused(refusal) => Err(refusal.into()),
        Finding::Failed(why) => Err(Error::io("try a machine", io::Error::other(why))),
    }
}

fn ask(scratch: &Path, ids: Ids, exe: &Path) -> Result<Finding> {
    let mut args = vec![scratch.as_os_str()];
    args.extend((ids != Ids::All).then_some(OsStr::new(AS_USER)));
    let child = match ids.spawn(exe, roles::PROBE, args, Stdio::inherit()) {
        Ok(child) => child,
        Err(Error::Io { source, .. }) if ids != Ids::All && is_refusal(&source) => {
            return Ok(Finding::Refused(user_refusal()));
        }
        Err(error) => return Err(error),
    };
    let output = child
        .wait_with_output()
        .doing(|| "wait for the probe".into())?;
    serde_json::from_slice(&output.stdout).map_err(|_| {
        Error::Controller(format!(
            "the probe ended with {} and said nothing",
            output.status
        ))
    })
}

fn is_refusal(error: &io::Error) -> bool {
    [
        Errno::NOSPC,
        Errno::PERM,
        Errno::ACCESS,
        Errno::USERS,
        Errno::INVAL,
    ]
    .iter()
    .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}

/// Which of the two settings is in the way of an ordinary user.
fn user_refusal() -> Refusal {
    let setting = fs::read_to_string("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
    match setting.is_ok_and(|text| text.trim() == "1")
        && fs::read_to_string("/proc/sys/user/max_user_namespaces")
            .is_ok_and(|text| text.trim() != "0")
    {
        true => Refusal::AppArmor,
        false => Refusal::NoUserNamespaces,
    }
}

/// Tells the probe that machines will be made without root.
const AS_USER: &str = "user";

/// The process of [`roles::PROBE`], inside the user namespace where there is one: prints a [`Finding`].
pub(crate) fn probe_child(args: &[OsString]) -> Result<()> {
    let scratch = args
        .first()
        .map(Path::new)
        .ok_or_else(|| Error::Controller("nothing to probe".into()))?;
    let user = args.get(1).is_some_and(|word| word == AS_USER);
    let finding = try_here(scratch, user);
    let text =
        serde_json::to_string(&finding).map_err(|error| Error::Controller(error.to_string()))?;
    io::Write::write_all(&mut io::stdout(), text.as_bytes()).doing(|| "report".into())
}

fn try_here(scratch: &Path, user: bool) -> Finding {
    let refused = |error: Errno, refusal: Refusal| match error {
        Errno::PERM | Errno::ACCESS | Errno::NOSPC => Finding::Refused(refusal),
        other => Finding::Failed(other.to_string()),
    };
    if let Err(error) = unshare(CloneFlags::CLONE_NEWNS) {
        let refusal = if user {
            Refusal::AppArmor
        } else {
            Refusal::NoAdmin
        };
        return refused(Errno::from_raw_os_error(error as i32), refusal);
    }
    let private = MountPropagationFlags::REC | MountPropagationFlags::PRIVATE;
    let merged = scratch.join("merged");
    let mounted = mount_change("/", private)
        .and_then(|()| rustix::mount::mount("tmpfs", &merged, "tmpfs", MountFlags::empty(), None));
    if let Err(error) = mounted {
        return refused(
            error,
            if user {
                Refusal::AppArmor
            } else {
                Refusal::NoAdmin
            },
        );
    }
    let (lower, upper, work) = (
        scratch.join("lower"),
        scratch.join("upper"),
        scratch.join("work"),
    );
    let empty = Overlay {
        lower: &[&lower],
        upper: &upper,
        work: &work,
        user,
    };
    if let Err(error) = empty.mount(&merged) {
        let all = mounts().unwrap_or_default();
        let filesystem = filesystem_of(scratch, &all);
        return match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::INVAL | Errno::NODEV | Errno::OPNOTSUPP | Errno::PERM) => {
                Finding::Refused(Refusal::Overlay {
                    path: scratch.to_owned(),
                    filesystem,
                })
            }
            _ => Finding::Failed(error.to_string()),
        };
    }
    if user {
        return Finding::Fine;
    }
    let slash = Overlay {
        lower: &[Path::new("/")],
        upper: &upper,
        work: &work,
        user,
    };
    match rustix::mount::unmount(&merged, rustix::mount::UnmountFlags::DETACH)
        .map_err(io::Error::from)
        .and_then(|()| slash.mount(&merged))
    {
        Ok(()) => Finding::Fine,
        Err(error) if is_refusal(&error) => Finding::Refused(Refusal::Nested),
        Err(error) => Finding::Failed(error.to_string()),
    }
}
