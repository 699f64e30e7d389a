//! Actions and commands: when idle, and while a hook is in error.

use super::{Choice, View};
use crate::agent::Op;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    match view.local.op {
        Op::Idle | Op::Pending(_) => view.document.actions.front().copied().map(Choice::Action),
        _ => None,
    }
}
