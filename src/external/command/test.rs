//! Which functions of a script are due.

use crate::context::Context;
use crate::error::Result;
use crate::external::function::Function;
use crate::external::serve::Session;
use crate::external::wire::Answer;

/// The names of those that are due, separated by commas; nothing if none is.
pub(super) fn run(ctx: &mut Context, session: &mut Session, specs: &[String]) -> Result<Answer> {
    let mut due = Vec::new();
    for spec in specs {
        let function = Function::parse(spec)?;
        let asked = session
            .among
            .as_ref()
            .is_none_or(|names| names.contains(&function.name));
        if asked && function.is_due(ctx)? {
            due.push(function.name.clone());
        }
        session.functions.push(function);
    }
    session.due.extend_from_slice(&due);
    Ok(Answer::lines((!due.is_empty()).then(|| due.join(","))))
}
