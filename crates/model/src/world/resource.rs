//! Resources: files that come with an application.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::World;
use crate::format::go_quote;
use crate::{ModelError, Paths, UnitName};

/// A resource's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resource {
    /// Its name on the unit's disk.
    pub(crate) file: String,
    pub(crate) content: Arc<[u8]>,
}

impl World {
    /// Gives an application another file for a resource its charm declares. Its units upgrade to it.
    ///
    /// # Errors
    ///
    /// There is no such application, or its charm declares no such resource.
    pub(crate) fn attach_resource(
        &mut self,
        application: &str,
        name: &str,
        content: &[u8],
    ) -> Result<(), ModelError> {
        let document = self.application_mut(application)?;
        let file = document.charm.resources.get(name).cloned().ok_or_else(|| {
            let text = format!("resource {} not found", go_quote(name));
            ModelError::Refused(text)
        })?;
        let resource = Resource {
            file,
            content: Arc::from(content),
        };
        document.resources.insert(name.to_owned(), resource);
        document.modified_version += 1;
        self.notify_application(application);
        Ok(())
    }

    /// Where a resource's file lies on a unit's disk, and what it holds.
    ///
    /// # Errors
    ///
    /// What the agent says when the controller has none.
    pub(crate) fn resource(&self, unit: &UnitName, name: &str) -> Result<(String, &[u8]), String> {
        let application = unit.application();
        let found = self
            .applications
            .get(application)
            .and_then(|application| application.resources.get(name));
        match found {
            Some(resource) => {
                let folder = self.resources_dir.as_ref().map_or_else(
                    || format!("{}/resources/{name}", Paths::of(&self.data_dir, unit).agent),
                    Clone::clone,
                );
                Ok((format!("{folder}/{}", resource.file), &resource.content))
            }
            None => Err(format!(
                "HTTP request failed: Get https://{}/model/{}/units/{}/resources/{name}: \
                 resource#{application}/{name} not found",
                self.api_address,
                self.uuid,
                unit.tag()
            )),
        }
    }
}
