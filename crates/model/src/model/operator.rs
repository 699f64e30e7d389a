//! What an operator does with the `juju` command.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Model, params};
use crate::agent::Link;
use crate::world::{Resolved, Side};
use crate::{
    ActionId, ActionRecord, ActionStatus, CharmInfo, Life, ModelError, RelationId, Role, Scope,
    UnitName,
};

impl Model {
    /// `juju deploy`: an application with `units` units.
    ///
    /// # Errors
    ///
    /// The name is taken, or cannot be one.
    pub fn deploy(
        &mut self,
        application: &str,
        charm: CharmInfo,
        units: u32,
    ) -> Result<Vec<UnitName>, ModelError> {
        self.deploy_configured(application, charm, units, &BTreeMap::new())
    }

    /// `juju deploy --config K=V …`: the first hook finds the options set.
    ///
    /// # Errors
    ///
    /// As [`Self::deploy`]; or an option is refused, as [`Self::set_config`] does.
    pub fn deploy_configured(
        &mut self,
        application: &str,
        charm: CharmInfo,
        units: u32,
        options: &BTreeMap<String, String>,
    ) -> Result<Vec<UnitName>, ModelError> {
        let subordinate = charm.subordinate;
        if subordinate && units > 1 {
            return Err(ModelError::Refused(
                "cannot use --num-units or --to with subordinate application".to_owned(),
            ));
        }
        self.world.add_application(application, charm, options)?;
        // Subordinates come with the units they are related to.
        let units = if subordinate { 0 } else { units };
        let mut added = Vec::new();
        for _ in 0..units {
            added.push(self.world.add_unit(application, self.now)?);
        }
        // Machines do not come up in the order they were asked for.
        let mut starting = added.clone();
        self.random.shuffle(&mut starting);
        for unit in starting {
            self.add_agent(&unit);
        }
        self.deliver();
        Ok(added)
    }

    /// `juju add-unit`.
    ///
    /// # Errors
    ///
    /// There is no such application, or it is being removed.
    pub fn add_unit(&mut self, application: &str) -> Result<UnitName, ModelError> {
        let unit = self.world.add_unit(application, self.now)?;
        self.add_agent(&unit);
        self.deliver();
        Ok(unit)
    }

    /// `juju remove-unit`: the unit becomes dying, runs its last hooks, and is gone. One whose machine has never been up
    /// is gone at once; one whose machine is lost stays until [`Self::remove_unit_forced`].
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn remove_unit(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        if self.world.unit(unit)?.principal.is_some() {
            let application = unit.application();
            return Err(ModelError::Refused(format!(
                "unit \"{unit}\" is a subordinate, to remove use remove-relation. Note: this will remove all units of \
                 \"{application}\""
            )));
        }
        self.world.destroy_unit(unit)?;
        if self.agent(unit)?.link == Link::Never {
            self.bury(unit);
        }
        self.deliver();
        Ok(())
    }

