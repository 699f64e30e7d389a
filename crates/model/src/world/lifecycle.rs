//! Applications, units and relations coming and going.

use std::collections::BTreeMap;

use super::{Application, Relation, Side, Unit, World};
use crate::names::is_application_name;
use crate::{CharmInfo, Life, ModelError, RelationId, Role, Time, UnitName};

impl World {
    /// Adds an application and its peer relations.
    ///
    /// # Errors
    ///
    /// The name is taken or cannot be one.
    pub(crate) fn add_application(
        &mut self,
        name: &str,
        charm: CharmInfo,
    ) -> Result<(), ModelError> {
        if !is_application_name(name) {
            return Err(ModelError::BadName(name.to_owned()));
        }
        if self.applications.contains_key(name) {
            return Err(ModelError::ApplicationExists(name.to_owned()));
        }
        self.applications
            .insert(name.to_owned(), Application::new(charm));
        self.add_peer_relations(name);
        Ok(())
    }

    /// Gives an application another charm.
    pub(crate) fn upgrade(
        &mut self,
        name: &str,
        charm: CharmInfo,
        force: bool,
    ) -> Result<(), ModelError> {
        self.application_mut(name)?.upgrade(charm, force);
        self.add_peer_relations(name);
        for unit in self.application(name)?.units.clone() {
            self.derive_network(&unit);
        }
        self.notify_application(name);
        Ok(())
    }

    /// A peer relation for every peer endpoint that has none yet.
    fn add_peer_relations(&mut self, name: &str) {
        let Some(application) = self.applications.get(name) else {
            return;
        };
        let has = |endpoint: &str| {
            application
                .relations
                .iter()
                .filter_map(|id| self.relations.get(id))
                .any(|relation| {
                    relation.is_peer()
                        && relation.sides.iter().any(|side| side.endpoint == endpoint)
                })
        };
        let missing: Vec<(String, crate::Endpoint)> = application
            .charm
            .endpoints
            .iter()
            .filter(|(endpoint, declared)| declared.role == Role::Peer && !has(endpoint))
            .map(|(endpoint, declared)| (endpoint.clone(), declared.clone()))
            .collect();
        for (endpoint, declared) in missing {
            let side = Side {
                application: name.to_owned(),
                endpoint,
                role: Role::Peer,
                scope: declared.scope,
            };
            self.add_relation(vec![side], declared.interface);
        }
    }

    pub(crate) fn add_relation(&mut self, sides: Vec<Side>, interface: String) -> RelationId {
        let id = RelationId(self.next_relation);
        self.next_relation += 1;
        for side in &sides {
            if let Some(application) = self.applications.get_mut(&side.application) {
                application.relations.insert(id);
            }
            self.notify_application(&side.application);
        }
        let relation = Relation {
            id,
            sides,
            interface,
            life: Life::Alive,
            suspended: false,
            units: BTreeMap::new(),
            applications: BTreeMap::new(),
            generation: 0,
        };
        self.relations.insert(id, relation);
        id
    }

    /// Adds a unit on a machine of its own.
    ///
    /// # Errors
    ///
    /// There is no such application, or it is going.
    pub(crate) fn add_unit(
        &mut self,
        application: &str,
        now: Time,
    ) -> Result<UnitName, ModelError> {
        let machine = self.next_machine;
        let document = self.application_mut(application)?;
        if document.life != Life::Alive {
            return Err(ModelError::Refused(format!(
                "cannot add unit to application {application:?}: application is not found or not alive"
            )));
        }
        let name = UnitName::new(application, document.next_unit);
        document.next_unit += 1;
        document.units.insert(name.clone());
        self.next_machine += 1;
        let machine = machine.to_string();
        self.machines
            .entry(machine.clone())
            .or_default()
            .push(name.clone());
        self.units.insert(name.clone(), Unit::new(machine, now));
        Ok(name)
    }

    /// A unit is no longer wanted: it is dying from now on, and the others see it go at once.
    pub(crate) fn destroy_unit(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        let document = self.unit_mut(unit)?;
        if document.life != Life::Alive {
            return Ok(());
        }
        document.life = Life::Dying;
        self.notify(unit);
        for id in self.relations_of(unit) {
            if !self.stays_visible(id) {
                self.hide(id, unit);
            }
        }
        Ok(())
    }

    /// A unit is gone. Its application goes with its last unit if it is dying.
    pub(crate) fn remove_unit(&mut self, unit: &UnitName) {
        let Some(document) = self.units.remove(unit) else {
            return;
        };
        if let Some(units) = self.machines.get_mut(&document.machine) {
            units.retain(|other| other != unit);
        }
        self.leave_all(unit);
        for id in document.actions {
            if let Some(action) = self.actions.get_mut(&id) {
                action.status = crate::ActionStatus::Failed;
                action.message = format!("unit {unit} has been removed");
            }
        }
        if let Some(application) = self.applications.get_mut(unit.application()) {
            application.units.remove(unit);
        }
        self.reap(unit.application());
    }

    /// An application is no longer wanted; its units are dying from now on.
    pub(crate) fn destroy_application(&mut self, name: &str) -> Result<(), ModelError> {
        let application = self.application_mut(name)?;
        application.life = Life::Dying;
        let (units, relations) = (application.units.clone(), application.relations.clone());
        for id in relations {
            if let Some(relation) = self.relations.get_mut(&id) {
                relation.life = Life::Dying;
                relation.generation += 1;
                let sides: Vec<String> = relation
                    .sides
                    .iter()
                    .map(|side| side.application.clone())
                    .collect();
                sides
                    .iter()
                    .for_each(|application| self.notify_application(application));
            }
        }
        units.iter().try_for_each(|unit| self.destroy_unit(unit))?;
        self.reap(name);
        Ok(())
    }

    /// Removes what is dying and has nothing left: an application's relations, then itself.
    pub(super) fn reap(&mut self, name: &str) {
        let Some(application) = self.applications.get(name) else {
            return;
        };
        let gone = application.life != Life::Alive && application.units.is_empty();
        for id in application.relations.clone() {
            let over = self.relations.get(&id).is_some_and(|relation| {
                let left = relation.units.values().any(|member| member.entered);
                relation.life != Life::Alive && (!left || (gone && relation.is_peer()))
            });
            if over {
                self.remove_relation(id);
            }
        }
        let alone = self
            .applications
            .get(name)
            .is_some_and(|application| application.relations.is_empty());
        if gone && alone {
            self.applications.remove(name);
            self.leases.revoke(name);
        }
    }

    fn remove_relation(&mut self, id: RelationId) {
        let Some(relation) = self.relations.remove(&id) else {
            return;
        };
        for side in relation.sides {
            if let Some(application) = self.applications.get_mut(&side.application) {
                application.relations.remove(&id);
            }
            self.notify_application(&side.application);
            self.reap(&side.application);
        }
    }
}
