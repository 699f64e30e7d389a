//! A handler that is an executable: asked with `--test`, run with `--invoke` (B95).

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::rc::Rc;

use super::child::{self, Ended};
use super::discover::Kind;
use super::function::Function;
use super::pipe::last_line;
use super::serve::{Access, Session};
use super::socket::{self, Door};
use crate::context::{Context, Seen};
use crate::dispatch::{self, External};
use crate::error::{Context as _, Error, ErrorKind, Result};
use crate::handler::Outcome;
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

/// An executable.
#[derive(Debug)]
pub(super) struct ExternalHandler {
    id: String,
    path: PathBuf,
    kind: Kind,
    place: Rc<Place>,
    /// What is known of it from its last `--test` in this hook.
    tested: Option<Tested>,
    /// What was found due, until it has run.
    due: Due,
}

/// What a `--test` told.
#[derive(Debug)]
struct Tested {
    functions: Vec<Function>,
    /// It said what its functions wait for and did nothing but pass on the answer: then that can be evaluated
    /// again without asking it, as long as nothing has happened since.
    declared: bool,
    /// How much had happened in the hook by then.
    happened: (usize, usize),
}

/// What is due, as the executable named it.
#[derive(Debug, Default)]
struct Due {
    output: OsString,
    functions: Vec<String>,
}

impl Due {
    fn of(functions: Vec<String>) -> Self {
        Self {
            output: functions.join(",").into(),
            functions,
        }
    }
}

impl External for ExternalHandler {
    fn id(&self) -> &str {
        &self.id
    }

    fn mentions(&self, prefix: &str) -> bool {
        match &self.kind {
            Kind::Script(text) => text.contains(prefix),
            Kind::Program => true,
        }
    }

    fn required(&self) -> Vec<String> {
        self.due_functions()
            .flat_map(Function::required)
            .map(str::to_owned)
            .collect()
    }

    fn test(&mut self, ctx: &mut Context) -> Result<bool> {
        self.due = Due::default();
        let found = self.find_due(ctx);
        self.found(ctx, found)
    }

    fn retest(&mut self, ctx: &mut Context) -> Result<bool> {
        let before = std::mem::take(&mut self.due.functions);
        let found = match &self.tested {
            Some(tested) if tested.declared => self.evaluate(ctx, Some(&before)),
            // A handler of another kind names no functions; it has to say again whether it is due.
            Some(tested) if tested.functions.is_empty() => self.ask(ctx, None),
            _ => self.ask(ctx, Some(&before)),
        };
        self.found(ctx, found)
    }

    fn invoke(&mut self, ctx: &mut Context) -> Result<Outcome> {
        let due = std::mem::take(&mut self.due);
        let mut seen: BTreeMap<String, Vec<(String, Seen)>> = BTreeMap::new();
        let functions = self.tested.as_ref().map_or(&[][..], |t| &t.functions);
        for function in functions.iter().filter(|f| due.functions.contains(&f.name)) {
            // As with any handler: what is recorded is what was there just before the run.
            for file in function.files(ctx) {
                let value = ctx.source_value("file", &file)?;
                seen.entry(function.id.clone())
                    .or_default()
                    .push((format!("file={file}"), value));
            }
            if seen.contains_key(&function.id) {
                ctx.put_in_doubt(&function.id)?;
            }
        }
        let mut session = Session::of(&self.id, Access::Write);
        session.seen = seen;
        session.functions = functions.to_vec();
        let mut command = self.command(ctx);
        command.arg("--invoke").arg(&due.output);
        let ended = self.run(ctx, command, &mut session)?;
        if !ended.status.success() {
            let words =
                last_line(&ended.stderr).map_or_else(String::new, |line| format!(": {line}"));
            let what = due.output.to_string_lossy();
            return Err(Error::new(
                ErrorKind::Other,
                format!(
                    "`{} --invoke {}` {}{words}",
                    self.id,
                    what.escape_debug(),
                    how(ended.status)
                ),
            ));
        }
        ctx.forget_answers()?;
        Ok(Outcome::Done)
    }
}

impl ExternalHandler {
    pub(super) fn new(id: String, path: PathBuf, kind: Kind, place: Rc<Place>) -> Self {
        Self {
            id,
            path,
            kind,
            place,
            tested: None,
            due: Due::default(),
        }
    }

    fn due_functions(&self) -> impl Iterator<Item = &Function> {
        let known = self.tested.as_ref().map_or(&[][..], |t| &t.functions);
        known
            .iter()
            .filter(|f| self.due.functions.contains(&f.name))
    }

    /// Asks it, unless what is known of it will do.
    fn find_due(&mut self, ctx: &mut Context) -> Result<bool> {
        if self.is_not_concerned(ctx)? {
            return Ok(false);
        }
        if let Some(tested) = &self.tested
            && tested.declared
            && tested.happened == happened(ctx)
        {
            return self.evaluate(ctx, None);
        }
        self.ask(ctx, None)
    }

    /// A flag call that failed makes the whole answer worthless, even if the script ignored it.
    fn found(&self, ctx: &mut Context, found: Result<bool>) -> Result<bool> {
        match (found, ctx.poison.take()) {
            (Ok(found), None) => Ok(found),
            (Err(error), _) | (Ok(_), Some(error)) => Err(error.context(format!(
                "cannot tell whether the handler `{}` is due",
                self.id
            ))),
        }
    }

