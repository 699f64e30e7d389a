//! Changes of secrets, as the controller makes them: one after the other, each checked by itself.

use super::access::not_found;
use super::{
    Content, Grant, GrantChange, NewSecret, Revision, RevokeChange, Rotate, Secret, SecretChanges,
    SecretUpdate, application_tag,
};
use crate::format::go_quote;
use crate::world::World;
use crate::{Life, UnitName};

impl World {
    /// Makes the changes of one flush; `now` is in seconds since 1970. What was made before an error stays.
    ///
    /// # Errors
    ///
    /// The server's text for the first kind of change that failed; those of one kind are all tried.
    pub(crate) fn commit_secrets(
        &mut self,
        unit: &UnitName,
        changes: &SecretChanges,
        now: i64,
    ) -> Result<(), String> {
        let each = |results: Vec<Result<(), String>>, doing: &str| {
            let errors: Vec<String> = results.into_iter().filter_map(Result::err).collect();
            if errors.is_empty() {
                Ok(())
            } else {
                Err(format!("{doing}: {}", errors.join("\n")))
            }
        };
        let results = changes.creates.iter();
        let results = results.map(|(id, new)| self.create_secret(unit, id, new, now));
        each(results.collect(), "creating secrets")?;
        let results = changes.updates.iter();
        let results = results.map(|(id, update)| self.update_secret(unit, id, update, now));
        each(results.collect(), "updating secrets")?;
        let results = changes.track_latest.iter();
        let results = results.map(|id| self.track_latest(unit, id));
        each(results.collect(), "updating secret tracked revisions")?;
        let mut results = Vec::new();
        for (id, grants) in &changes.grants {
            for (scope, grant) in grants {
                results.push(self.grant_secret(unit, id, scope, grant));
            }
        }
        each(results, "granting secrets access")?;
        let mut results = Vec::new();
        for (id, revokes) in &changes.revokes {
            for revoke in revokes {
                results.push(self.revoke_secret(unit, id, revoke));
            }
        }
        each(results, "revoking secrets access")?;
        let results = changes.deletes.iter();
        let results = results.map(|(id, revision)| self.delete_secret(unit, id, *revision));
        each(results.collect(), "removing secrets")
    }

    fn create_secret(
        &mut self,
        unit: &UnitName,
        id: &str,
        new: &NewSecret,
        now: i64,
    ) -> Result<(), String> {
        self.check_owns(&new.owner, unit)?;
        let values = &new.values;
        if let Some(label) = &values.label {
            self.check_label(id, &new.owner, label)?;
        }
        if self.secrets.get(id).is_some() {
            return Err(format!(
                "secret value for {} already exists",
                go_quote(&format!("secret:{id}"))
            ));
        }
        let rotate = values.rotate.unwrap_or_default();
        let revision = Revision::new(new.content.clone(), values.expires);
        let secret = Secret {
            owner: new.owner.clone(),
            label: values.label.clone().unwrap_or_default(),
            description: values.description.clone().unwrap_or_default(),
            rotate,
            next_rotate: rotate.after(now),
            rotate_due: false,
            latest: 1,
            expires: values.expires,
            revisions: [(1, revision)].into(),
            consumers: Default::default(),
            grants: Default::default(),
        };
        self.secrets.insert(id.to_owned(), secret);
        Ok(())
    }

    fn update_secret(
        &mut self,
        unit: &UnitName,
        id: &str,
        update: &SecretUpdate,
        now: i64,
    ) -> Result<(), String> {
        self.check_manages(id, unit)?;
        let secret = self.secrets.get(id).ok_or_else(|| not_found(id))?;
        if let Some(label) = update
            .label
            .as_ref()
            .filter(|label| **label != secret.label)
        {
            self.check_label(id, &secret.owner, label)?;
        }
        let Some(secret) = self.secrets.get_mut(id) else {
            return Ok(());
        };
        if let Some(label) = &update.label {
            secret.label.clone_from(label);
        }
        if let Some(description) = &update.description {
            secret.description.clone_from(description);
        }
        if let Some(policy) = update.rotate {
            // One policy for another keeps the moment that was due.
            if policy == Rotate::Never {
                secret.next_rotate = None;
                secret.rotate_due = false;
            } else if secret.rotate == Rotate::Never {
                secret.next_rotate = policy.after(now);
            }
            secret.rotate = policy;
        }
        if update.expires.is_some() || update.content.is_some() {
            secret.expires = update.expires;
        }
        if let Some(content) = &update.content {
            self.add_revision(id, content.clone(), update.expires);
        } else if let (Some(expires), Some(latest)) =
            (update.expires, secret.revisions.get_mut(&secret.latest))
        {
            latest.expires = Some(expires);
            latest.expired = false;
        }
        self.secrets.rescheduled = true;
        Ok(())
    }

