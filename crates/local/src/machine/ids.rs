//! The users and groups of a machine made without root, and the user namespace that holds them.

use std::ffi::OsStr;
use std::fmt;
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

/// Where they stand.
const GRANTS: [&str; 2] = ["/etc/subuid", "/etc/subgid"];

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

/// Why machines have one user only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lack {
    /// Something that can be had.
    Things {
        /// The programs that map users.
        helpers: bool,
        /// Those files of [`GRANTS`] that have no line for this user.
        files: Vec<&'static str>,
        /// Such a line.
        line: String,
    },
    /// All is there and does not work, as in some containers.
    Refused(String),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Machines have one user only, so packages that make users (redis-server) will not install: ")?;
        match self {
            Self::Things {
                helpers,
                files,
                line,
            } => {
                if *helpers {
                    f.write_str("`newuidmap` is missing (`apt-get install uidmap`)")?;
                }
                if *helpers && !files.is_empty() {
                    f.write_str(", and ")?;
                }
                if !files.is_empty() {
                    let (named, typed) = (files.join(" and in "), files.join(" "));
                    write!(
                        f,
                        "this user has no range in {named} (`echo {line} | sudo tee -a {typed}`)"
                    )?;
                }
            }
            Self::Refused(why) => f.write_str(why.trim_end_matches('.'))?,
        }
        f.write_str(". Or run as root.")
    }
}

impl Ids {
    /// What this user may have.
    pub(crate) fn of_this_user() -> Self {
        Self::find().unwrap_or(Self::One)
    }

    /// More users than one, or what is missing for them.
    pub(crate) fn find() -> std::result::Result<Self, Lack> {
        if geteuid().is_root() {
            return Ok(Self::All);
        }
        let (uid, name) = (geteuid().as_raw(), user_name());
        let texts = GRANTS.map(|path| std::fs::read_to_string(path).unwrap_or_default());
        let helpers = on_path("newuidmap") && on_path("newgidmap");
        let grants = texts
            .each_ref()
            .map(|t| find_grant(t, uid, name.as_deref()));
        match (helpers, grants) {
            (true, [Some(users), Some(groups)]) => Ok(Self::Range { users, groups }),
            _ => Err(Lack::Things {
                helpers: !helpers,
                files: std::iter::zip(GRANTS, grants)
                    .filter_map(|(path, grant)| grant.is_none().then_some(path))
                    .collect(),
                line: format!(
                    "{}:{}:65536",
                    name.unwrap_or_else(|| uid.to_string()),
                    free(&texts)
                ),
            }),
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
    all_grants(text).find_map(|(owner, run)| {
        let ours = Some(owner) == name || owner.parse() == Ok(uid);
        (ours && run.count > 0).then_some(run)
    })
}

fn all_grants(text: &str) -> impl Iterator<Item = (&str, Run)> {
    text.lines().filter_map(|line| {
        let mut fields = line.trim().split(':');
        let owner = fields.next()?;
        let (start, count) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some((owner, Run { start, count }))
    })
}

/// The first number behind all that is granted to anybody, and where such grants begin by custom.
fn free(texts: &[String]) -> u32 {
    let runs = texts.iter().flat_map(|text| all_grants(text));
    let ends = runs.map(|(_, run)| run.start.saturating_add(run.count));
    ends.fold(100_000, u32::max)
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

    #[test]
    fn a_range_that_is_proposed_is_nobodys() {
        let texts = ["alice:100000:65536\n", "bob:165536:65536\nroot:0:7\n"];
        assert_eq!(free(&texts.map(str::to_owned)), 231_072);
        assert_eq!(free(&["root:0:7".into(), String::new()]), 100_000);
    }

    #[test]
    fn what_is_missing_for_more_users_is_told_with_what_to_type() {
        let lack = |helpers, files| Lack::Things {
            helpers,
            files,
            line: "eve:100000:65536".into(),
        };
        let install = "`apt-get install uidmap`";
        let both = "`echo eve:100000:65536 | sudo tee -a /etc/subuid /etc/subgid`";
        let one = "`echo eve:100000:65536 | sudo tee -a /etc/subgid`";
        for (lack, there, not) in [
            (lack(true, vec![]), vec![install], vec!["/etc/subuid"]),
            (lack(false, GRANTS.into()), vec![both], vec!["newuidmap"]),
            (lack(false, vec!["/etc/subgid"]), vec![one], vec!["subuid"]),
            (lack(true, GRANTS.into()), vec![install, both], vec![]),
            (
                Lack::Refused("no.".into()),
                vec![": no. Or"],
                vec!["subuid"],
            ),
        ] {
            let text = lack.to_string();
            assert!(there.iter().all(|words| text.contains(words)), "{text}");
            assert!(!not.iter().any(|words| text.contains(words)), "{text}");
            assert!(text.ends_with(". Or run as root."), "{text}");
        }
    }
}
