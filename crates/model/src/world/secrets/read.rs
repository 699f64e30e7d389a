//! Reading secrets: by id or label, which revision, and what that changes.

use super::access::{DENIED, not_found};
use super::{Content, Secret};
use crate::UnitName;
use crate::format::go_quote;
use crate::world::World;

/// How a secret is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read<'a> {
    /// By id; with a label, which is then attached.
    pub(crate) id: Option<&'a str>,
    /// Empty if there is none.
    pub(crate) label: &'a str,
    /// Go on with the latest revision from now on.
    pub(crate) refresh: bool,
    /// The latest revision, this once.
    pub(crate) peek: bool,
}

impl World {
    /// Reads a secret, at once. Who reads one for the first time tracks its latest revision.
    ///
    /// # Errors
    ///
    /// The server's text: no such secret, label, revision or permission; a label that is taken.
    pub(crate) fn read_secret(
        &mut self,
        unit: &UnitName,
        read: &Read<'_>,
    ) -> Result<Content, String> {
        let mut attach = (read.id.is_some() && !read.label.is_empty()).then_some(read.label);
        // The owner's label, which every unit of an application that owns a secret may use, comes before one's own.
        let id = match self.owned_secret(unit, read) {
            Some(id) => {
                if let Some(label) = attach.take() {
                    self.relabel(&id, unit, label)?;
                }
                id
            }
            None => match read.id {
                Some(id) => id.to_owned(),
                None => self
                    .consumer_label(unit, read.label)
                    .ok_or_else(|| format!("consumer label {} not found", go_quote(read.label)))?,
            },
        };
        let secret = self.secrets.get(&id).ok_or_else(|| not_found(&id))?;
        if !self.may_read(secret, unit) {
            return Err(DENIED.to_owned());
        }
        if let Some(label) = attach {
            self.check_consumer_label(&id, unit, label)?;
        }
        let number = self.track(&id, unit, read, attach);
        let secret = self.secrets.get(&id).ok_or_else(|| not_found(&id))?;
        secret
            .revisions
            .get(&number)
            .map(|revision| revision.content.clone())
            .ok_or_else(|| format!("secret revision \"{id}/{number}\" not found"))
    }

    /// The secret of the unit or its application that is asked for.
    fn owned_secret(&self, unit: &UnitName, read: &Read<'_>) -> Option<String> {
        let asked = |id: &String, secret: &Secret| match read.id {
            Some(wanted) => id == wanted,
            None => secret.label == read.label,
        };
        self.secrets
            .owned_around(unit)
            .find(|id| self.secrets.get(id).is_some_and(|secret| asked(id, secret)))
            .cloned()
    }

    fn consumer_label(&self, unit: &UnitName, label: &str) -> Option<String> {
        let named = |id: &&String| {
            self.secrets
                .get(id)
                .and_then(|secret| secret.consumers.get(unit))
                .is_some_and(|consumer| consumer.label == label)
        };
        self.secrets.consumed_by(unit).find(named).cloned()
    }

    /// An owner that reads by id with a label gives the secret that label; a follower of the owning application does
    /// not, and nothing is said.
    fn relabel(&mut self, id: &str, unit: &UnitName, label: &str) -> Result<(), String> {
        let Some(secret) = self.secrets.get(id) else {
            return Ok(());
        };
        if secret.label == label || self.check_owns(&secret.owner, unit).is_err() {
            return Ok(());
        }
        self.check_label_of_owner(id, &secret.owner, label)?;
        if let Some(secret) = self.secrets.get_mut(id) {
            label.clone_into(&mut secret.label);
        }
        Ok(())
    }

    /// A consumer's label may name one secret only.
    fn check_consumer_label(&self, id: &str, unit: &UnitName, label: &str) -> Result<(), String> {
        match self.consumer_label(unit, label) {
            Some(other) if other != id => Err(format!(
                "secret label {} for consumer {} already exists",
                go_quote(label),
                go_quote(&unit.tag())
            )),
            _ => Ok(()),
        }
    }

    /// Notes the reader; returns the revision it gets.
    fn track(&mut self, id: &str, unit: &UnitName, read: &Read<'_>, label: Option<&str>) -> u32 {
        let told_anyway = self.profile.differences().told_of_first_read;
        let Some(secret) = self.secrets.get(id) else {
            return 0;
        };
        let latest = secret.latest;
        let known = secret.consumers.get(unit);
        let (first, moves) = (
            known.is_none(),
            read.refresh || known.is_none_or(|consumer| consumer.tracked == 0),
        );
        if !moves && label.is_none() {
            let tracked = known.map_or(latest, |consumer| consumer.tracked);
            return if read.peek { latest } else { tracked };
        }
        let Some(consumer) = self.secrets.consumer(id, unit) else {
            return latest;
        };
        if let Some(label) = label {
            label.clone_into(&mut consumer.label);
        }
        if first && told_anyway {
            consumer.told = latest;
        }
        if moves {
            consumer.tracked = latest;
        }
        let number = if read.peek { latest } else { consumer.tracked };
        if moves {
            self.secrets.mark_obsolete(id);
        }
        if first && told_anyway && latest > 1 {
            self.notify(unit);
        }
        number
    }
}
