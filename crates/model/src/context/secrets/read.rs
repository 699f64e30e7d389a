//! Reading secrets with what the run has buffered in view.

use super::HookContext;
use crate::tool::Failure;
use crate::world::{Content, Read};

impl HookContext<'_> {
    /// What a secret holds. Tracking, refreshing and attaching a label take effect at once, but for what this run itself
    /// is about to change.
    pub(crate) fn read_secret(&mut self, read: &Read<'_>) -> Result<Content, Failure> {
        self.unrestricted()?;
        let mut read = *read;
        let owned;
        if read.id.is_some() {
            if let Some(content) = self.pending_content(&read) {
                return Ok(content);
            }
        } else {
            owned = self.owned_by_label(read.label)?;
            if let Some(id) = &owned {
                read = Read {
                    id: Some(id),
                    label: "",
                    ..read
                };
            }
            if let Some(content) = self.pending_content(&read) {
                return Ok(content);
            }
        }
        self.connected()?;
        self.world
            .read_secret(self.unit, &read)
            .map_err(Failure::run)
    }

    /// The id of a secret the unit manages, by its label; those this run makes or labels included.
    fn owned_by_label(&mut self, label: &str) -> Result<Option<String>, Failure> {
        let metadata = self.secret_metadata()?;
        let leads = self
            .is_leader()
            .map_err(|cause| Failure::run(format!("cannot determine leadership: {cause}")))?;
        let named = |id: &&String| {
            let secret = &metadata[*id];
            secret.label == label && (leads || !secret.owner.is_application())
        };
        if let Some(id) = metadata.keys().find(named) {
            return Ok(Some(id.clone()));
        }
        let pending = &self.run.secrets;
        let created = pending.creates.iter().map(|(id, new)| (id, &new.values));
        let mut labelled = created.chain(&pending.updates);
        let found = labelled.find(|(_, values)| values.label.as_deref() == Some(label));
        Ok(found.map(|(id, _)| id.clone()))
    }

    /// What this run is about to store: a new secret's content always, a new revision's if the latest is asked for.
    fn pending_content(&mut self, read: &Read<'_>) -> Option<Content> {
        let pending = &mut self.run.secrets;
        let label = (!read.label.is_empty()).then(|| read.label.to_owned());
        let by_id = |id: &String| read.id == Some(id);
        let labelled = |value: &Option<String>| label.is_some() && *value == label;
        for (id, new) in &mut pending.creates {
            if by_id(id) || labelled(&new.values.label) {
                if by_id(id) && label.is_some() {
                    new.values.label = label;
                }
                return Some(new.content.clone());
            }
        }
        if !read.refresh && !read.peek {
            return None;
        }
        for (id, update) in &mut pending.updates {
            if by_id(id) || labelled(&update.label) {
                if by_id(id) && label.is_some() {
                    update.label = label;
                }
                if read.refresh {
                    pending.track_latest.insert(id.clone());
                }
                return update.content.clone();
            }
        }
        None
    }
}
