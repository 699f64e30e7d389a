//! What the macros' output names. Not for charms: it may change in any version.

pub use linkme;

pub use crate::context::{Context, PROVIDERS};
pub use crate::error::Result;
pub use crate::flags::{Flag, TRIGGERS, TriggerDecl};
pub use crate::handler::{Clause, FromContext, HANDLERS, Handler, IntoOutcome, Outcome, Source};
pub use crate::run::main;

/// Makes a constant that is no [`Flag`] an error at the author's token.
#[must_use]
pub const fn flag(flag: Flag) -> Flag {
    flag
}

/// A handler's argument: made at its first run in a hook, reused afterwards (B29).
///
/// # Errors
/// When the context does not offer it.
pub fn argument<T: FromContext>(ctx: &mut Context, id: &'static str, place: usize) -> Result<T> {
    ctx.argument(id, place)
}
