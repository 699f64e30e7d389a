//! An idle, living unit: upgrade, `config-changed`, relation hooks, `update-status`.

use super::{Choice, View};
use crate::Hook;

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    if !view.idle() || view.dying() {
        return None;
    }
    let local = view.local;
    if !local.installed {
        return Some(Choice::Run(Hook::Install));
    }
    if super::charm::is_behind(view) {
        return Some(Choice::Deploy);
    }
    let config = local.config_hash == Some(view.application.config_hash);
    let address = local.address.as_ref() == Some(&view.document.private_address);
    if !config || !address {
        return Some(Choice::Run(Hook::ConfigChanged));
    }
    super::relations::next(view).or_else(|| {
        view.memory
            .ticks
            .is_due()
            .then_some(Choice::Run(Hook::UpdateStatus))
    })
}
