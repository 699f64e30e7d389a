//! Lists of flags.

use crate::context::Context;
use crate::error::Result;
use crate::external::wire::Answer;

pub(super) fn get(ctx: &mut Context) -> Result<Answer> {
    Ok(Answer::lines(ctx.flags()?))
}

/// Those that are not set, sorted and each once, as upstream gives them.
pub(super) fn unset(ctx: &mut Context, flags: &[String]) -> Result<Answer> {
    let mut unset = ctx.unset_flags(flags)?;
    unset.sort_unstable();
    unset.dedup();
    Ok(Answer::lines(unset))
}
