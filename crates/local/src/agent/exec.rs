//! `juju-exec` on a machine: the command, and the agent's end of it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ensign_model::UnitName;

use super::layout::Layout;
use super::protocol::{Executed, Hello};
use crate::error::{Doing, Error, Result};
use crate::folder::set_mode;
use crate::wire;

const AGENTS: &str = "/var/lib/juju/agents";
const USAGE: &str = "usage: juju-exec [-u UNIT | UNIT] COMMANDS";

/// Serves the unit's `run.socket`: passes commands on to the controller, which decides when they run.
pub(super) fn serve(unit: &UnitName, layout: &Layout, shared: &Path) -> Result<()> {
    let path = layout.run_socket();
    let listening = || format!("listen on `{}`", path.display());
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io(listening(), error));
        }
        _ => {}
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let listener: UnixListener = crate::folder::ModelFolder::listen(&layout.base, &name)?;
    set_mode(&path, 0o700)?;
    let (unit, shared) = (unit.clone(), shared.to_owned());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(io::Result::ok) {
            let (unit, shared) = (unit.clone(), shared.clone());
            std::thread::spawn(move || {
                let answer = relay(&stream, unit, &shared)
                    .unwrap_or_else(|error| Executed::Failed(error.to_string()));
                // A command that went away does not want its answer.
                let _ = wire::send(&stream, &answer);
            });
        }
    });
    Ok(())
}

fn relay(stream: &UnixStream, unit: UnitName, shared: &Path) -> Result<Executed> {
    let commands: String = wire::receive(stream)
        .doing(|| "read the commands".into())?
        .ok_or_else(|| Error::Controller("no commands came".into()))?;
    let line = super::connect(shared, &Hello::Commands(unit, commands))?;
    wire::receive(&line)
        .doing(|| "hear from the controller".into())?
        .ok_or_else(|| Error::Controller("it hung up".into()))
}

/// The command `juju-exec`.
pub(crate) fn juju_exec(args: &[OsString]) -> ExitCode {
    match execute(args) {
        Ok(code) => code,
        Err(text) => {
            // Without a stderr nobody wants to know.
            let _ = writeln!(io::stderr(), "ERROR {text}");
            ExitCode::FAILURE
        }
    }
}

fn execute(args: &[OsString]) -> Result<ExitCode, String> {
    if let Some(context) = std::env::var("JUJU_CONTEXT_ID")
        .ok()
        .filter(|context| !context.is_empty())
    {
        return Err(format!(
            "juju-exec cannot be called from within a hook, have context {context:?}"
        ));
    }
    let mut words: Vec<String> = args
        .iter()
        .map(|arg| arg.to_string_lossy().into_owned())
        .collect();
    let mut unit = None;
    match words.first().map(String::as_str) {
        Some("-u" | "--unit") if words.len() > 1 => {
            unit = Some(words.remove(1));
            words.remove(0);
        }
        Some("--") => drop(words.remove(0)),
        Some(flag) if flag.starts_with('-') => {
            return Err(format!("flag provided but not defined: {flag}; {USAGE}"));
        }
        Some(name) if UnitName::is_valid(name) => unit = Some(words.remove(0)),
        _ => {}
    }
    if words.first().is_some_and(|word| word == "--") {
        words.remove(0);
    }
    if words.is_empty() {
        return Err(format!("missing commands; {USAGE}"));
    }
    let folder = agent_folder(unit.as_deref())?;
    let dialled = crate::folder::ModelFolder::connect(&folder, "run.socket");
    let stream = dialled
        .map_err(|error| format!("cannot reach the agent in {}: {error}", folder.display()))?;
    wire::send(&stream, &words.join(" ")).map_err(|error| error.to_string())?;
    match wire::receive(&stream).map_err(|error| error.to_string())? {
        Some(Executed::Done {
            code,
            stdout,
            stderr,
        }) => {
            let printed = io::stdout()
                .write_all(&stdout.0)
                .and_then(|()| io::stdout().flush());
            printed
                .and_then(|()| io::stderr().write_all(&stderr.0))
                .map_err(|error| error.to_string())?;
            Ok(ExitCode::from(u8::try_from(code & 0xff).unwrap_or(1)))
        }
        Some(Executed::Failed(text)) => Err(text),
        None => Err("the agent hung up".into()),
    }
}

/// The unit's folder; without a name that of the machine's only unit.
fn agent_folder(unit: Option<&str>) -> Result<PathBuf, String> {
    if let Some(name) = unit {
        let unit: UnitName = name
            .parse()
            .map_err(|_| format!("{name:?} is not a valid unit name"))?;
        let folder = Path::new(AGENTS).join(unit.tag());
        return if folder.is_dir() {
            Ok(folder)
        } else {
            Err(format!("unit {name:?} not found on this machine"))
        };
    }
    let entries = fs::read_dir(AGENTS).map_err(|error| format!("{AGENTS}: {error}"))?;
    let mut folders: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    match (folders.pop(), folders.is_empty()) {
        (Some(folder), true) => Ok(folder),
        _ => Err(format!("name the unit; {USAGE}")),
    }
}
