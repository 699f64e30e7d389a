//! The users and groups of a machine made without root, and the user namespace that holds them.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sched::{CloneFlags, unshare};
use rustix::process::{getegid, geteuid};
use serde::{Deserialize, Serialize};

use crate::error::{Doing, Error, Result};
use crate::roles;

/// A run of numbers that `/etc/subuid` or `/etc/subgid` grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    start: u32,
    count: u32,
}

/// Which users exist inside machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ids {
    /// All of the host's: we are root.
    All,
    /// Root inside is this user, and nobody else exists.
    One,
    /// Root inside is this user, the others come from a range of subordinate ids.
    Range {
        /// Users 1 and up.
        users: Run,
        /// Groups 1 and up.
        groups: Run,
    },
}

impl Ids {
    /// What this user may have.
    pub(crate) fn of_this_user() -> Self {
        if geteuid().is_root() {
            return Self::All;
        }
        let (uid, name) = (geteuid().as_raw(), user_name());
        let grant = |path: &str| {
            let text = std::fs::read_to_string(path).ok()?;
            find_grant(&text, uid, name.as_deref())
        };
        let helpers = on_path("newuidmap") && on_path("newgidmap");
        match (helpers, grant("/etc/subuid"), grant("/etc/subgid")) {
            (true, Some(users), Some(groups)) => Self::Range { users, groups },
            _ => Self::One,
        }
    }

    /// Writes the maps of the user namespace that process `pid` has just made.
    fn write_maps(self, pid: u32) -> Result<()> {
        let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
        match self {
            Self::All => Ok(()),
            Self::One => {
                for (file, text) in [
                    ("setgroups", "deny".to_owned()),
                    ("uid_map", format!("0 {uid} 1")),
                    ("gid_map", format!("0 {gid} 1")),
                ] {
                    let path = format!("/proc/{pid}/{file}");
                    std::fs::write(&path, text).doing(|| format!("write `{path}`"))?;
                }
                Ok(())
            }
            Self::Range { users, groups } => {
                run_map("newuidmap", pid, uid, users)?;
                run_map("newgidmap", pid, gid, groups)
            }
        }
    }

    /// Starts `exe role args…`, in a user namespace of its own where we are not root, with pipes for stdin and
    /// stdout.
    pub(crate) fn spawn<I, S>(self, exe: &Path, role: &str, args: I, stderr: Stdio) -> Result<Child>
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new(exe);
        if self != Self::All {
            command.arg(roles::USER_NAMESPACE);
        }
        command
            .arg(role)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr);
        let mut child = command
            .spawn()
            .doing(|| format!("start `{}`", exe.display()))?;
        if self == Self::All {
            return Ok(child);
        }
        let mapped = self.shake_hands(&mut child);
        if mapped.is_err() {
            // The child is of no use without its maps; whether it is gone already does not matter.
            let _ = child.kill();
            let _ = child.wait();
        }
        mapped.map(|()| child)
    }

    fn shake_hands(self, child: &mut Child) -> Result<()> {
        let lost = || Error::Controller("a helper process has no pipe".into());
        let mut byte = [0];
        let out = child.stdout.as_mut().ok_or_else(lost)?;
        out.read_exact(&mut byte)
            .doing(|| "hear from the user namespace".into())?;
        if byte[0] != READY {
            return Err(Error::io(
                "make a user namespace",
                std::io::Error::from_raw_os_error(byte[0].into()),
            ));
        }
        self.write_maps(child.id())?;
        let stdin = child.stdin.as_mut().ok_or_else(lost)?;
        stdin
            .write_all(&[READY])
            .and_then(|()| stdin.flush())
            .doing(|| "start the user namespace".into())
    }
}

/// No errno has this number: the namespace is there.
const READY: u8 = 255;

/// The process of [`roles::USER_NAMESPACE`]: makes the namespace, waits for its maps, becomes `args`.
pub(crate) fn enter_user_namespace(args: &[std::ffi::OsString]) -> Result<()> {
    let (mut stdin, mut stdout) = (std::io::stdin(), std::io::stdout());
    let made = unshare(CloneFlags::CLONE_NEWUSER);
    let answer = made.map_or_else(|errno| u8::try_from(errno as i32).unwrap_or(1), |()| READY);
    stdout
        .write_all(&[answer])
        .and_then(|()| stdout.flush())
        .doing(|| "answer the controller".into())?;
    made.doing(|| "make a user namespace".into())?;
    // One byte and no more: what follows belongs to the next program.
    let mut byte = [0];
    rustix::io::read(&mut stdin, &mut byte).doing(|| "wait for the user namespace".into())?;
    if byte[0] != READY {
        return Err(Error::Controller("the user namespace got no map".into()));
    }
    let exe = std::env::current_exe().doing(|| "find this program".into())?;
    Err(Error::io(
        format!("start `{}`", exe.display()),
        Command::new(&exe).args(args).exec(),
    ))
}

fn run_map(program: &str, pid: u32, own: u32, run: Run) -> Result<()> {
    let Run { start, count } = run;
    let output = Command::new(program)
        .args([pid, 0, own, 1, 1, start, count.min(65_535)].map(|number| number.to_string()))
        .output()
        .doing(|| format!("start `{program}`"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(Error::io(
        format!("map users with `{program}`"),
        std::io::Error::other(text.trim().to_owned()),
    ))
}

/// This user's name, as `/etc/passwd` has it.
fn user_name() -> Option<String> {
    let uid = geteuid().as_raw().to_string();
    let text = std::fs::read_to_string("/etc/passwd").ok()?;
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    })
}

/// `name:start:count` lines; the first of ours counts.
fn find_grant(text: &str, uid: u32, name: Option<&str>) -> Option<Run> {
    text.lines().find_map(|line| {
        let mut fields = line.trim().split(':');
        let owner = fields.next()?;
        let ours = Some(owner) == name || owner.parse() == Ok(uid);
        let (start, count) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        (ours && count > 0).then_some(Run { start, count })
    })
}

/// True when `program` is in a folder of `PATH`.
pub(super) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_found_by_name_or_by_number() {
        let text = "alice:100000:65536\n1001:200000:65536\n";
        assert_eq!(
            find_grant(text, 7, Some("alice")),
            Some(Run {
                start: 100_000,
                count: 65_536
            })
        );
        assert_eq!(
            find_grant(text, 1001, None),
            Some(Run {
                start: 200_000,
                count: 65_536
            })
        );
        assert_eq!(find_grant(text, 8, Some("bob")), None);
    }
}
