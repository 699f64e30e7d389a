//! The charm's files, and the hook that is queued.

use super::{Choice, View};
use crate::Hook;
use crate::agent::Op;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    match &view.local.op {
        Op::Fresh if view.dying() => Some(Choice::Die),
        // An agent that died while it replaced files begins again.
        Op::Fresh | Op::Deploying(_) => Some(Choice::Deploy),
        Op::Queued(Hook::Install) if view.dying() => Some(Choice::Die),
        Op::Queued(hook) => Some(Choice::Run(hook.clone())),
        Op::Idle | Op::Pending(_) | Op::DeployFailed(_) => None,
    }
}

/// Whether another charm than the application's lies on the unit's disk.
pub(super) fn is_behind(view: &View<'_>) -> bool {
    view.local.deployed != Some(view.application.charm_version)
}
