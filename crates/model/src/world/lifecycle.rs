//! Applications, units and relations coming and going.

use std::collections::BTreeMap;

use super::relation::Member;
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

    /// A unit's agent enters a relation: the other side sees it from now on.
    pub(crate) fn enter_scope(&mut self, id: RelationId, unit: &UnitName) {
        let Some(relation) = self.relations.get_mut(&id) else {
            return;
        };
        let member = relation
            .units
            .entry(unit.clone())
            .or_insert_with(Member::default);
        if !member.in_scope {
            member.in_scope = true;
            relation.generation += 1;
            self.notify_other_side(id, unit);
        }
        self.publish_addresses(id, unit);
    }

    /// The other side no longer sees a unit; its data stays readable.
    pub(crate) fn leave_scope(&mut self, id: RelationId, unit: &UnitName) {
        let Some(relation) = self.relations.get_mut(&id) else {
            return;
        };
        match relation.units.get_mut(unit) {
            Some(member) if member.in_scope => member.in_scope = false,
            _ => return,
        }
        relation.generation += 1;
        self.notify_other_side(id, unit);
    }

    fn notify_other_side(&mut self, id: RelationId, unit: &UnitName) {
        if let Some(other) = self
            .relations
            .get(&id)
            .and_then(|relation| relation.other_side(unit.application()))
        {
            let other = other.application.clone();
            self.notify_application(&other);
        }
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
            let hidden = self.relations.get(&id).is_some_and(Relation::is_peer)
                && !self.profile.differences().peer_departures;
            if !hidden {
                self.leave_scope(id, unit);
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
        for id in self.relations_of(unit) {
            let peer = self.relations.get(&id).is_some_and(Relation::is_peer);
            if peer && !self.profile.differences().peer_departures {
                continue;
            }
            self.leave_scope(id, unit);
        }
        for id in document.actions {
            if let Some(action) = self.actions.get_mut(&id) {
                action.status = crate::ActionStatus::Failed;
                action.message = format!("unit {unit} has been removed");
            }
        }
        let name = unit.application();
        if let Some(application) = self.applications.get_mut(name) {
            application.units.remove(unit);
            if application.life != Life::Alive && application.units.is_empty() {
                self.remove_application(name);
            }
        }
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
            }
        }
        if units.is_empty() {
            self.remove_application(name);
        }
        units.iter().try_for_each(|unit| self.destroy_unit(unit))
    }

    fn remove_application(&mut self, name: &str) {
        let Some(application) = self.applications.remove(name) else {
            return;
        };
        self.leases.revoke(name);
        for id in application.relations {
            if let Some(relation) = self.relations.remove(&id) {
                for side in relation.sides {
                    if let Some(other) = self.applications.get_mut(&side.application) {
                        other.relations.remove(&id);
                    }
                    self.notify_application(&side.application);
                }
            }
        }
    }
}
