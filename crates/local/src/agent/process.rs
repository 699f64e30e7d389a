//! One hook, action or script, from start to end.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use ensign::hook::JujuVersion;
use ensign_model::{ContextId, Stream};

use super::Worker;
use super::output::Output;
use super::protocol::{End, Task};
use super::server::{Leash, ToolServer};
use crate::error::{Doing, Error, Result};

const ADDRESS: &str = "JUJU_AGENT_SOCKET_ADDRESS";

/// Runs a task in its context. An error means that it could not be tried.
pub(super) fn run(
    worker: &Worker,
    context: &ContextId,
    task: &Task,
    mut env: Vec<(String, String)>,
) -> Result<End> {
    let charm = &worker.layout.charm;
    let mut script = None;
    let (program, argument) = match task {
        Task::Dispatch(path) => match find(charm, path)? {
            Found::Program(program) => (program, None),
            Found::Missing => return Ok(End::Missing),
            Found::Unusable(why) => return Ok(End::NotExecutable(why)),
        },
        Task::Commands(commands) => {
            let file = Script::write(commands)?;
            let path = file.path();
            script = Some(file);
            ("/bin/bash".into(), Some(path))
        }
        Task::Deploy(_) => return Err(Error::Controller("a deploy is no process".into())),
    };
    complete(&mut env, worker);
    mount(&env)?;
    let variable = |name: &str| {
        let found = env.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    let address = variable(ADDRESS)
        .ok_or_else(|| Error::Controller(format!("the environment has no {ADDRESS}")))?;
    // Restricted hooks are told no version, and are Juju 3's.
    let four = variable("JUJU_VERSION")
        .and_then(|text| JujuVersion::parse(&text))
        .is_some_and(|version| version.at_least(4, 0));
    let leash = Arc::new(Leash::default());
    let server = ToolServer::start(
        &address,
        context,
        !four,
        &worker.unit,
        &worker.shared,
        &leash,
    )?;
    let spawned = Command::new(&program)
        .args(argument)
        .env_clear()
        .envs(env)
        .current_dir(charm)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            server.stop();
            return Ok(End::NotExecutable(spawn_error(&program, &error)));
        }
    };
    leash.tie(child.id())?;
    let mut output = Output::new();
    if let Some(pipe) = child.stdout.take() {
        output.follow(pipe, Stream::Stdout, context, &worker.out);
    }
    if let Some(pipe) = child.stderr.take() {
        output.follow(pipe, Stream::Stderr, context, &worker.out);
    }
    let status = child
        .wait()
        .doing(|| format!("wait for `{}`", program.display()))?;
    output.finish();
    server.stop();
    drop(script);
    Ok(match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, signal) => End::Signal(signal.unwrap_or_default()),
    })
}

/// What there is to run.
enum Found {
    Program(PathBuf),
    Missing,
    Unusable(String),
}

/// `dispatch` for everything, else the file of the hook's or action's own name.
fn find(charm: &Path, path: &str) -> Result<Found> {
    if !charm.join("metadata.yaml").exists() {
        return Ok(Found::Unusable("charm missing from disk".into()));
    }
    for name in ["dispatch", path] {
        let candidate = charm.join(name);
        match fs::metadata(&candidate) {
            Ok(found) if found.is_dir() => {
                return Ok(Found::Unusable(format!(
                    "{}: is a directory",
                    candidate.display()
                )));
            }
            Ok(found) if found.permissions().mode() & 0o111 == 0 => {
                return Ok(Found::Unusable(format!(
                    "{}: permission denied",
                    candidate.display()
                )));
            }
            Ok(_) => return Ok(Found::Program(candidate)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::io(
                    format!("look at `{}`", candidate.display()),
                    error,
                ));
            }
        }
    }
    Ok(Found::Missing)
}

/// The words of Juju's agent, which is a Go program.
fn spawn_error(program: &Path, error: &io::Error) -> String {
    let text = match error
        .raw_os_error()
        .map(rustix::io::Errno::from_raw_os_error)
    {
        Some(rustix::io::Errno::NOEXEC) => "exec format error".to_owned(),
        Some(rustix::io::Errno::NOENT) => "no such file or directory".to_owned(),
        Some(rustix::io::Errno::ACCESS) => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    format!("fork/exec {}: {text}", program.display())
}

/// Adds what only this process knows: `PATH`, and a socket that is not the model's choice.
fn complete(env: &mut Vec<(String, String)>, worker: &Worker) {
    let own = std::env::var("PATH").unwrap_or_default();
    env.push((
        "PATH".to_owned(),
        format!("{}:{own}", worker.layout.tools.display()),
    ));
    let address = env.iter_mut().find(|(name, _)| name == ADDRESS);
    if let (Some((_, value)), Some(socket)) = (address, &worker.socket) {
        value.clone_from(socket);
    }
}

/// Storage that a hook is about is there: a folder of the machine's own disk.
fn mount(env: &[(String, String)]) -> Result<()> {
    let value = |name: &str| {
        env.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    };
    if let (Some(location), Some("filesystem")) = (
        value("JUJU_STORAGE_LOCATION"),
        value("JUJU_STORAGE_KIND").map(String::as_str),
    ) {
        std::fs::create_dir_all(location).doing(|| format!("make the folder `{location}`"))?;
    }
    Ok(())
}

/// The commands of a juju-exec in a file of their own.
struct Script {
    folder: PathBuf,
}

impl Script {
    fn write(commands: &str) -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let mut number = std::process::id();
        let folder = loop {
            let folder = std::env::temp_dir().join(format!("juju-exec{number}"));
            match fs::DirBuilder::new().mode(0o700).create(&folder) {
                Ok(()) => break folder,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    number = number.wrapping_add(1)
                }
                Err(error) => {
                    return Err(Error::io(
                        format!("make the folder `{}`", folder.display()),
                        error,
                    ));
                }
            }
        };
        let script = Self { folder };
        fs::write(script.path(), commands)
            .doing(|| format!("write `{}`", script.path().display()))?;
        Ok(script)
    }

    fn path(&self) -> PathBuf {
        self.folder.join("script.sh")
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // A script that stays behind in the machine's /tmp does no harm.
        let _ = fs::remove_dir_all(&self.folder);
    }
}