    /// `juju remove-unit --force`: the unit is gone, whatever it did.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn remove_unit_forced(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        let subordinates = self.world.unit(unit)?.subordinates.clone();
        self.world.destroy_unit(unit)?;
        for unit in subordinates.iter().chain([unit]) {
            self.halt(unit, Link::Lost);
            self.bury(unit);
        }
        self.deliver();
        Ok(())
    }

    /// `juju remove-application`.
    ///
    /// # Errors
    ///
    /// There is no such application.
    pub fn remove_application(&mut self, application: &str) -> Result<(), ModelError> {
        let units = self.world.application(application)?.units.clone();
        self.world.destroy_application(application)?;
        for unit in units {
            if self.agent(&unit)?.link == Link::Never {
                self.bury(&unit);
            }
        }
        self.deliver();
        Ok(())
    }

    /// `juju integrate A:X B:Y`: relates two applications' endpoints.
    ///
    /// # Errors
    ///
    /// An application or endpoint does not exist, or the two do not fit.
    pub fn integrate(
        &mut self,
        one: (&str, &str),
        other: (&str, &str),
    ) -> Result<RelationId, ModelError> {
        let side = |(application, endpoint): (&str, &str)| {
            let charm = &self.world.application(application)?.charm;
            let declared = charm.endpoint(endpoint).ok_or_else(|| {
                ModelError::Refused(format!(
                    "application {application:?} has no {endpoint:?} relation"
                ))
            })?;
            let side = Side {
                application: application.to_owned(),
                endpoint: endpoint.to_owned(),
                role: declared.role,
                scope: declared.scope,
            };
            Ok((side, declared.interface))
        };
        let ((mut first, interface), (mut second, other_interface)) = (side(one)?, side(other)?);
        let roles_fit = matches!(
            (first.role, second.role),
            (Role::Requirer, Role::Provider) | (Role::Provider, Role::Requirer)
        );
        if !roles_fit || interface != other_interface || first.application == second.application {
            return Err(ModelError::Refused("no relations found".to_owned()));
        }
        if first.scope == Scope::Container || second.scope == Scope::Container {
            if ![&first, &second]
                .iter()
                .any(|side| self.world.is_subordinate(&side.application))
            {
                return Err(ModelError::Refused(
                    "container scoped relation requires at least one subordinate application"
                        .to_owned(),
                ));
            }
            first.scope = Scope::Container;
            second.scope = Scope::Container;
        }
        let mut sides = vec![first, second];
        sides.sort_by_key(|side| side.role == Role::Provider);
        let id = self.world.add_relation(sides, interface);
        self.deliver();
        Ok(id)
    }

    /// `juju remove-relation`: both sides run `departed` and `broken`, and it is gone.
    ///
    /// # Errors
    ///
    /// There is no such relation, or it is one between peers.
    pub fn remove_relation(&mut self, id: RelationId) -> Result<(), ModelError> {
        self.world.destroy_relation(id)?;
        self.deliver();
        Ok(())
    }

    /// `juju suspend-relation`: both sides run `departed` and `broken`; the relation stays.
    ///
    /// # Errors
    ///
    /// There is no such relation.
    pub fn suspend_relation(&mut self, id: RelationId) -> Result<(), ModelError> {
        self.world.suspend_relation(id, true)?;
        self.deliver();
        Ok(())
    }

    /// `juju resume-relation`: both sides join again, without another `created`.
    ///
    /// # Errors
    ///
    /// There is no such relation.
    pub fn resume_relation(&mut self, id: RelationId) -> Result<(), ModelError> {
        self.world.suspend_relation(id, false)?;
        self.deliver();
        Ok(())
    }

    /// `juju config APP K=V …`; nothing changes if one value is refused.
    ///
    /// # Errors
    ///
    /// There is no such application; or Juju's text for an unknown option or a value of the wrong type.
    pub fn set_config(
        &mut self,
        application: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<(), ModelError> {
        self.world
            .application_mut(application)?
            .set_config(values)
            .map_err(ModelError::Refused)?;
        self.world.notify_application(application);
        self.deliver();
        Ok(())
    }

    /// `juju config APP --reset K,…`.
    ///
    /// # Errors
    ///
    /// There is no such application or option.
    pub fn reset_config(
        &mut self,
        application: &str,
        options: &[String],
    ) -> Result<(), ModelError> {
        self.world
            .application_mut(application)?
            .reset_config(options)
            .map_err(ModelError::Refused)?;
        self.world.notify_application(application);
        self.deliver();
        Ok(())
    }

    /// `juju run UNIT ACTION …`: queued; follow it with [`Self::action`].
    ///
    /// # Errors
    ///
    /// There is no such unit; or Juju's text for an unknown action or parameters its schema refuses.
    pub fn run_action(
        &mut self,
        unit: &UnitName,
        name: &str,
        params: Map<String, Value>,
    ) -> Result<ActionId, ModelError> {
        self.world.unit(unit)?;
        let charm = &self.world.application(unit.application())?.charm;
        let Some(spec) = charm.actions.get(name) else {
            return Err(ModelError::Refused(format!(
                "action {name:?} not defined on unit \"{unit}\""
            )));
        };
        let strict = self.world.profile.differences().strict_action_parameters;
        let params = params::check(spec, params, strict).map_err(ModelError::Refused)?;
        Ok(self.enqueue(unit, name, params))
    }

    pub(super) fn enqueue(
        &mut self,
        unit: &UnitName,
        name: &str,
        params: Map<String, Value>,
    ) -> ActionId {
        let id = ActionId(self.world.next_action);
        self.world.next_action += 1;
        let record = ActionRecord {
            id,
            unit: unit.clone(),
            name: name.to_owned(),
            params,
            status: ActionStatus::Pending,
            results: Map::new(),
            message: String::new(),
            log: Vec::new(),
            enqueued: self.now,
            started: None,
            completed: None,
        };
        self.world.actions.insert(id, record);
        if let Some(document) = self.world.units.get_mut(unit) {
            document.actions.push_back(id);
        }
        self.wake(unit);
        id
    }

    /// An action that was asked for.
    #[must_use]
    pub fn action(&self, id: ActionId) -> Option<&ActionRecord> {
        self.world.actions.get(&id)
    }

    /// `juju resolved UNIT`; without `retry` (`--no-retry`) the failed hook counts as run.
    ///
    /// # Errors
    ///
    /// There is no such unit, or it is not in error.
    pub fn resolved(&mut self, unit: &UnitName, retry: bool) -> Result<(), ModelError> {
        if !self.agent(unit)?.is_in_error() {
            return Err(ModelError::NotInError(unit.clone()));
        }
        let how = if retry {
            Resolved::Retry
        } else {
            Resolved::Skip
        };
        self.world.unit_mut(unit)?.resolved = Some(how);
        self.wake(unit);
        Ok(())
    }

    /// `juju refresh`: another charm for an application; with `force` also for units in error.
    ///
    /// # Errors
    ///
    /// There is no such application, or it is being removed.
    pub fn upgrade(
        &mut self,
        application: &str,
        charm: CharmInfo,
        force: bool,
    ) -> Result<(), ModelError> {
        if self.world.application(application)?.life != Life::Alive {
            return Err(ModelError::Refused(format!(
                "application {application:?} is not alive"
            )));
        }
        self.world.upgrade(application, charm, force)?;
        for unit in self.world.application(application)?.units.clone() {
            self.provision(&unit);
        }
        self.deliver();
        Ok(())
    }
}
