//! An executable of the charm, and how it is started.

use std::cell::Cell;
use std::ffi::OsStr;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::rc::Rc;

use super::child::{self, Ended};
use super::serve::Session;
use super::socket::{self, Door};
use crate::context::Context;
use crate::error::{Context as _, Error, ErrorKind, Result};
use crate::hook::TRANSACTION;

/// What all executables of a charm share.
#[derive(Debug)]
pub(super) struct Place {
    charm_dir: PathBuf,
    swept: Cell<bool>,
}

impl Place {
    pub(super) fn new(charm_dir: &Path) -> Self {
        Self {
            charm_dir: charm_dir.to_owned(),
            swept: Cell::new(false),
        }
    }
}

/// An executable file of the charm.
#[derive(Debug)]
pub(super) struct Executable {
    /// Its path inside the charm.
    pub(super) id: String,
    path: PathBuf,
    place: Rc<Place>,
}

/// What is wanted of it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call<'a> {
    /// `--test`: what it prints is kept.
    Test,
    /// `--invoke` with what `--test` printed: what it prints goes where the hook's own output goes.
    Invoke(&'a OsStr),
}

impl Executable {
    pub(super) fn new(id: String, path: PathBuf, place: Rc<Place>) -> Self {
        Self { id, path, place }
    }

    /// Starts it with a socket of its own and serves it until it has ended.
    ///
    /// # Errors
    /// When it cannot be started (B96); how it ends is for the caller to judge.
    pub(super) fn run(
        &self,
        ctx: &mut Context,
        call: Call<'_>,
        session: &mut Session,
    ) -> Result<Ended> {
        let Some(folder) = ctx.store.as_ref().map(|store| store.folder().to_owned()) else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!(
                    "the handler `{}` cannot run here: there is no state to share with it",
                    self.id
                ),
            ));
        };
        let opening = || {
            format!(
                "cannot open a socket in `{}` for the handler `{}`",
                folder.display(),
                self.id
            )
        };
        if !self.place.swept.replace(true) {
            socket::sweep(&folder).trying(opening)?;
        }
        let key = u64::from_be_bytes(ctx.random()?);
        let door = Door::open(&folder, key).trying(opening)?;
        let mut command = self.command(ctx);
        command.env(TRANSACTION, door.path());
        match call {
            Call::Test => command.arg("--test").stdout(Stdio::piped()),
            Call::Invoke(due) => command.arg("--invoke").arg(due),
        };
        let started = command.spawn().map_err(|e| self.broken(e))?;
        child::serve(ctx, started, &door, |ctx, line| session.answer(ctx, line))
            .trying(|| format!("cannot run the handler `{}`", self.id))
    }

    fn command(&self, ctx: &Context) -> Command {
        let charm_dir = &self.place.charm_dir;
        let mut path = charm_dir.join("bin").into_os_string();
        if let Some(rest) = &ctx.env().path {
            path.push(":");
            path.push(rest);
        }
        let hook = if ctx.hook().is_action() || ctx.hook().is_exec() {
            ""
        } else {
            ctx.hook().name()
        };
        let mut command = Command::new(&self.path);
        command
            .env("PATH", path)
            .env("CHARM_DIR", charm_dir)
            .env("JUJU_CHARM_DIR", charm_dir)
            .env("JUJU_HOOK_NAME", hook)
            .env("ENSIGN_HANDLER", &self.id)
            .env("ENSIGN_PHASE", ctx.phase.to_string())
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// The system refuses to start it.
    fn broken(&self, error: io::Error) -> Error {
        let hint = match error.kind() {
            io::ErrorKind::NotFound => {
                "the program that its first line names is not on this machine"
            }
            io::ErrorKind::PermissionDenied => {
                "`chmod +x` it in the charm's source, then build again"
            }
            io::ErrorKind::ArgumentListTooLong => {
                "its `--test` printed more than a command line can carry"
            }
            _ => "a handler is a program for this machine, or a script that begins with `#!`",
        };
        Error::from(error)
            .context(format!(
                "the handler `{}` cannot be executed",
                self.path.display()
            ))
            .hint(hint)
    }
}

/// How it ended, as a sentence says it.
pub(super) fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}
