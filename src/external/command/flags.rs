//! Lists of flags.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::error::Result;
use crate::external::wire::Answer;

pub(super) fn get(ctx: &mut Context) -> Result<Answer> {
    Ok(Answer::lines(ctx.flags()?))
}

/// Those that are not set, sorted and each once, as upstream gives them.
pub(super) fn unset(ctx: &mut Context, flags: &[String]) -> Result<Answer> {
    let mut unset = BTreeSet::new();
    unset.extend(ctx.unset_flags(flags)?);
    Ok(Answer::lines(unset))
}
