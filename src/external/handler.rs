//! A handler that is an executable: asked with `--test`, run with `--invoke` (B95).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use super::discover::Kind;
use super::executable::{Call, Executable, how};
use super::function::Function;
use super::pipe::last_line;
use super::serve::{Access, Session};
use crate::context::{Context, Seen};
use crate::dispatch::{self, External};
use crate::error::{Error, ErrorKind, Result};
use crate::handler::Outcome;

/// An executable as a handler.
#[derive(Debug)]
pub(super) struct ExternalHandler {
    executable: Executable,
    kind: Kind,
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
        &self.executable.id
    }

    fn mentions(&self, prefix: &str) -> bool {
        match &self.kind {
            Kind::Script(text) => text.contains(prefix),
            Kind::Program => true,
        }
    }

    fn required(&self) -> Vec<String> {
        self.functions()
            .iter()
            .filter(|f| self.due.functions.contains(&f.name))
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
        let functions = self.functions();
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
        let mut session = Session::of(self.id(), Access::Write);
        session.seen = seen;
        session.functions = functions.to_vec();
        let ended = self
            .executable
            .run(ctx, Call::Invoke(&due.output), &mut session)?;
        if !ended.status.success() {
            let what = due.output.to_string_lossy();
            return Err(Error::new(
                ErrorKind::Other,
                format!(
                    "`{} --invoke {}` {}{}",
                    self.id(),
                    what.escape_debug(),
                    how(ended.status),
                    last_words(&ended.stderr)
                ),
            ));
        }
        ctx.forget_answers()?;
        Ok(Outcome::Done)
    }
}

impl ExternalHandler {
    pub(super) fn new(executable: Executable, kind: Kind) -> Self {
        Self {
            executable,
            kind,
            tested: None,
            due: Due::default(),
        }
    }

    /// Its functions, as far as it has said.
    fn functions(&self) -> &[Function] {
        self.tested.as_ref().map_or(&[], |tested| &tested.functions)
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
                self.id()
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
        let mut due = Vec::new();
        for function in self.functions() {
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
        let mut session = Session::of(self.id(), Access::Read);
        session.among = among.map(<[String]>::to_vec);
        let ended = self.executable.run(ctx, Call::Test, &mut session)?;
        if let Some(error) = session.broken.take() {
            return Err(error);
        }
        if !matches!(ended.status.code(), Some(0 | 1)) {
            ctx.warn(format!(
                "`{} --test` {}, so it is not due{}",
                self.id(),
                how(ended.status),
                last_words(&ended.stderr)
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
}

/// How much has happened in this hook.
fn happened(ctx: &Context) -> (usize, usize) {
    (ctx.changes.runs, ctx.changes.total)
}

fn last_words(stderr: &[u8]) -> String {
    last_line(stderr).map_or_else(String::new, |line| format!(": {line}"))
}
