//! Into a running machine from outside, as its operator.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use nix::sched::{CloneFlags, setns};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use signal_hook::consts::{SIGINT, SIGQUIT};

use super::init::PATH;
use crate::error::{Doing, Error, Result};
use crate::roles;

/// What the person's terminal and language are is the same inside.
const KEPT: [&str; 4] = ["TERM", "LANG", "LC_ALL", "COLORTERM"];

/// The process of [`roles::ENTER`], `PID [WORD…]`: a shell in the machine of that process, or a command, as `ssh` runs one.
pub(crate) fn enter(args: &[OsString]) -> Result<ExitCode> {
    let (pid, words) = args.split_first().ok_or_else(misused)?;
    move_into(
        pid,
        CloneFlags::CLONE_NEWPID | CloneFlags::CLONE_NEWUTS | CloneFlags::CLONE_NEWIPC,
    )?;
    let shell = ["/bin/bash", "/bin/sh"]
        .into_iter()
        .find(|path| fs::exists(path).unwrap_or_default())
        .unwrap_or("/bin/sh");
    let mut command = Command::new(shell);
    if words.is_empty() {
        command.arg("-l");
    } else {
        command.arg("-c").arg(words.join(&OsString::from(" ")));
    }
    command.env_clear().env("PATH", PATH).env("HOME", "/root");
    command
        .env("USER", "root")
        .env("LOGNAME", "root")
        .env("SHELL", shell);
    command.envs(
        KEPT.into_iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?))),
    );
    if fs::exists("/root").unwrap_or_default() {
        command.current_dir("/root");
    }
    // Keys that end the command are for it, not for whoever waits for it.
    for signal in [SIGINT, SIGQUIT] {
        signal_hook::flag::register(signal, Arc::new(AtomicBool::new(false)))
            .doing(|| "leave signals to the command".into())?;
    }
    let status = command
        .status()
        .doing(|| format!("start `{shell}` in the machine"))?;
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    Ok(ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
    ))
}

/// The process of [`roles::DIAL`], `PID HOST PORT`: connects from within the machine of that process, and passes on what
/// comes in through stdin, which is a socket, and from there.
pub(crate) fn dial(args: &[OsString]) -> Result<()> {
    let [pid, host, port] = args else {
        return Err(misused());
    };
    move_into(pid, CloneFlags::empty())?;
    let (host, port) = (host.to_string_lossy(), port.to_string_lossy());
    let connecting = || format!("connect to {host}:{port} from the machine");
    let port: u16 = port.parse().map_err(|_| misused())?;
    let there = TcpStream::connect((&*host, port)).doing(connecting)?;
    let here = io::stdin().as_fd().try_clone_to_owned().doing(connecting)?;
    let here = TcpStream::from(here);
    let (from, to) = (
        here.try_clone().doing(connecting)?,
        there.try_clone().doing(connecting)?,
    );
    let up = std::thread::spawn(move || pass_on(&from, &to));
    pass_on(&there, &here);
    // It has ended, or has no more to say to anybody.
    let _ = up.join();
    Ok(())
}

/// Until one side has no more to say; then the other is told so. Whatever breaks is over for both.
fn pass_on(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

/// Moves this process into the user, mount and network namespaces of the machine whose first process is `pid`, and into
/// `more`, of which its children will be.
fn move_into(pid: &OsString, more: CloneFlags) -> Result<()> {
    let entering = || "enter the machine".to_owned();
    let number = pid.to_string_lossy().into_owned();
    let raw = number
        .parse()
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(misused)?;
    let handle = pidfd_open(raw, PidfdFlags::empty()).doing(entering)?;
    // The number may be another process's by now; the handle stays with the one it was opened for.
    let line = fs::read(format!("/proc/{number}/cmdline")).doing(entering)?;
    let role = line.split(|byte| *byte == 0).nth(1).unwrap_or_default();
    if role != roles::MACHINE_INIT.as_bytes() {
        return Err(Error::Model("the machine is gone".into()));
    }
    let namespace = |whose: &str| fs::read_link(format!("/proc/{whose}/ns/user")).doing(entering);
    let mut all = more | CloneFlags::CLONE_NEWNS | CloneFlags::CLONE_NEWNET;
    // One's own cannot be entered again.
    if namespace(&number)? != namespace("self")? {
        all |= CloneFlags::CLONE_NEWUSER;
    }
    setns(handle, all).doing(entering)
}

fn misused() -> Error {
    Error::Controller("a way into a machine that makes no sense".into())
}
