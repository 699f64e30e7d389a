//! What comes with the application or the model: resources, the cloud.

use super::{CUT, HookContext, RESTRICTED, RunKind};
use crate::world::Cloud;

impl HookContext<'_> {
    /// Where a resource's file belongs, and what it holds.
    ///
    /// # Errors
    ///
    /// The cause: there is none.
    pub(crate) fn resource(&self, name: &str) -> Result<(String, &[u8]), String> {
        self.world.resource(self.unit, name)
    }

    /// The model's cloud; asked for each time.
    ///
    /// # Errors
    ///
    /// The cause: the application is not trusted, or there is no such thing.
    pub(crate) fn cloud(&self) -> Result<Cloud, String> {
        if self.run.kind == RunKind::Restricted {
            return Err(RESTRICTED.to_owned());
        }
        if self.world.kubernetes {
            return Err("credential-get on a \"caas\" model not supported".to_owned());
        }
        if self.run.severed {
            return Err(CUT.to_owned());
        }
        let application = self.world.applications.get(self.unit.application());
        if application.is_some_and(|application| application.trusted) {
            Ok(self.world.cloud.clone().unwrap_or_else(Cloud::local))
        } else {
            Err("permission denied".to_owned())
        }
    }
}
