//! Leadership: accept it, resign it, or (3.6) tell a follower of new settings.

use super::{Choice, View};
use crate::Hook;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    if !view.local.installed {
        return None;
    }
    let leads = view.memory.tracker.leader;
    if view.local.leader {
        return (!leads || view.dying()).then_some(Choice::Resign);
    }
    if !view.idle() || view.dying() {
        return None;
    }
    if leads {
        return Some(Choice::Accept);
    }
    let seen = view
        .memory
        .settings_seen(view.application.leader_settings_version);
    let told = view.profile.differences().leader_settings && seen != view.memory.settings_handled;
    told.then_some(Choice::Run(Hook::LeaderSettingsChanged))
}
