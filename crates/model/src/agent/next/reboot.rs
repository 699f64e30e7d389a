//! After a reboot: `start` once more, before anything else, for a unit that had started.

use super::{Choice, View};
use crate::Hook;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    let due = view.local.rebooted && view.local.started && !view.local.stopped;
    (due && view.idle() && !view.dying()).then_some(Choice::Run(Hook::Start))
}
