//! Relation hooks: any order between relations, a fixed one within each.

use super::{Choice, View};
use crate::agent::LocalRelation;
use crate::world::Relation;
use crate::{Hook, Life, RelationEvent, RelationHook, RelationId, UnitName};

pub(super) fn next(view: &View<'_>) -> Option<Choice> {
    view.relations.iter().find_map(|id| {
        let known = view.local.relations.get(id)?;
        match view.world.relations.get(id) {
            Some(relation) => within(view, *id, known, relation),
            None => Some(Choice::Forget(*id)),
        }
    })
}

/// The next step within one relation.
fn within(
    view: &View<'_>,
    id: RelationId,
    known: &LocalRelation,
    relation: &Relation,
) -> Option<Choice> {
    let leaving = view.dying() || relation.life != Life::Alive || relation.suspended;
    if !leaving && known.quiet_at == Some(relation.generation) {
        return None;
    }
    let run = |event, remote_unit: Option<&UnitName>| {
        let other = relation.other_side(view.unit.application());
        let side = relation.side(view.unit.application());
        let departing = remote_unit
            .filter(|_| event == RelationEvent::Departed)
            .map(|remote| {
                if view.dying() || view.application.life != Life::Alive {
                    view.unit
                } else {
                    remote
                }
            });
        Some(Choice::Run(Hook::Relation(RelationHook {
            event,
            relation: id,
            endpoint: side.map(|side| side.endpoint.clone()).unwrap_or_default(),
            remote_app: other
                .map(|side| side.application.clone())
                .unwrap_or_default(),
            remote_unit: remote_unit.cloned(),
            departing: departing.cloned(),
        })))
    };
    if let Some(unit) = &known.joined {
        return run(RelationEvent::Changed, Some(unit));
    }
    let present = |unit: &UnitName| !leaving && relation.in_scope(unit);
    if let Some(unit) = known.members.keys().find(|unit| !present(unit)) {
        return run(RelationEvent::Departed, Some(unit));
    }
    if leaving {
        return if relation.is_peer() {
            Some(Choice::Forget(id))
        } else {
            run(RelationEvent::Broken, None)
        };
    }
    if let Some(other) = relation.other_side(view.unit.application()) {
        let seen = known
            .applications
            .get(&other.application)
            .copied()
            .unwrap_or(0);
        if relation
            .applications
            .get(&other.application)
            .is_some_and(|bag| bag.version != seen)
        {
            return run(RelationEvent::Changed, None);
        }
    }
    if let Some((unit, _)) = relation
        .remote_units(view.unit)
        .find(|(unit, _)| !known.members.contains_key(*unit))
    {
        return run(RelationEvent::Joined, Some(unit));
    }
    let changed = relation
        .remote_units(view.unit)
        .find(|(unit, bag)| known.members.get(*unit) != Some(&bag.version));
    changed.and_then(|(unit, _)| run(RelationEvent::Changed, Some(unit)))
}
