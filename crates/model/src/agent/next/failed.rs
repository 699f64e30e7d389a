//! A hook, or a charm's deployment, that failed: wait for the timer or the operator.

use super::{Choice, View};
use crate::agent::Op;
use crate::world::Resolved;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    match &view.local.op {
        Op::Pending(hook) => {
            if super::charm::is_behind(view) && view.application.forced {
                return Some(Choice::Deploy);
            }
            match view.document.resolved {
                Some(Resolved::Retry) => Some(Choice::Run(hook.clone())),
                Some(Resolved::Skip) => Some(Choice::SkipFailed),
                None => view.memory.retry.due.then(|| Choice::Run(hook.clone())),
            }
        }
        Op::DeployFailed(_) => {
            let again = view.document.resolved.is_some()
                || (super::charm::is_behind(view) && view.application.forced);
            again.then_some(Choice::Deploy)
        }
        _ => None,
    }
}
