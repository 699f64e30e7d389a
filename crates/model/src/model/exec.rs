//! Commands on units: `juju exec`, and `juju-exec` on a machine.

use serde_json::Map;

use super::Model;
use crate::{ActionId, ModelError, RelationEvent, RelationHook, RelationId, UnitName};

impl Model {
    /// `juju exec --unit UNIT -- COMMANDS`: queued; follow it with [`Self::action`].
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn exec(&mut self, unit: &UnitName, commands: &str) -> Result<ActionId, ModelError> {
        self.world.unit(unit)?;
        let params = Map::from_iter([("command".to_owned(), commands.into())]);
        Ok(self.enqueue(unit, "juju-exec", params))
    }

    /// `juju-exec -r RELATION [--remote-unit REMOTE] COMMANDS` on a unit's machine. Without a remote unit, the relation's
    /// one member is meant.
    ///
    /// # Errors
    ///
    /// There is no such unit; or Juju's text: the unit is not in that relation, or the remote unit is not, or is not clear.
    pub fn exec_in_relation(
        &mut self,
        unit: &UnitName,
        relation: RelationId,
        remote: Option<&str>,
        commands: &str,
    ) -> Result<ActionId, ModelError> {
        let remote = self.remote_unit(unit, relation, remote)?;
        let params = Map::from_iter([
            ("command".to_owned(), commands.into()),
            ("relation-id".to_owned(), relation.0.into()),
            ("remote-unit".to_owned(), remote.as_str().into()),
        ]);
        Ok(self.enqueue(unit, "juju-exec", params))
    }

    fn remote_unit(
        &self,
        unit: &UnitName,
        relation: RelationId,
        remote: Option<&str>,
    ) -> Result<UnitName, ModelError> {
        let refused = |text: String| Err(ModelError::Refused(text));
        let Some(known) = self.agent(unit)?.local.relations.get(&relation) else {
            return refused(format!("unknown relation id: {relation}"));
        };
        let members: Vec<&str> = known.members.keys().map(UnitName::as_str).collect();
        let possible = || format!("possibilities are [{}]", members.join(" "));
        match (remote, known.members.keys().next(), members.len()) {
            (Some(remote), ..) => match remote.parse::<UnitName>() {
                Err(_) => refused(format!("invalid remote unit: {remote}")),
                Ok(remote) if known.members.contains_key(&remote) => Ok(remote),
                Ok(_) => refused(format!("unknown remote unit {remote}; {}", possible())),
            },
            (None, Some(only), 1) => Ok(only.clone()),
            (None, None, _) => refused(format!(
                "cannot infer remote unit in empty relation {relation}"
            )),
            (None, Some(_), _) => refused(format!("ambiguous remote unit; {}", possible())),
        }
    }

    /// The relation that queued commands asked for, if the unit is still in it.
    pub(super) fn asked_relation(
        &self,
        unit: &UnitName,
        params: &Map<String, serde_json::Value>,
    ) -> Option<RelationHook> {
        let id = params.get("relation-id")?.as_u64()?;
        let relation = RelationId(u32::try_from(id).ok()?);
        let side = self
            .world
            .relations
            .get(&relation)?
            .side(unit.application())?;
        self.agents.get(unit)?.local.relations.get(&relation)?;
        Some(RelationHook {
            // Any event would do that neither adds nor takes away members.
            event: RelationEvent::Changed,
            relation,
            endpoint: side.endpoint.clone(),
            // Juju leaves it empty here.
            remote_app: String::new(),
            remote_unit: params.get("remote-unit")?.as_str()?.parse().ok(),
            departing: None,
        })
    }
}
