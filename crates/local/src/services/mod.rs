//! `systemctl` in a machine, where no systemd runs.
//!
//! Charms and their tools start daemons with it, so a machine has one: it starts what a package's init script starts, or
//! what a unit file says where there is no such script or somebody has written a unit of their own. It supervises nothing:
//! a daemon that ends stays down, and is told as failed. Units other than services are not there.

mod account;
mod command;
mod daemon;
mod enabled;
mod exec_line;
mod record;
mod script;
mod service;
mod show;
mod unit_file;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use command::{Command, Verb};
use service::Service;

pub(crate) use enabled::{note_those_of_the_host, start_all as start_enabled};

/// The name under which the executable is this command.
pub(crate) const SYSTEMCTL: &str = "systemctl";

/// LSB's exit codes, which systemd uses too.
const NOT_RUNNING: u8 = 3;
const NO_SUCH_UNIT: u8 = 4;

/// The command.
pub(crate) fn systemctl(args: &[OsString]) -> ExitCode {
    let words: Vec<String> = args
        .iter()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let command = match Command::parse(&words) {
        Ok(command) => command,
        Err(text) => return complain(&text, 1),
    };
    match run(&command) {
        Ok(code) => ExitCode::from(code),
        Err(Failed(text, code)) => complain(&text, code),
    }
}

/// What is said on stderr, and the exit code.
struct Failed(String, u8);

impl From<crate::Error> for Failed {
    fn from(error: crate::Error) -> Self {
        Self(error.to_string(), 1)
    }
}

fn run(command: &Command) -> Result<u8, Failed> {
    match command.verb {
        Verb::Nothing => return Ok(0),
        Verb::IsSystemRunning => return say("running"),
        Verb::List => return list(),
        _ => {}
    }
    let mut code = None;
    for name in &command.units {
        let service = Service::find(name)?;
        let one = one(command, &service)?;
        // For questions one good answer is enough; for orders one failure is too much.
        code = Some(match code {
            Some(before) if command.verb.is_question() => u8::min(before, one),
            Some(before) => u8::max(before, one),
            None => one,
        });
    }
    code.ok_or_else(|| Failed("Too few arguments.".into(), 1))
}

fn one(command: &Command, service: &Service) -> Result<u8, Failed> {
    let name = service.name();
    match command.verb {
        Verb::IsActive => {
            let state = service.state();
            if !command.quiet {
                say(state.word())?;
            }
            return Ok(match (state.is_active(), service.exists()) {
                (true, _) => 0,
                (false, true) => NOT_RUNNING,
                (false, false) => NO_SUCH_UNIT,
            });
        }
        Verb::IsFailed => {
            let state = service.state();
            if !command.quiet {
                say(state.word())?;
            }
            return Ok(u8::from(!state.is_failed()));
        }
        Verb::Show => {
            return say(show::properties(service, &command.properties, command.value).trim_end());
        }
        Verb::Unmask => return Ok(service.unmask().map(|()| 0)?),
        Verb::Mask => return Ok(service.mask().map(|()| 0)?),
        _ => {}
    }
    if !service.exists() {
        return Err(match command.verb {
            Verb::Status => Failed(format!("Unit {name} could not be found."), NO_SUCH_UNIT),
            Verb::IsEnabled => Failed(
                format!("Failed to get unit file state for {name}: No such file or directory"),
                1,
            ),
            verb => Failed(
                format!("Failed to {} {name}: Unit {name} not found.", verb.word()),
                5,
            ),
        });
    }
    match command.verb {
        Verb::Status => {
            say(show::status(service).trim_end())?;
            Ok(if service.state().is_active() {
                0
            } else {
                NOT_RUNNING
            })
        }
        Verb::Cat => say(service.text().trim_end()),
        Verb::IsEnabled => {
            let state = enabled::state(service);
            if !command.quiet {
                say(state.word())?;
            }
            Ok(u8::from(!state.is_enabled()))
        }
        Verb::Enable => {
            enabled::enable(service)?;
            if command.now {
                service.start()?
            }
            Ok(0)
        }
        Verb::Disable => {
            enabled::disable(service)?;
            if command.now {
                service.stop()?
            }
            Ok(0)
        }
        Verb::Start => Ok(service.start().map(|()| 0)?),
        Verb::Stop => Ok(service.stop().map(|()| 0)?),
        Verb::Restart => Ok(service.restart().map(|()| 0)?),
        Verb::TryRestart if !service.state().is_active() => Ok(0),
        Verb::TryRestart => Ok(service.restart().map(|()| 0)?),
        Verb::Reload => Ok(service.reload().map(|()| 0)?),
        Verb::ReloadOrRestart if service.can_reload() && service.state().is_active() => {
            Ok(service.reload().map(|()| 0)?)
        }
        Verb::ReloadOrRestart => Ok(service.restart().map(|()| 0)?),
        Verb::Kill => Ok(service.kill(&command.signal).map(|()| 0)?),
        _ => Ok(0),
    }
}

fn list() -> Result<u8, Failed> {
    let mut lines = Vec::new();
    for name in enabled::all() {
        let service = Service::find(&name)?;
        lines.push(format!(
            "{} loaded {}",
            service.name(),
            service.state().word()
        ));
    }
    say(&lines.join("\n"))
}

fn say(text: &str) -> Result<u8, Failed> {
    let mut out = io::stdout();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        // A reader that has gone away has had enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed(error.to_string(), 1))
        }
        _ => Ok(0),
    }
}

fn complain(text: &str, code: u8) -> ExitCode {
    // Without a stderr nobody wants to know.
    let _ = writeln!(io::stderr(), "{text}");
    ExitCode::from(code)
}
