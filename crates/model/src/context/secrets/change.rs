//! Changes of secrets, buffered until the flush.

use super::HookContext;
use crate::tool::Failure;
use crate::world::{
    Content, GrantChange, NewSecret, Owner, RevokeChange, SecretUpdate, application_tag,
};
use crate::{RelationId, UnitName};

impl HookContext<'_> {
    /// Makes a secret; returns its id, which the controller gives at once.
    pub(crate) fn create_secret(
        &mut self,
        owner: Owner,
        content: Content,
        values: SecretUpdate,
    ) -> Result<String, Failure> {
        self.unrestricted()?;
        self.leads_for(Some(owner.is_application()))?;
        self.connected()?;
        let id = self.world.secrets.allocate();
        let pending = &mut self.run.secrets;
        let taken = values.label.as_ref().filter(|label| {
            let mut labels = pending.creates.values();
            labels.any(|new| new.values.label.as_ref() == Some(label))
        });
        if let Some(label) = taken {
            let label = crate::format::go_quote(label);
            return Err(Failure::run(format!(
                "secret with label {label} already exists"
            )));
        }
        let new = NewSecret {
            owner,
            content,
            values,
        };
        pending.creates.insert(id.clone(), new);
        Ok(id)
    }

    /// Changes a secret. What it holds already is no new revision.
    pub(crate) fn update_secret(
        &mut self,
        id: &str,
        mut update: SecretUpdate,
    ) -> Result<(), Failure> {
        self.unrestricted()?;
        self.leads_for(self.is_shared(id))?;
        let known = self.run.managed_secrets.get(id);
        if known.is_some_and(|known| known.content.is_some() && known.content == update.content) {
            update.content = None;
        }
        if update == SecretUpdate::default() {
            return Ok(());
        }
        let replaces = self.agent.profile.differences().secret_set_replaces;
        let pending = &mut self.run.secrets;
        pending.deletes.remove(id);
        if let Some(new) = pending.creates.get_mut(id) {
            if let Some(content) = update.content.take() {
                new.content = content;
            }
            new.values.merge(update);
            return Ok(());
        }
        match pending.updates.get_mut(id) {
            Some(before) if !replaces => before.merge(update),
            _ => {
                pending.updates.insert(id.to_owned(), update);
            }
        }
        Ok(())
    }

    /// Removes a revision of a secret, or all of it.
    pub(crate) fn remove_secret(&mut self, id: &str, revision: Option<u32>) -> Result<(), Failure> {
        self.unrestricted()?;
        self.leads_for(self.is_shared(id))?;
        let pending = &mut self.run.secrets;
        pending.creates.remove(id);
        pending.updates.remove(id);
        pending.grants.remove(id);
        pending.revokes.remove(id);
        pending.track_latest.remove(id);
        pending.deletes.insert(id.to_owned(), revision);
        Ok(())
    }

    /// Lets the application on the other side of a relation read a secret, or one unit of it.
    pub(crate) fn grant_secret(
        &mut self,
        id: &str,
        relation: RelationId,
        unit: Option<&UnitName>,
    ) -> Result<(), Failure> {
        let metadata = self.secret_metadata()?;
        let secret = metadata
            .get(id)
            .ok_or_else(|| Failure::run(format!("secret \"{id}\" not found")))?;
        self.leads_for(Some(secret.owner.is_application()))?;
        let scope = self.relation_tag(relation);
        let other = self.remote_application(relation).unwrap_or_default();
        let subject = unit.map_or_else(|| application_tag(other), UnitName::tag);
        for present in secret.access.iter().filter(|each| each.scope == scope) {
            if present.target == subject || present.target.starts_with("application-") {
                return Ok(());
            }
            if unit.is_none() {
                return Err(Failure::run(
                    "any unit level grants need to be revoked before granting access to the corresponding application",
                ));
            }
        }
        let grants = self.run.secrets.grants.entry(id.to_owned()).or_default();
        grants.insert(scope, GrantChange { relation, subject });
        Ok(())
    }

    /// Takes leave to read a secret from an application or a unit.
    pub(crate) fn revoke_secret(&mut self, id: &str, revoke: RevokeChange) -> Result<(), Failure> {
        self.unrestricted()?;
        self.leads_for(self.is_shared(id))?;
        let revokes = self.run.secrets.revokes.entry(id.to_owned()).or_default();
        let covered = revokes.iter().any(|present| {
            *present == revoke
                || match (&present.application, &revoke.unit) {
                    (Some(application), Some(unit)) => {
                        unit.split_once('/').map(|(of, _)| of) == Some(application)
                    }
                    _ => false,
                }
        });
        if !covered {
            revokes.push(revoke);
        }
        Ok(())
    }

    /// A relation's tag.
    fn relation_tag(&self, id: RelationId) -> String {
        let relation = self.world.relations.get(&id);
        relation
            .map(crate::world::Relation::tag)
            .unwrap_or_default()
    }
}
