//! What a handler may take besides the context, and what it may return.

use super::RUNNING;
use crate::hook::Hook;
use crate::{Context, Result};

/// Something a handler can take as a further argument, after `ctx: &mut Context`.
///
/// Arguments are owned values. Each is made once per handler and hook, at the handler's first run, and
/// reused when it runs again (B29), hence `Clone`; unless it says by [`KEPT`](Self::KEPT) that it would be stale.
#[diagnostic::on_unimplemented(
    message = "a handler cannot take an argument of type `{Self}`",
    label = "not something a handler can ask for",
    note = "a handler may take `ctx: &mut Context` and any type that implements `FromContext`, such as `Hook`"
)]
pub trait FromContext: Clone + 'static {
    /// Whether the argument of a handler's first run in a hook serves for its later runs too. If not, it is made
    /// anew at each.
    const KEPT: bool = true;

    /// Makes the argument.
    ///
    /// # Errors
    /// When the context does not offer it; the handler then fails without having run.
    fn from_context(ctx: &mut Context) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl FromContext for Hook {
    fn from_context(ctx: &mut Context) -> Result<Self> {
        Ok(ctx.hook().clone())
    }
}

/// How a handler ended, when it ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    /// Go on with what is due.
    #[default]
    Done,
    /// Run nothing more in this hook; what happened so far is committed (D34).
    Stop,
}

/// What a handler may return.
#[diagnostic::on_unimplemented(
    message = "a handler cannot return `{Self}`",
    label = "expected `()` or `ensign::Result`",
    note = "write `-> Result` and end with `Ok(())`"
)]
pub trait IntoOutcome {
    /// The outcome, or the handler's failure.
    ///
    /// # Errors
    /// The handler's own.
    fn into_outcome(self) -> Result<Outcome>;
}

#[diagnostic::do_not_recommend]
impl IntoOutcome for () {
    fn into_outcome(self) -> Result<Outcome> {
        Ok(Outcome::Done)
    }
}

#[diagnostic::do_not_recommend]
impl IntoOutcome for Result<()> {
    fn into_outcome(self) -> Result<Outcome> {
        self.map(|()| Outcome::Done)
    }
}

#[diagnostic::do_not_recommend]
impl IntoOutcome for Result<Outcome> {
    fn into_outcome(self) -> Result<Outcome> {
        self
    }
}

/// A handler's argument: made at its first run in this hook, reused afterwards (B29) if it can be.
pub(crate) fn argument<T: FromContext>(
    ctx: &mut Context,
    id: &'static str,
    place: usize,
) -> Result<T> {
    // Instances of one handler of an interface layer share its function.
    let id = RUNNING.get().map_or(id, |handler| handler.id);
    if !T::KEPT {
        return T::from_context(ctx);
    }
    if let Some(made) = ctx.made(id, place) {
        return Ok(made);
    }
    let value = T::from_context(ctx)?;
    ctx.keep_made(id, place, value.clone());
    Ok(value)
}
