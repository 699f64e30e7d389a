//! A subordinate that nothing keeps with its principal any more is no longer wanted.

use super::{Choice, View};

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    (!view.dying() && !view.world.is_kept(view.unit)).then_some(Choice::Destroy)
}
