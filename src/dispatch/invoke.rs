//! Running one handler, with all that has to happen before and after.

use super::External;
use super::condition::{Needs, holds, named, source_name, sources};
use crate::context::{Context, HandlerView, Requires, Seen};
use crate::error::Result;
use crate::handler::{Clause, Handler, Outcome, RUNNING};

/// Lets providers look whether what the handler relies on still holds; `false` if it is no longer due.
pub(super) fn revalidated(ctx: &mut Context, handler: &'static Handler) -> Result<bool> {
    let needs = Needs(handler);
    let view = HandlerView {
        id: handler.id,
        requires: &needs,
    };
    let before = ctx.changes.marker();
    ctx.revalidate(
        &|prefix| named(handler).any(|f| f.name().starts_with(prefix)),
        &view,
    )?;
    // Triggers may have fired, and none of their failures is this handler's.
    ctx.unpoisoned()?;
    if ctx.changes.marker() == before {
        return Ok(true);
    }
    Ok(holds(handler, ctx)?.is_ok())
}

/// Runs a linked handler and keeps its marks.
pub(super) fn linked(ctx: &mut Context, handler: &'static Handler) -> Result<Outcome> {
    warn_unless(ctx, handler)?;
    // The value recorded is the one seen just before the run: one that comes later is delivered later.
    let mut seen = Vec::new();
    for source in sources(handler) {
        seen.push((
            source_name(source),
            ctx.source_value(source.kind, source.key)?,
        ));
    }
    if !seen.is_empty() {
        ctx.put_in_doubt(handler.id)?;
    }
    ctx.changes.runs += 1;
    let outcome = running(handler, || (handler.run)(ctx));
    let outcome = finish(ctx, outcome).map_err(|e| {
        e.context(format!(
            "handler `{}` ({}:{}) failed",
            handler.id, handler.file, handler.line
        ))
    })?;
    let needs = Needs(handler);
    let view = HandlerView {
        id: handler.id,
        requires: &needs,
    };
    ctx.handler_finished(
        &|prefix| named(handler).any(|f| f.name().starts_with(prefix)),
        &view,
    )?;
    if handler
        .clauses
        .iter()
        .any(|c| matches!(c, Clause::OnlyOnce))
        && !ctx.is_restricted()
    {
        ctx.mark(handler.id).done = true;
    }
    if !seen.is_empty() && ctx.consumes() {
        deliver(ctx, handler.id, seen);
    }
    Ok(outcome)
}

/// Records what the handler of this id has now handled. Actions and `juju exec` consume nothing: it is not for them.
pub(crate) fn deliver(ctx: &mut Context, id: &str, seen: Vec<(String, Seen)>) {
    for (source, seen) in seen {
        let value = match seen {
            Seen::NotYet => continue,
            Seen::Absent => None,
            Seen::Value(digest) => Some(digest),
        };
        let known = ctx
            .document
            .marks
            .get(id)
            .and_then(|m| m.delivered.get(&source));
        if known == Some(&value) || (known.is_none() && value.is_none()) {
            continue;
        }
        ctx.mark(id).delivered.insert(source, value);
    }
    ctx.succeeded_with_sources(id);
}

/// What an executable can only run with.
#[derive(Debug)]
struct Required(Vec<String>);

impl Requires for Required {
    fn requires(&self, flag: &str) -> bool {
        self.0.iter().any(|f| f == flag)
    }
}

/// Lets providers look whether what the executable relies on still holds, and asks it again if anything has
/// changed since it was found due; `false` if it is not due any more (B13, D3).
pub(super) fn external_revalidated(
    ctx: &mut Context,
    external: &mut dyn External,
    found: (usize, usize),
) -> Result<bool> {
    let id = external.id().to_owned();
    let view = HandlerView {
        id: &id,
        requires: &Required(external.required()),
    };
    ctx.revalidate(&|prefix| external.mentions(prefix), &view)?;
    Ok(ctx.changes.marker() == found || external.retest(ctx)?)
}

/// Runs an executable.
pub(super) fn external(ctx: &mut Context, external: &mut dyn External) -> Result<Outcome> {
    let id = external.id().to_owned();
    let view = HandlerView {
        id: &id,
        requires: &Required(external.required()),
    };
    ctx.changes.runs += 1;
    let outcome = external.invoke(ctx);
    let outcome = finish(ctx, outcome).map_err(|e| e.context(format!("handler `{id}` failed")))?;
    ctx.handler_finished(&|prefix| external.mentions(prefix), &view)?;
    Ok(outcome)
}

/// An error of a flag call fails the hook even if the handler ignored it.
fn finish(ctx: &mut Context, outcome: Result<Outcome>) -> Result<Outcome> {
    let ignored = ctx.unpoisoned();
    let outcome = outcome?;
    ignored?;
    Ok(outcome)
}

/// `not_unless` (B39): says what is missing, and runs the handler all the same.
fn warn_unless(ctx: &mut Context, handler: &Handler) -> Result {
    for clause in handler.clauses {
        let Clause::NotUnless(flags) = clause else {
            continue;
        };
        let missing = ctx.unset_flags(flags.iter())?;
        if !missing.is_empty() {
            let message = format!(
                "`{}` runs although `{}` is not set",
                handler.id,
                missing.join("`, `")
            );
            ctx.warn(message);
        }
    }
    Ok(())
}

/// Names the handler for as long as it runs, so that a panic can be reported with it.
fn running<R>(handler: &'static Handler, call: impl FnOnce() -> R) -> R {
    RUNNING.set(Some(handler));
    let result = call();
    RUNNING.set(None);
    result
}
