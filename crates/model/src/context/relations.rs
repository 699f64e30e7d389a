//! Which relations and members a context knows.

use std::collections::BTreeSet;

use super::HookContext;
use crate::tool::Failure;
use crate::{Life, RelationEvent, RelationId, UnitName};

impl HookContext<'_> {
    /// Whether the agent has entered that relation's scope.
    pub(crate) fn knows_relation(&self, id: RelationId) -> bool {
        self.agent.local.relations.contains_key(&id)
    }

    /// The relation of the running hook.
    pub(crate) fn hook_relation(&self) -> Option<RelationId> {
        self.run.relation_hook().map(|hook| hook.relation)
    }

    /// `endpoint:id`, as tools print a relation; of this unit's side.
    pub(crate) fn relation_name(&self, id: RelationId) -> String {
        format!("{}:{id}", self.endpoint(id).unwrap_or_default())
    }

    /// The name of this unit's endpoint of a relation.
    pub(crate) fn endpoint(&self, id: RelationId) -> Option<&str> {
        let relation = self.world.relations.get(&id)?;
        Some(&relation.side(self.unit.application())?.endpoint)
    }

    /// The application on the other side.
    pub(crate) fn remote_application(&self, id: RelationId) -> Option<&str> {
        let relation = self.world.relations.get(&id)?;
        Some(&relation.other_side(self.unit.application())?.application)
    }

    /// The relations of an endpoint as `relation-ids` lists them: without those that are on their way out and empty.
    pub(crate) fn relation_ids(&self, endpoint: &str) -> Result<Vec<String>, Failure> {
        self.unrestricted()?;
        let mut ids: Vec<String> = self
            .agent
            .local
            .relations
            .keys()
            .filter(|id| {
                self.endpoint(**id) == Some(endpoint)
                    && self.world.relations.get(id).is_some_and(|relation| {
                        let leaving = relation.life != Life::Alive || relation.suspended;
                        relation.life != Life::Dead && !(leaving && self.members(**id).is_empty())
                    })
            })
            .map(|id| format!("{endpoint}:{id}"))
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// The units that have joined, as this run sees it.
    pub(crate) fn members(&self, id: RelationId) -> BTreeSet<&UnitName> {
        let known = self.agent.local.relations.get(&id);
        let mut members: BTreeSet<&UnitName> = known
            .into_iter()
            .flat_map(|known| known.members.keys())
            .collect();
        if let Some(hook) = self.run.relation_hook().filter(|hook| hook.relation == id)
            && let Some(unit) = &hook.remote_unit
        {
            if hook.event == RelationEvent::Departed {
                members.remove(unit);
            } else {
                members.insert(unit);
            }
        }
        members
    }

    /// Whether a unit has joined, as this run sees it.
    pub(crate) fn is_member(&self, id: RelationId, unit: &str) -> bool {
        if let Some(hook) = self.run.relation_hook().filter(|hook| hook.relation == id)
            && hook
                .remote_unit
                .as_ref()
                .is_some_and(|remote| remote.as_str() == unit)
        {
            return hook.event != RelationEvent::Departed;
        }
        self.agent
            .local
            .relations
            .get(&id)
            .is_some_and(|known| known.members.contains_key(unit))
    }
}
