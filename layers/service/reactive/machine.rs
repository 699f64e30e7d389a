//! The machine's services: through systemd, or where that does not run through init scripts.

use std::process::Output;

use ensign::prelude::*;

/// Seconds that an init script may take: some wait for ever for a daemon that does not end. systemd has limits itself.
const PATIENCE: &str = "120";
/// How `timeout` ends when that was not enough.
const TIMED_OUT: i32 = 124;

/// What starts and stops services on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manager {
    Systemd,
    /// `service` and `update-rc.d`.
    Scripts,
}

/// How a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Stopped,
    /// It ended in a way that systemd calls a failure, and may refuse to start again.
    Failed,
}

/// What a program made of it. An [`Error`] is a failure of the hook; this is one of the machine, for its operator.
pub(crate) type Attempt = std::result::Result<(), String>;

/// Who manages this service, and how it is.
pub(crate) fn look(ctx: &mut Context, name: &str) -> Result<(Manager, State)> {
    // A `systemctl` that is there need not work: on a machine that another init has started it says nothing of states.
    let output = run(ctx, "systemctl", &["is-active", name])?;
    if let Some(output) = output {
        let word = String::from_utf8_lossy(&output.stdout);
        if !word.trim().is_empty() {
            let state = match word.trim() {
                _ if output.status.success() => State::Running,
                "failed" => State::Failed,
                _ => State::Stopped,
            };
            return Ok((Manager::Systemd, state));
        }
    }
    let output = run(ctx, "service", &[name, "status"])?;
    let is_running = output.is_some_and(|output| output.status.success());
    let state = if is_running {
        State::Running
    } else {
        State::Stopped
    };
    Ok((Manager::Scripts, state))
}

impl Manager {
    /// `start`, `stop`, `restart` or `reload`.
    pub(crate) fn act(self, ctx: &mut Context, verb: &str, name: &str) -> Result<Attempt> {
        let attempt = match self {
            Self::Systemd => attempt(ctx, "systemctl", &[verb, name])?,
            Self::Scripts => attempt(ctx, "timeout", &[PATIENCE, "service", name, verb])?,
        };
        if attempt.is_ok() {
            ctx.note_immediate(format!("service `{name}`: {verb}"));
        }
        Ok(attempt.map_err(|why| format!("cannot {verb} {name}: {why}")))
    }

    /// Has it started, or not, with the machine. systemd is asked first; of scripts nothing can be asked.
    pub(crate) fn enable(self, ctx: &mut Context, name: &str, enabled: bool) -> Result<Attempt> {
        let verb = if enabled { "enable" } else { "disable" };
        let attempt = match self {
            Self::Systemd => {
                let is_enabled = run(ctx, "systemctl", &["is-enabled", name])?;
                if is_enabled.is_some_and(|output| output.status.success() == enabled) {
                    return Ok(Ok(()));
                }
                attempt(ctx, "systemctl", &[verb, name])?
            }
            Self::Scripts => attempt(ctx, "update-rc.d", &[name, verb])?,
        };
        Ok(attempt.map_err(|why| format!("cannot {verb} {name}: {why}")))
    }

    /// Has systemd read its units again.
    pub(crate) fn read_units(self, ctx: &mut Context) -> Result<Attempt> {
        match self {
            Self::Systemd => {
                let attempt = attempt(ctx, "systemctl", &["daemon-reload"])?;
                Ok(attempt.map_err(|why| format!("systemd cannot read its units: {why}")))
            }
            Self::Scripts => Ok(Ok(())),
        }
    }

    /// Has systemd forget how often it failed: after too many starts in too short a time it refuses another.
    pub(crate) fn forgive(self, ctx: &mut Context, name: &str) -> Result {
        if self == Self::Systemd {
            // Where it does not work, the start says what is wrong.
            let _forgiven = run(ctx, "systemctl", &["reset-failed", name])?;
        }
        Ok(())
    }
}

fn attempt(ctx: &mut Context, program: &str, arguments: &[&str]) -> Result<Attempt> {
    Ok(match run(ctx, program, arguments)? {
        None => Err(format!("there is no `{program}` on this machine")),
        Some(output) if output.status.success() => Ok(()),
        Some(output) if program == "timeout" && output.status.code() == Some(TIMED_OUT) => {
            Err(format!("it did not come to an end in {PATIENCE} s"))
        }
        Some(output) => Err(cause(&output)),
    })
}

/// The first line of what it says; those that follow tell where to read more.
fn cause(output: &Output) -> String {
    const ENOUGH: usize = 240;
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    if text.trim().is_empty() {
        // Init scripts tell of it as they tell of everything.
        text = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    let line = text.lines().map(str::trim).find(|line| !line.is_empty());
    line.map_or_else(
        || format!("it ended with {}", output.status),
        |line| line.chars().take(ENOUGH).collect(),
    )
}

/// How it ended; `None` where there is no such program.
fn run(ctx: &mut Context, program: &str, arguments: &[&str]) -> Result<Option<Output>> {
    // No pager, no colours, no question.
    let command = ctx
        .command(program)
        .args(arguments)
        .env("SYSTEMD_PAGER", "cat");
    match command.wait() {
        Ok(output) => Ok(Some(output)),
        Err(error) => {
            let cause = error.downcast_ref::<std::io::Error>();
            if cause.is_some_and(|e| e.kind() == std::io::ErrorKind::NotFound) {
                return Ok(None);
            }
            Err(error)
        }
    }
}
