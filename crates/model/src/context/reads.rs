//! What is read once and kept, and what is asked for each time.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{HookContext, RESTRICTED, RunKind};
use crate::ConfigValue;
use crate::tool::Failure;
use crate::world::{GoalState, NetworkInfo, Status};

/// The charm's own state.
pub(crate) type State = Arc<BTreeMap<String, String>>;

impl HookContext<'_> {
    /// The configuration, read at first use.
    pub(crate) fn config(&mut self) -> Result<Arc<BTreeMap<String, Option<ConfigValue>>>, Failure> {
        self.unrestricted()?;
        if self.run.config.is_none() {
            self.connected()?;
            let application = self.world.applications.get(self.unit.application());
            self.run.config = application.map(|application| Arc::clone(&application.config));
        }
        Ok(self.run.config.clone().unwrap_or_default())
    }

    /// The charm's state, read at first use, with what was written to it since.
    pub(crate) fn state(&mut self) -> Result<&mut State, Failure> {
        if self.run.kind == RunKind::Restricted {
            return Err(Failure::run(RESTRICTED));
        }
        if self.run.state.is_none() {
            self.connected().map_err(|failure| {
                Failure::run(format!(
                    "loading unit state from database: {}",
                    failure.text()
                ))
            })?;
            let unit = self.world.units.get(self.unit);
            self.run.state = Some(unit.map(|unit| Arc::clone(&unit.state)).unwrap_or_default());
        }
        Ok(self.run.state.get_or_insert_default())
    }

    /// The unit's status, read at first use.
    pub(crate) fn status(&mut self) -> Result<Status, Failure> {
        if self.run.status.is_none() {
            self.connected()?;
            self.run.status = self
                .world
                .units
                .get(self.unit)
                .map(|unit| unit.workload.clone());
        }
        self.run
            .status
            .clone()
            .ok_or_else(|| Failure::run("permission denied"))
    }

    /// Sets the unit's status, at once.
    pub(crate) fn set_status(&mut self, status: &str, message: &str) -> Result<(), Failure> {
        self.unrestricted()?;
        self.connected()?;
        self.agent.local.status_set = true;
        let now = self.now;
        if let Some(unit) = self.world.units.get_mut(self.unit) {
            unit.workload = Status::new(status, message, now);
        }
        Ok(())
    }

    /// Sets the application's status, at once; only its leader can.
    pub(crate) fn set_application_status(
        &mut self,
        status: &str,
        message: &str,
    ) -> Result<(), Failure> {
        self.unrestricted()?;
        let leads = self
            .is_leader()
            .map_err(|cause| Failure::run(format!("cannot determine leadership: {cause}")))?;
        if !leads {
            return Err(Failure::run("this unit is not the leader"));
        }
        self.connected()?;
        if !self.world.leases.is_held_by(self.unit) {
            return Err(Failure::run(self.world.not_leader(self.unit)));
        }
        let now = self.now;
        if let Some(application) = self.world.applications.get_mut(self.unit.application()) {
            application.status = Some(Status::new(status, message, now));
        }
        Ok(())
    }

    /// The unit's own address; empty if it has none.
    pub(crate) fn private_address(&self) -> Result<String, Failure> {
        self.unrestricted()?;
        let current = self
            .world
            .units
            .get(self.unit)
            .map(|unit| unit.private_address.clone());
        let current = current.filter(|address| !self.run.severed && !address.is_empty());
        Ok(current.unwrap_or_else(|| self.run.private_address.clone()))
    }

    /// The address others reach the unit by; empty if it has none.
    pub(crate) fn public_address(&self) -> Result<String, Failure> {
        self.unrestricted()?;
        self.connected()?;
        Ok(self
            .world
            .units
            .get(self.unit)
            .map(|unit| unit.public_address.clone())
            .unwrap_or_default())
    }

    /// What `network-get` answers for a binding, in a relation if one is given.
    pub(crate) fn network(&self, binding: &str) -> Result<NetworkInfo, Failure> {
        self.unrestricted()?;
        self.connected()?;
        let unit = self.world.units.get(self.unit);
        Ok(unit
            .and_then(|unit| unit.network.get(binding))
            .cloned()
            .unwrap_or_default())
    }

    /// The goal state; asked for each time.
    pub(crate) fn goal_state(&self) -> Result<GoalState, Failure> {
        self.unrestricted()?;
        self.connected()?;
        Ok(self.world.goal_state(self.unit))
    }

    /// Says which version of the workload runs, at once.
    pub(crate) fn set_version(&mut self, version: &str) -> Result<(), Failure> {
        self.unrestricted()?;
        self.connected()?;
        if let Some(application) = self.world.applications.get_mut(self.unit.application()) {
            version.clone_into(&mut application.version);
        }
        Ok(())
    }
}
