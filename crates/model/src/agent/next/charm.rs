//! The charm's files, and the hook that is queued.

use super::{Choice, View};
use crate::Hook;
use crate::agent::Op;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    match &view.local.op {
        Op::Fresh if view.dying() => Some(die(view)),
        // An agent that died while it replaced files begins again.
        Op::Fresh | Op::Deploying(_) => Some(Choice::Deploy),
        Op::Queued(Hook::Install) if view.dying() => Some(die(view)),
        Op::Queued(hook) => Some(Choice::Run(hook.clone())),
        Op::Idle | Op::Pending(_) | Op::DeployFailed(_) => None,
    }
}

/// A unit is done for when its subordinates are.
pub(super) fn die(view: &View<'_>) -> Choice {
    if view.document.subordinates.is_empty() {
        Choice::Die
    } else {
        Choice::Wait
    }
}

/// Whether another charm than the application's lies on the unit's disk, or its resources have changed since.
pub(super) fn is_behind(view: &View<'_>) -> bool {
    view.local.deployed != Some(view.application.charm_version)
        || view.local.modified != view.application.modified_version
}