    /// Adds a revision; those who have read the secret are told.
    pub(super) fn add_revision(&mut self, id: &str, content: Content, expires: Option<i64>) {
        let Some(secret) = self.secrets.get_mut(id) else {
            return;
        };
        secret.latest += 1;
        let revision = Revision::new(content, expires);
        secret.revisions.insert(secret.latest, revision);
        for (consumer, state) in &mut secret.consumers {
            state.told = secret.latest;
            self.notified.push(consumer.clone());
        }
        self.secrets.mark_obsolete(id);
    }

    fn track_latest(&mut self, unit: &UnitName, id: &str) -> Result<(), String> {
        let latest = self.secrets.get(id).ok_or_else(|| not_found(id))?.latest;
        let told_anyway = self.profile.differences().told_of_first_read;
        if let Some(consumer) = self.secrets.consumer(id, unit) {
            consumer.tracked = latest;
            if !told_anyway {
                // It reads what it has just written: nothing to tell.
                consumer.told = 0;
            }
        }
        self.secrets.mark_obsolete(id);
        Ok(())
    }

    fn grant_secret(
        &mut self,
        unit: &UnitName,
        id: &str,
        scope: &str,
        grant: &GrantChange,
    ) -> Result<(), String> {
        self.check_manages(id, unit)?;
        let relation = self.relations.get(&grant.relation).ok_or_else(|| {
            let key = scope.trim_start_matches("relation-");
            let key = key.replace('.', ":").replace('#', " ");
            format!(
                "invalid scope reference: relation {} not found",
                go_quote(&key)
            )
        })?;
        if relation.life != Life::Alive {
            return Err(format!(
                "cannot grant access to secret in scope of {} which is not alive",
                go_quote(scope)
            ));
        }
        let subject = &grant.subject;
        let exists = subject.strip_prefix("application-").map_or_else(
            || self.units.keys().any(|unit| unit.tag() == *subject),
            |name| self.applications.contains_key(name),
        );
        if !exists {
            return Err(format!("invalid subject reference: {subject} not found"));
        }
        let grant = Grant {
            target: subject.clone(),
            relation: Some(grant.relation),
            scope: scope.to_owned(),
        };
        let secret = self.secrets.get_mut(id).ok_or_else(|| not_found(id))?;
        let mut grants = secret.grants.iter();
        match grants.find(|present| present.target == *subject) {
            Some(present) if present.scope != scope => {
                Err("cannot change secret permission scope".to_owned())
            }
            Some(_) => Ok(()),
            None => {
                secret.grants.push(grant);
                Ok(())
            }
        }
    }

    fn revoke_secret(
        &mut self,
        unit: &UnitName,
        id: &str,
        revoke: &RevokeChange,
    ) -> Result<(), String> {
        self.check_manages(id, unit)?;
        let secret = self.secrets.get_mut(id).ok_or_else(|| not_found(id))?;
        let subject = revoke.subject();
        secret.grants.retain(|grant| grant.target != subject);
        self.notified.extend(secret.consumers.keys().cloned());
        Ok(())
    }

    fn delete_secret(
        &mut self,
        unit: &UnitName,
        id: &str,
        revision: Option<u32>,
    ) -> Result<(), String> {
        self.check_manages(id, unit)?;
        self.drop_secret(id, revision);
        Ok(())
    }

    /// Removes a revision, or the secret; it goes with its last revision.
    pub(crate) fn drop_secret(&mut self, id: &str, revision: Option<u32>) {
        let Some(secret) = self.secrets.get_mut(id) else {
            return;
        };
        if let Some(number) = revision {
            secret.revisions.remove(&number);
            if !secret.revisions.is_empty() {
                return;
            }
        }
        self.notified.extend(secret.consumers.keys().cloned());
        self.secrets.remove(id);
    }
}

impl RevokeChange {
    /// The tag of whom it is taken from.
    pub(crate) fn subject(&self) -> String {
        match (&self.unit, &self.application) {
            (Some(unit), _) => format!("unit-{}", unit.replace('/', "-")),
            (None, application) => application_tag(application.as_deref().unwrap_or_default()),
        }
    }
}
