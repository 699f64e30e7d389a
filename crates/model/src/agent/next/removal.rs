//! A dying unit: out of its relations, `stop`, `remove`, gone.

use super::{Choice, View};
use crate::Hook;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    if !view.idle() || !view.dying() {
        return None;
    }
    if let Some(choice) = super::relations::next(view) {
        return Some(choice);
    }
    let local = view.local;
    Some(if local.started && !local.stopped {
        Choice::Run(Hook::Stop)
    } else if local.installed && !local.removed {
        Choice::Run(Hook::Remove)
    } else {
        super::charm::die(view)
    })
}
