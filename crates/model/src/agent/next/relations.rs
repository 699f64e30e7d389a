//! Relation hooks: any order between relations, a fixed one within each.

use super::{Choice, View};
use crate::agent::{First, LocalRelation};
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
    let news = if leaving {
        // It is done with all it knows.
        First {
            departed: known.members.keys().next(),
            ..First::default()
        }
    } else {
        let kept = known.news.first(relation.generation);
        debug_assert!(
            kept.as_ref()
                .is_none_or(|kept| *kept == known.walk(view.unit, relation)),
            "news that were kept up are those that are found anew"
        );
        kept.unwrap_or_else(|| known.walk(view.unit, relation))
    };
    if let Some(unit) = news.departed {
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
    if let Some(unit) = news.joined {
        return run(RelationEvent::Joined, Some(unit));
    }
    news.changed
        .and_then(|unit| run(RelationEvent::Changed, Some(unit)))
}