    /// Whether it can be told without asking that nothing which changed last concerns it (B22): neither a flag
    /// that its functions name, nor one that stands in its text, nor a file it waits for.
    fn is_not_concerned(&self, ctx: &mut Context) -> Result<bool> {
        let (Some(visible), Some(tested), Kind::Script(text)) =
            (&ctx.visible, &self.tested, &self.kind)
        else {
            return Ok(false);
        };
        let named = |flag: &str| {
            tested
                .functions
                .iter()
                .any(|f| f.flags().any(|name| name == flag))
        };
        if !tested.declared
            || visible
                .iter()
                .any(|flag| named(flag) || text.contains(&**flag))
        {
            return Ok(false);
        }
        for function in &tested.functions {
            let files = function.files(ctx);
            if dispatch::pending(
                &function.id,
                files.iter().map(|f| ("file", f.as_str())),
                ctx,
            )? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Evaluates what its functions wait for; `among` those, if given.
    fn evaluate(&mut self, ctx: &mut Context, among: Option<&[String]>) -> Result<bool> {
        let functions = self.tested.as_ref().map_or(&[][..], |t| &t.functions);
        let mut due = Vec::new();
        for function in functions {
            if among.is_none_or(|names| names.contains(&function.name)) && function.is_due(ctx)? {
                due.push(function.name.clone());
            }
        }
        self.due = Due::of(due);
        Ok(!self.due.functions.is_empty())
    }

    /// Runs `--test`.
    fn ask(&mut self, ctx: &mut Context, among: Option<&[String]>) -> Result<bool> {
        self.due = Due::default();
        let happened = happened(ctx);
        let mut session = Session::of(&self.id, Access::Read);
        session.among = among.map(<[String]>::to_vec);
        let mut command = self.command(ctx);
        command.arg("--test").stdout(Stdio::piped());
        let ended = self.run(ctx, command, &mut session)?;
        if let Some(error) = session.broken.take() {
            return Err(error);
        }
        if !matches!(ended.status.code(), Some(0 | 1)) {
            let words =
                last_line(&ended.stderr).map_or_else(String::new, |line| format!(": {line}"));
            ctx.warn(format!(
                "`{} --test` {}, so it is not due{words}",
                self.id,
                how(ended.status)
            ));
        }
        let mut output = ended.stdout;
        while output.last() == Some(&b'\n') {
            output.pop();
        }
        let is_due = ended.status.success();
        let answered = session.due.join(",");
        let passed_on = if is_due {
            output == answered.as_bytes()
        } else {
            answered.is_empty()
        };
        self.tested = Some(Tested {
            declared: session.only_tested() && passed_on,
            functions: session.functions,
            happened,
        });
        if is_due {
            self.due = Due {
                output: OsString::from_vec(output),
                functions: session.due,
            };
        }
        Ok(is_due)
    }

    fn command(&self, ctx: &Context) -> Command {
        let mut command = Command::new(&self.path);
        let bin = self.place.charm_dir.join("bin");
        let mut path = bin.into_os_string();
        if let Some(rest) = &ctx.env().path {
            path.push(":");
            path.push(rest);
        }
        let hook = if ctx.hook().is_action() || ctx.hook().is_exec() {
            ""
        } else {
            ctx.hook().name()
        };
        command
            .env("PATH", path)
            .env("CHARM_DIR", &self.place.charm_dir)
            .env("JUJU_CHARM_DIR", &self.place.charm_dir)
            .env("JUJU_HOOK_NAME", hook)
            .env("ENSIGN_HANDLER", &self.id)
            .env("ENSIGN_PHASE", ctx.phase.to_string())
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// Starts it with a socket of its own and serves it until it has ended.
    fn run(&self, ctx: &mut Context, mut command: Command, session: &mut Session) -> Result<Ended> {
        let Some(folder) = ctx.store.as_ref().map(|store| store.folder().to_owned()) else {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!(
                    "the handler `{}` cannot run here: there is no state to share with it",
                    self.id
                ),
            ));
        };
        let door = || {
            format!(
                "cannot open a socket in `{}` for the handler `{}`",
                folder.display(),
                self.id
            )
        };
        if !self.place.swept.replace(true) {
            socket::sweep(&folder).trying(door)?;
        }
        let key = u64::from_be_bytes(ctx.random()?);
        let opened = Door::open(&folder, key).trying(door)?;
        command.env(TRANSACTION, opened.path());
        let started = command.spawn().map_err(|e| self.broken(e))?;
        child::serve(ctx, started, &opened, |ctx, line| session.answer(ctx, line))
            .trying(|| format!("cannot run the handler `{}`", self.id))
    }

    /// The system refuses to start it (B96).
    fn broken(&self, error: std::io::Error) -> Error {
        let hint = match error.kind() {
            std::io::ErrorKind::NotFound => {
                "the program that its first line names is not on this machine"
            }
            std::io::ErrorKind::PermissionDenied => {
                "`chmod +x` it in the charm's source, then build again"
            }
            std::io::ErrorKind::ArgumentListTooLong => {
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

/// How much has happened in this hook.
fn happened(ctx: &Context) -> (usize, usize) {
    (ctx.changes.runs, ctx.changes.total)
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was killed by signal {signal}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}
