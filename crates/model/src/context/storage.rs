//! A unit's storage as tools see it.

use super::{HookContext, RESTRICTED, RunKind};
use crate::tool::Failure;
use crate::world::{Attachment, storage_name};

impl HookContext<'_> {
    /// The instance the running storage hook is about, if it is there to be used.
    ///
    /// # Errors
    ///
    /// A context without storage: the tool cannot even be built.
    pub(crate) fn hook_storage(&self) -> Result<Option<String>, Failure> {
        if self.run.kind == RunKind::Restricted {
            return Err(Failure::BadRequest(RESTRICTED.to_owned()));
        }
        let id = self.run.storage.as_deref();
        Ok(id.filter(|id| self.storage(id).is_ok()).map(str::to_owned))
    }

    /// One attachment.
    ///
    /// # Errors
    ///
    /// The server's text: there is none, or it is not there yet.
    pub(crate) fn storage(&self, id: &str) -> Result<&Attachment, String> {
        let attachments = self.world.units.get(self.unit).map(|unit| &unit.storage);
        match attachments.and_then(|attachments| attachments.get(id)) {
            None => Err(format!("storage attachment {id}:{} not found", self.unit)),
            Some(attachment) if attachment.provisioned => Ok(attachment),
            Some(attachment) if attachment.kind == "filesystem" => {
                Err(format!("filesystem for storage \"{id}\" not provisioned"))
            }
            Some(_) => Err(format!("volume for storage \"{id}\" not provisioned")),
        }
    }

    /// The ids of all attachments, read at first use; of one storage if it is named.
    pub(crate) fn storage_ids(&mut self, name: &str) -> Result<Vec<String>, Failure> {
        self.unrestricted()?;
        if self.run.storage_ids.is_none() {
            self.connected()?;
            let unit = self.world.units.get(self.unit);
            self.run.storage_ids =
                Some(unit.map_or_else(Vec::new, |unit| unit.storage.keys().cloned().collect()));
        }
        let all = self.run.storage_ids.iter().flatten();
        Ok(all
            .filter(|id| name.is_empty() || storage_name(id) == name)
            .cloned()
            .collect())
    }

    /// Asks for more storage; waits for the flush.
    pub(crate) fn add_storage(&mut self, wanted: Vec<(String, u64)>) -> Result<(), Failure> {
        self.unrestricted()?;
        self.run.add_storage.extend(wanted);
        Ok(())
    }
}
