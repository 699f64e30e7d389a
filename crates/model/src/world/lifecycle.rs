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
    /// The name is taken or cannot be one, or an option is refused.
    pub(crate) fn add_application(
        &mut self,
        name: &str,
        charm: CharmInfo,
        options: &BTreeMap<String, String>,
    ) -> Result<(), ModelError> {
        if !is_application_name(name) {
            return Err(ModelError::BadName(name.to_owned()));
        }
        if self.applications.contains_key(name) {
            return Err(ModelError::ApplicationExists(name.to_owned()));
        }
        let mut application = Application::new(charm);
        application
            .set_config(options)
            .map_err(ModelError::Refused)?;
        application.hash_config_as(self.profile.differences().config_hash);
        self.applications.insert(name.to_owned(), application);
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
            let charm = std::sync::Arc::clone(&self.application(name)?.charm);
            self.complete_storage(&unit, &charm);
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
            journal: BTreeMap::new(),
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
        if self.is_subordinate(application) {
            return Err(ModelError::Refused(format!(
                "cannot add unit to application {application:?}: application is a subordinate"
            )));
        }
        let machine = self.new_machine();
        self.new_unit(application, machine, now)
    }

    /// The id of a machine nobody has had.
    pub(super) fn new_machine(&mut self) -> String {
        let machine = self.next_machine.to_string();
        self.next_machine += 1;
        machine
    }

    /// Adds a unit on a machine.
    pub(super) fn new_unit(
        &mut self,
        application: &str,
        machine: String,
        now: Time,
    ) -> Result<UnitName, ModelError> {
        let document = self.application_mut(application)?;
        if document.life != Life::Alive {
            return Err(ModelError::Refused(format!(
                "cannot add unit to application {application:?}: application is not found or not alive"
            )));
        }
        let name = UnitName::new(application, document.next_unit);
        document.next_unit += 1;
        document.units.insert(name.clone());
        self.machines
            .entry(machine.clone())
            .or_default()
            .push(name.clone());
        self.units.insert(name.clone(), Unit::new(machine, now));
        let charm = std::sync::Arc::clone(&self.application(application)?.charm);
        self.add_initial_storage(&name, &charm)?;
        Ok(name)
    }

    /// A unit is no longer wanted: it is dying from now on, and the others see it go at once.
    pub(crate) fn destroy_unit(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        let document = self.unit_mut(unit)?;
        if document.life != Life::Alive {
            return Ok(());
        }
        document.life = Life::Dying;
        let subordinates = document.subordinates.clone();
        self.notify(unit);
        for id in self.relations_of(unit) {
            if !self.stays_visible(id) {
                self.hide(id, unit);
            }
        }
        subordinates
            .iter()
            .try_for_each(|subordinate| self.destroy_unit(subordinate))
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
        self.forget_unit_secrets(unit);
        self.late.remove(unit);
        if let Some(principal) = &document.principal {
            if let Some(principal) = self.units.get_mut(principal) {
                principal.subordinates.remove(unit);
            }
            self.notify(principal);
        }
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
            }
            self.touch_relation(id);
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
            self.forget_application_secrets(name);
            self.leases.revoke(name);
        }
    }

    /// A relation is no longer wanted: its units leave it, and it goes with the last one.
    ///
    /// # Errors
    ///
    /// There is none, or it is one between peers.
    pub(crate) fn destroy_relation(&mut self, id: RelationId) -> Result<(), ModelError> {
        let refused = |text: String| Err(ModelError::Refused(text));
        let Some(relation) = self.relations.get_mut(&id) else {
            return refused(format!("relation {id} not found"));
        };
        if relation.is_peer() {
            let key = relation.key();
            return refused(format!(
                "cannot destroy relation {key:?}: is a peer relation"
            ));
        }
        if relation.life == Life::Alive {
            relation.life = Life::Dying;
        }
        self.touch_relation(id);
        let sides = self
            .relations
            .get(&id)
            .map(|relation| relation.sides.clone());
        for side in sides.into_iter().flatten() {
            self.reap(&side.application);
        }
        Ok(())
    }

    /// A relation is suspended, or no longer.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(crate) fn suspend_relation(
        &mut self,
        id: RelationId,
        suspended: bool,
    ) -> Result<(), ModelError> {
        let relation = self
            .relations
            .get_mut(&id)
            .ok_or_else(|| ModelError::Refused(format!("relation {id} not found")))?;
        relation.suspended = suspended;
        self.touch_relation(id);
        Ok(())
    }

    /// Everyone in a relation looks at it anew.
    fn touch_relation(&mut self, id: RelationId) {
        let Some(relation) = self.relations.get_mut(&id) else {
            return;
        };
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

    fn remove_relation(&mut self, id: RelationId) {
        let Some(relation) = self.relations.remove(&id) else {
            return;
        };
        self.forget_relation_secrets(id);
        for side in relation.sides {
            if let Some(application) = self.applications.get_mut(&side.application) {
                application.relations.remove(&id);
            }
            self.notify_application(&side.application);
            self.reap(&side.application);
        }
    }
}
