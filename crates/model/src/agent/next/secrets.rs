//! Secrets: told to the owner what has expired and what is to be rotated, to readers what has changed, to the owner again
//! which revisions nobody tracks. An application's owner is its leader.

use super::{Choice, View};
use crate::world::Secret;
use crate::{Hook, SecretEvent, SecretHook};

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    if !view.local.installed || !view.idle() || view.dying() {
        return None;
    }
    if view.world.secrets.is_empty() && view.local.secrets.is_empty() {
        return None;
    }
    expired(view)
        .or_else(|| rotate(view))
        .or_else(|| changed(view))
        .or_else(|| gone(view))
        .or_else(|| obsolete(view))
}

/// The secrets the unit answers for.
fn managed<'a>(view: &'a View<'_>) -> impl Iterator<Item = (&'a String, &'a Secret)> {
    let leads = view.memory.tracker.leader;
    let secrets = &view.world.secrets;
    secrets
        .owned_around(view.unit)
        .filter_map(|id| Some((id, secrets.get(id)?)))
        .filter(move |(_, secret)| leads || !secret.owner.is_application())
}

fn expired(view: &View<'_>) -> Option<Choice> {
    managed(view).find_map(|(id, secret)| {
        let (number, _) = secret.revisions.iter().find(|(_, each)| each.expired)?;
        Some(run(SecretEvent::Expired, id, *number, &secret.label))
    })
}

fn rotate(view: &View<'_>) -> Option<Choice> {
    let (id, secret) = managed(view).find(|(_, secret)| secret.rotate_due)?;
    Some(run(SecretEvent::Rotate, id, 0, &secret.label))
}

fn changed(view: &View<'_>) -> Option<Choice> {
    view.secrets.iter().find_map(|id| {
        let secret = view.world.secrets.get(id)?;
        let told = secret.consumers.get(view.unit)?.told;
        let handled = view.local.secrets.get(id).map_or(0, |known| known.changed);
        if told < 2 || told == handled || !view.world.may_read(secret, view.unit) {
            return None;
        }
        let own = &secret.consumers.get(view.unit)?.label;
        let label = if own.is_empty() && secret.owner.is_of(view.unit) {
            &secret.label
        } else {
            own
        };
        Some(run(SecretEvent::Changed, id, told, label))
    })
}

fn gone(view: &View<'_>) -> Option<Choice> {
    let readable = |id: &String| {
        let secret = view.world.secrets.get(id);
        secret.is_some_and(|secret| view.world.may_read(secret, view.unit))
    };
    let gone: Vec<String> = view
        .local
        .secrets
        .keys()
        .filter(|id| !readable(id))
        .cloned()
        .collect();
    (!gone.is_empty()).then_some(Choice::ForgetSecrets(gone))
}

fn obsolete(view: &View<'_>) -> Option<Choice> {
    view.memory.obsolete.iter().find_map(|(id, numbers)| {
        let secret = view.world.secrets.get(id)?;
        let handled = view.local.secrets.get(id).map(|known| &known.removed);
        let number = numbers
            .iter()
            .find(|number| !handled.is_some_and(|handled| handled.contains(number)))?;
        Some(run(SecretEvent::Remove, id, *number, &secret.label))
    })
}

fn run(event: SecretEvent, id: &str, revision: u32, label: &str) -> Choice {
    Choice::Run(Hook::Secret(SecretHook {
        event,
        id: id.to_owned(),
        revision,
        label: label.to_owned(),
    }))
}
