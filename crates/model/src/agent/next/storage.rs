//! Storage hooks: before `install` for what is there by then, else when idle. `install` waits for all of it.

use super::{Choice, View};
use crate::agent::Op;
use crate::{Hook, Life, StorageEvent, StorageHook};

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    let before_install = matches!(view.local.op, Op::Queued(_)) && !view.local.installed;
    if !view.idle() && !before_install {
        return None;
    }
    if matches!(view.local.op, Op::Queued(Hook::Storage(_))) {
        // It was terminated and runs first; its storage stays until then.
        return None;
    }
    let mut waits = false;
    for id in view.storage {
        let Some(attachment) = view.document.storage.get(id) else {
            continue;
        };
        let attached = view.local.attached.contains(id);
        let alive = attachment.life == Life::Alive && !view.dying();
        let event = match (alive, attached) {
            (true, true) => continue,
            (true, false) if !attachment.provisioned => {
                waits = true;
                continue;
            }
            (true, false) => StorageEvent::Attached,
            (false, true) => StorageEvent::Detaching,
            // It goes as quietly as it came.
            (false, false) => return Some(Choice::DropStorage(id.clone())),
        };
        return Some(Choice::Run(Hook::Storage(StorageHook {
            event,
            id: id.clone(),
            kind: attachment.kind.clone(),
            location: attachment.location.clone(),
        })));
    }
    (waits && !view.local.installed).then_some(Choice::Wait)
}
