//! Secrets inside one context: what is known since it began, what it has buffered, and reading with both in view.

mod change;
mod read;

use std::collections::BTreeMap;

use super::HookContext;
use crate::tool::Failure;
use crate::world::Metadata;

impl HookContext<'_> {
    /// The secrets this unit manages, with what the run wants changed; by id. Like Juju's, this knows the ones that were
    /// there when the context was made, and nothing of grants since.
    pub(crate) fn secret_metadata(&self) -> Result<BTreeMap<String, Metadata>, Failure> {
        self.unrestricted()?;
        let pending = &self.run.secrets;
        let mut all: BTreeMap<String, Metadata> = pending
            .creates
            .iter()
            .map(|(id, new)| {
                let values = new.values.clone();
                let metadata = Metadata {
                    owner: new.owner.clone(),
                    label: values.label.unwrap_or_default(),
                    description: values.description.unwrap_or_default(),
                    rotate: values.rotate,
                    latest: 1,
                    content: Some(new.content.clone()),
                    expires: values.expires,
                    next_rotate: None,
                    access: Vec::new(),
                };
                (id.clone(), metadata)
            })
            .collect();
        for (id, known) in self.run.managed_secrets.iter() {
            if pending.deletes.contains_key(id) {
                continue;
            }
            let mut metadata = known.clone();
            if let Some(update) = pending.updates.get(id).cloned() {
                if let Some(label) = update.label {
                    metadata.label = label;
                }
                if let Some(description) = update.description {
                    metadata.description = description;
                }
                metadata.rotate = update.rotate.or(metadata.rotate);
                metadata.expires = update.expires.or(metadata.expires);
            }
            all.insert(id.clone(), metadata);
        }
        Ok(all)
    }

    /// Fails off the leader if the secret is known here to be the application's.
    fn leads_for(&mut self, known: Option<bool>) -> Result<(), Failure> {
        if known != Some(true) {
            return Ok(());
        }
        let leads = self
            .is_leader()
            .map_err(|cause| Failure::run(format!("cannot determine leadership: {cause}")))?;
        if leads {
            Ok(())
        } else {
            Err(Failure::run("this unit is not the leader"))
        }
    }

    /// Whether a stored secret is the application's; `None` if this context does not know it.
    fn is_shared(&self, id: &str) -> Option<bool> {
        let known = self.run.managed_secrets.get(id)?;
        Some(known.owner.is_application())
    }
}
