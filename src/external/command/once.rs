//! Marks of what has completed once (B38).

use crate::context::Context;
use crate::dispatch;
use crate::error::Result;
use crate::external::discover::ROOTS;
use crate::external::function::Function;
use crate::external::serve::Session;
use crate::external::wire::Answer;

/// Where charms.reactive kept marks; with us those whose id is no function's, which no upgrade may orphan.
const FREE: &str = "reactive.invoked.";

/// Whether the id is a handler's function, such as `reactive/web.sh:render`.
fn is_function(id: &str) -> bool {
    let Some((path, function)) = id.rsplit_once(':') else {
        return false;
    };
    let below = |root: &str| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    !function.is_empty() && ROOTS.into_iter().any(below)
}

/// Whether it was marked.
pub(super) fn was_invoked(ctx: &mut Context, id: &str) -> Result<bool> {
    if is_function(id) {
        return Ok(ctx.document.marks.get(id).is_some_and(|mark| mark.done));
    }
    ctx.kv().get_or(&format!("{FREE}{id}"), false)
}

/// Marks them, and takes what the functions saw of their files before they ran as handled.
pub(super) fn mark_invoked(
    ctx: &mut Context,
    session: &mut Session,
    ids: &[String],
) -> Result<Answer> {
    for id in ids {
        if !is_function(id) {
            ctx.kv().set(&format!("{FREE}{id}"), &true)?;
            continue;
        }
        let once = session
            .functions
            .iter()
            .find(|f| f.id == *id)
            .is_none_or(Function::is_once);
        if once && !ctx.document.marks.get(id).is_some_and(|mark| mark.done) {
            ctx.mark(id).done = true;
        }
        if let Some(seen) = session.seen.remove(id)
            && ctx.consumes()
        {
            dispatch::deliver(ctx, id, seen);
        }
    }
    Ok(Answer::done())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_from_ids_of_the_charms_own() {
        assert!(is_function("reactive/web.sh:render"));
        assert!(is_function("hooks/relations/http/requires:f"));
        for id in [
            "setup",
            "mysql:setup",
            "reactive:setup",
            "reactivex/a:f",
            "reactive/web.sh",
            "reactive/web.sh:",
        ] {
            assert!(!is_function(id), "{id}");
        }
    }
}
