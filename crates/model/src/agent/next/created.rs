//! New relations: enter their scope, then `relation-created`, once each.

use super::{Choice, View};
use crate::world::Relation;
use crate::{Hook, Life, RelationEvent, RelationHook, RelationId};

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    if !view.local.installed || !view.idle() || view.dying() {
        return None;
    }
    let mut new = Vec::new();
    for id in &view.application.relations {
        let Some(relation) = alive(view, *id).filter(|_| !view.local.relations.contains_key(id))
        else {
            continue;
        };
        let side = relation.side(view.unit.application());
        let known =
            side.is_some_and(|side| view.application.charm.endpoint(&side.endpoint).is_some());
        if !known {
            continue;
        }
        if relation.suspended {
            // Passed over, and not repeated later.
            if !view.local.created.contains(id) {
                return Some(Choice::MarkCreated(*id));
            }
        } else if !view.world.awaits_subordinate(*id, view.unit) {
            new.push(*id);
        }
    }
    if !new.is_empty() {
        return Some(Choice::Enter(new));
    }
    let id = *view.relations.iter().find(|id| {
        view.local
            .relations
            .get(id)
            .is_some_and(|known| !known.created)
    })?;
    Some(created(view, id).unwrap_or(Choice::MarkCreated(id)))
}

fn alive<'a>(view: &View<'a>, id: RelationId) -> Option<&'a Relation> {
    let relation = view.world.relations.get(&id)?;
    (relation.life == Life::Alive).then_some(relation)
}

/// The hook, where there is one: not for relations on their way out, nor for endpoints nobody declared.
fn created(view: &View<'_>, id: RelationId) -> Option<Choice> {
    let relation = alive(view, id).filter(|relation| !relation.suspended)?;
    let side = relation.side(view.unit.application())?;
    let other = relation.other_side(view.unit.application())?;
    if !view
        .application
        .charm
        .endpoints
        .contains_key(&side.endpoint)
    {
        return None;
    }
    Some(Choice::Run(Hook::Relation(RelationHook {
        event: RelationEvent::Created,
        relation: id,
        endpoint: side.endpoint.clone(),
        remote_app: other.application.clone(),
        remote_unit: None,
        departing: None,
    })))
}
