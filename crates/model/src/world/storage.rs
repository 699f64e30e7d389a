//! Storage: instances attached to units.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::World;
use crate::format::go_quote;
use crate::{CharmInfo, Life, ModelError, StorageSpec, UnitName};

/// Where Juju mounts filesystems whose charm does not say where.
const STORAGE_DIR: &str = "storage";

/// A storage instance, attached to one unit; it lives and goes with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    /// `filesystem` or `block`.
    pub(crate) kind: String,
    /// Mount point or device.
    pub(crate) location: String,
    pub(crate) life: Life,
    /// Whether it is there to be used.
    pub(crate) provisioned: bool,
}

/// A unit's storage by id (`data/0`).
pub(crate) type Attachments = BTreeMap<String, Attachment>;

/// The storage name of an id: `data` of `data/0`.
pub(crate) fn storage_name(id: &str) -> &str {
    id.split_once('/').map_or(id, |(name, _)| name)
}

impl World {
    /// Attaches `count` new instances to a unit.
    ///
    /// # Errors
    ///
    /// The server's text: the charm has no such storage, or not so many of it.
    pub(crate) fn add_storage(
        &mut self,
        unit: &UnitName,
        name: &str,
        count: u64,
    ) -> Result<Vec<String>, ModelError> {
        self.check_storage(unit, name, count)
            .map_err(ModelError::Refused)?;
        let Some(spec) = self
            .applications
            .get(unit.application())
            .and_then(|application| application.charm.storage.get(name))
            .cloned()
        else {
            return Ok(Vec::new());
        };
        let mut added = Vec::new();
        for _ in 0..count {
            let id = format!("{name}/{}", self.next_storage);
            let location = self.location(&spec, &id);
            self.next_storage += 1;
            let attachment = Attachment {
                kind: spec.kind.clone(),
                location,
                life: Life::Alive,
                provisioned: false,
            };
            self.unit_mut(unit)?.storage.insert(id.clone(), attachment);
            added.push(id);
        }
        self.notify(unit);
        Ok(added)
    }

    fn location(&self, spec: &StorageSpec, id: &str) -> String {
        match (&spec.location, spec.maximum) {
            _ if spec.kind == "block" => format!("/dev/disk/by-id/juju-{}", id.replace('/', "-")),
            (Some(location), Some(1)) => location.clone(),
            (Some(location), _) => format!("{location}/{id}"),
            (None, _) => format!("{}/{STORAGE_DIR}/{id}", self.data_dir),
        }
    }

    /// Whether a unit can get `count` more instances.
    ///
    /// # Errors
    ///
    /// The server's text.
    pub(crate) fn check_storage(
        &self,
        unit: &UnitName,
        name: &str,
        count: u64,
    ) -> Result<(), String> {
        let (Ok(application), Ok(document)) =
            (self.application(unit.application()), self.unit(unit))
        else {
            return Err(format!("unit {} not found", go_quote(unit.as_str())));
        };
        let charm = go_quote(&application.charm.name);
        let Some(spec) = application.charm.storage.get(name) else {
            return Err(format!(
                "charm {charm} has no store called {}",
                go_quote(name)
            ));
        };
        let present = document
            .storage
            .keys()
            .filter(|id| storage_name(id) == name)
            .count() as u64;
        let wanted = present.saturating_add(count);
        match spec.maximum {
            Some(most) if wanted > u64::from(most) => Err(format!(
                "charm {charm} store {}: at most {most} instances supported, {wanted} specified",
                go_quote(name)
            )),
            _ => Ok(()),
        }
    }

    /// Whether a unit can get all of it.
    pub(super) fn check_all_storage(
        &self,
        unit: &UnitName,
        wanted: &[(String, u64)],
    ) -> Result<(), String> {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for (name, count) in wanted {
            let sum = sums.entry(name).or_default();
            *sum = sum.saturating_add(*count);
        }
        sums.into_iter()
            .try_for_each(|(name, count)| self.check_storage(unit, name, count))
    }

    /// What a new unit gets: as few instances of each storage as the charm allows.
    pub(super) fn add_initial_storage(
        &mut self,
        unit: &UnitName,
        charm: &CharmInfo,
    ) -> Result<(), ModelError> {
        for (name, spec) in &charm.storage {
            self.add_storage(unit, name, u64::from(spec.minimum))?;
        }
        Ok(())
    }

    /// All of a unit's storage is there now.
    pub(crate) fn provision_storage(&mut self, unit: &UnitName) {
        let Some(document) = self.units.get_mut(unit) else {
            return;
        };
        let mut news = false;
        for attachment in document.storage.values_mut() {
            news |= !attachment.provisioned;
            attachment.provisioned = true;
        }
        if news {
            self.notify(unit);
        }
    }

    /// The ids of a unit's storage.
    pub(crate) fn storage_of(&self, unit: &UnitName) -> Vec<String> {
        self.units
            .get(unit)
            .map(|unit| unit.storage.keys().cloned().collect())
            .unwrap_or_default()
    }

    /// An attachment is gone.
    pub(crate) fn drop_storage(&mut self, unit: &UnitName, id: &str) {
        if let Some(document) = self.units.get_mut(unit) {
            document.storage.remove(id);
        }
    }

    /// After an upgrade: storage the charm did not have before.
    pub(super) fn complete_storage(&mut self, unit: &UnitName, charm: &CharmInfo) {
        for (name, spec) in &charm.storage {
            let Some(document) = self.units.get(unit) else {
                return;
            };
            let present = document
                .storage
                .keys()
                .filter(|id| storage_name(id) == name)
                .count() as u64;
            let missing = u64::from(spec.minimum).saturating_sub(present);
            // Within the charm's bounds it cannot be refused.
            let _ = self.add_storage(unit, name, missing);
        }
    }

    /// An attachment is to go.
    ///
    /// # Errors
    ///
    /// The unit has no such storage.
    pub(crate) fn detach_storage(&mut self, unit: &UnitName, id: &str) -> Result<(), ModelError> {
        let attachment =
            self.unit_mut(unit)?.storage.get_mut(id).ok_or_else(|| {
                ModelError::Refused(format!("storage {} not found", go_quote(id)))
            })?;
        if attachment.life == Life::Alive {
            attachment.life = Life::Dying;
        }
        self.notify(unit);
        Ok(())
    }
}
