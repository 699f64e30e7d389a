//! New relations: enter their scope, then `relation-created`, once each.

use super::{Choice, View};
use crate::{Hook, Life, RelationEvent, RelationHook};

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    if !view.local.installed || !view.idle() || view.dying() {
        return None;
    }
    let new: Vec<_> = view
        .application
        .relations
        .iter()
        .filter(|id| !view.local.relations.contains_key(id))
        .filter(|id| {
            view.world.relations.get(id).is_some_and(|relation| {
                let side = relation.side(view.unit.application());
                let known = side.is_some_and(|side| {
                    view.application
                        .charm
                        .endpoints
                        .contains_key(&side.endpoint)
                });
                known && relation.life == Life::Alive && !relation.suspended
            })
        })
        .copied()
        .collect();
    if !new.is_empty() {
        return Some(Choice::Enter(new));
    }
    let id = *view.relations.iter().find(|id| {
        view.local
            .relations
            .get(id)
            .is_some_and(|known| !known.created)
    })?;
    let Some(relation) = view
        .world
        .relations
        .get(&id)
        .filter(|relation| relation.life == Life::Alive)
    else {
        return Some(Choice::MarkCreated(id));
    };
    let (Some(side), Some(other)) = (
        relation.side(view.unit.application()),
        relation.other_side(view.unit.application()),
    ) else {
        return Some(Choice::MarkCreated(id));
    };
    if relation.suspended {
        return Some(Choice::MarkCreated(id));
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
