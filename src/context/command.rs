//! Running other programs: with an environment that is the same on every unit, and errors without secrets.

use std::ffi::{OsStr, OsString};
use std::process::Output;
use std::time::Duration;

use super::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::host::Program;

/// How often a waiting handler lets providers look whether what it relies on still holds. A provider that asks again
/// only once its answer is 20 seconds old is then never later than 25, which is within the 30 seconds that Juju promises
/// a leader.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// A program about to be run; see [`Context::command`].
#[must_use = "a command does nothing until `run` or `output` is called"]
pub struct Command<'a> {
    ctx: &'a mut Context,
    program: OsString,
    arguments: Vec<(OsString, bool)>,
    environment: Vec<(OsString, OsString)>,
    input: Vec<u8>,
}

impl std::fmt::Debug for Command<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Command({})", self.shown())
    }
}

impl Context {
    /// A program to run: standard input closed unless it is given [some](Command::input), no variable of the hook but `PATH`, the proxies and a
    /// language, and the `HOME` that Juju does not set.
    ///
    /// What it does is not undone when the hook fails: it must be idempotent.
    pub fn command(&mut self, program: impl AsRef<OsStr>) -> Command<'_> {
        Command {
            ctx: self,
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Vec::new(),
            input: Vec::new(),
        }
    }
}

impl Command<'_> {
    /// Adds an argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push((argument.as_ref().to_owned(), false));
        self
    }

    /// Adds arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        let all = arguments
            .into_iter()
            .map(|a| (a.as_ref().to_owned(), false));
        self.arguments.extend(all);
        self
    }

    /// Adds an argument that no error shows. Other users of the machine can still see it while the program
    /// runs: a file or a variable is better where the program takes one.
    pub fn secret_arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push((argument.as_ref().to_owned(), true));
        self
    }

    /// Sets an environment variable. No error shows it.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Gives it this to read from its standard input: the way to hand over a secret, since nobody else sees it and
    /// no error shows it.
    pub fn input(mut self, text: impl AsRef<[u8]>) -> Self {
        text.as_ref().clone_into(&mut self.input);
        self
    }

    /// Runs it and succeeds if it exits 0.
    ///
    /// # Errors
    /// When it cannot be started or fails: with its last words, and without secret arguments.
    pub fn run(self) -> Result {
        self.output().map(drop)
    }

    /// Runs it and returns what it printed.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn output(self) -> Result<String> {
        let shown = self.shown();
        let output = self.wait()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let last_words = String::from_utf8_lossy(&output.stderr);
        let last_line = last_words.lines().rfind(|l| !l.trim().is_empty());
        let why = last_line.map_or_else(String::new, |l| format!(": {}", l.trim()));
        Err(Error::new(
            ErrorKind::Other,
            format!("`{shown}` failed with {}{why}", output.status),
        ))
    }

    /// Runs it and returns how it ended, whatever that is.
    ///
    /// # Errors
    /// When it cannot be started, or when what the handler relies on cannot be checked while it runs.
    pub fn wait(self) -> Result<Output> {
        let shown = self.shown();
        let mut environment = self.ctx.clean_environment();
        environment.extend(self.environment);
        let program = Program {
            name: self.program,
            arguments: self.arguments.into_iter().map(|(a, _)| a).collect(),
            environment,
            input: self.input,
        };
        let mut running = self.ctx.programs.start(&program).map_err(|e| {
            let hint = (e.kind() == std::io::ErrorKind::NotFound).then(|| {
                format!(
                    "is the package that brings `{}` installed?",
                    program.name.display()
                )
            });
            let error = Error::from(e).context(format!("cannot start `{shown}`"));
            match hint {
                Some(hint) => error.hint(hint),
                None => error,
            }
        })?;
        loop {
            let ended = running
                .wait(LOOK_EVERY)
                .map_err(|e| Error::from(e).context(format!("cannot wait for `{shown}`")))?;
            match ended {
                Some(output) => return Ok(output),
                None => self.ctx.look_while_waiting()?,
            }
        }
    }

    fn shown(&self) -> String {
        let mut text = self.program.to_string_lossy().into_owned();
        for (argument, secret) in &self.arguments {
            text.push(' ');
            text.push_str(if *secret {
                "…"
            } else {
                argument.to_str().unwrap_or("?")
            });
        }
        text
    }
}
