//! Units entering and leaving relations.

use super::World;
use super::relation::{Member, Relation};
use crate::{RelationId, UnitName};

impl World {
    /// A unit's agent enters a relation: the other side sees it from now on.
    pub(crate) fn enter_scope(&mut self, id: RelationId, unit: &UnitName) {
        let principal = self.units.get(unit).and_then(|unit| unit.principal.clone());
        let Some(relation) = self.relations.get_mut(&id) else {
            return;
        };
        let container = relation
            .is_container()
            .then(|| principal.unwrap_or_else(|| unit.clone()));
        let member = relation
            .units
            .entry(unit.clone())
            .or_insert_with(Member::default);
        member.entered = true;
        member.container = container;
        if !member.in_scope {
            member.in_scope = true;
            relation.note(unit);
            self.notify_other_side(id, unit);
        }
        self.publish_addresses(id, unit);
    }

    /// The other side no longer sees a unit, which has hooks of the relation left to run. Its data stays readable.
    pub(super) fn hide(&mut self, id: RelationId, unit: &UnitName) {
        let Some(relation) = self.relations.get_mut(&id) else {
            return;
        };
        match relation.units.get_mut(unit) {
            Some(member) if member.in_scope => member.in_scope = false,
            _ => return,
        }
        relation.note(unit);
        self.notify_other_side(id, unit);
    }

    /// A unit is done with a relation, which goes with its last one if it is dying.
    pub(crate) fn leave_scope(&mut self, id: RelationId, unit: &UnitName) {
        self.hide(id, unit);
        if let Some(member) = self
            .relations
            .get_mut(&id)
            .and_then(|relation| relation.units.get_mut(unit))
        {
            member.entered = false;
            self.reap(unit.application());
        }
    }

    /// A unit that is gone is done with all its relations.
    pub(super) fn leave_all(&mut self, unit: &UnitName) {
        let ids = self
            .applications
            .get(unit.application())
            .map(|application| application.relations.clone());
        for id in ids.unwrap_or_default() {
            if self.stays_visible(id) {
                continue;
            }
            self.leave_scope(id, unit);
        }
    }

    /// Whether units that go stay visible in a relation: 4.0 does not tell peers.
    pub(super) fn stays_visible(&self, id: RelationId) -> bool {
        !self.profile.differences().peer_departures
            && self.relations.get(&id).is_some_and(Relation::is_peer)
    }

    fn notify_other_side(&mut self, id: RelationId, unit: &UnitName) {
        if let Some(other) = self
            .relations
            .get(&id)
            .and_then(|relation| relation.other_side(unit.application()))
        {
            let other = other.application.clone();
            self.notify_application(&other);
        }
    }
}
