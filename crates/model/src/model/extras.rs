//! What an operator gives an application or unit beside its charm: storage, resources, trust.

use super::Model;
use crate::{ModelError, UnitName};

impl Model {
    /// `juju add-storage UNIT NAME=COUNT`: returns the new instances' ids. They are there at once if the unit's agent runs,
    /// else when it starts.
    ///
    /// # Errors
    ///
    /// There is no such unit; or Juju's text: the charm has no such storage, or not so many of it.
    pub fn add_storage(
        &mut self,
        unit: &UnitName,
        name: &str,
        count: u32,
    ) -> Result<Vec<String>, ModelError> {
        self.world.unit(unit)?;
        let added = self.world.add_storage(unit, name, u64::from(count))?;
        self.provision(unit);
        self.deliver();
        Ok(added)
    }

    /// `juju detach-storage ID`, or `remove-storage`: the unit runs its last hook of it, and it is gone.
    ///
    /// # Errors
    ///
    /// There is no such unit, or it has no such storage.
    pub fn detach_storage(&mut self, unit: &UnitName, id: &str) -> Result<(), ModelError> {
        self.world.detach_storage(unit, id)?;
        self.deliver();
        Ok(())
    }

    /// `juju attach-resource APP NAME=FILE`: another file for a resource. Its units run `upgrade-charm`.
    ///
    /// # Errors
    ///
    /// There is no such application, or its charm declares no such resource.
    pub fn attach_resource(
        &mut self,
        application: &str,
        name: &str,
        content: &[u8],
    ) -> Result<(), ModelError> {
        self.world.attach_resource(application, name, content)?;
        self.deliver();
        Ok(())
    }

    /// `juju trust APP`, with or without `--remove`: whether `credential-get` tells its units of the cloud. They run
    /// `config-changed`.
    ///
    /// # Errors
    ///
    /// There is no such application.
    pub fn trust(&mut self, application: &str, trusted: bool) -> Result<(), ModelError> {
        self.world.application_mut(application)?.set_trust(trusted);
        self.world.notify_application(application);
        self.deliver();
        Ok(())
    }

    /// The driver reports: all of a unit's storage is there to be used.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn provision_storage(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.world.unit(unit)?;
        self.world.provision_storage(unit);
        self.deliver();
        Ok(())
    }

    /// What is attached to a running machine is there to be used, if nobody else sees to it.
    pub(super) fn provision(&mut self, unit: &UnitName) {
        let up = self.agents.get(unit).is_some_and(super::Agent::is_up);
        if up && self.config.automatic_storage {
            self.world.provision_storage(unit);
        }
    }
}
