//! What an operator and fate do.

use std::collections::BTreeMap;
use std::time::Duration;

use ensign_model::{
    CharmInfo, ConfigValue, Endpoint, ModelError, OptionKind, RelationId, Role, Scope, StorageSpec,
    UnitName,
};

use super::Life;
use crate::support::Sim;

fn endpoint(role: Role, interface: &str, scope: Scope) -> Endpoint {
    Endpoint {
        role,
        interface: interface.to_owned(),
        scope,
        optional: false,
    }
}

/// The three charms, as build `build`.
fn charm(name: &str, build: u32) -> CharmInfo {
    let mut charm = CharmInfo::named(name).rebuilt(&build.to_string());
    charm.revision = build;
    match name {
        "app" => {
            charm = charm
                .with_peer("cluster", "app")
                .with_option(
                    "k",
                    OptionKind::String,
                    Some(ConfigValue::String("0".to_owned())),
                )
                .with_action("go");
            let db = endpoint(Role::Requirer, "sql", Scope::Global);
            charm.endpoints.insert("db".to_owned(), db);
            for (storage, minimum, maximum) in [("data", 1, Some(1)), ("logs", 0, Some(3))] {
                let spec = StorageSpec {
                    kind: "filesystem".to_owned(),
                    location: None,
                    minimum,
                    maximum,
                };
                charm.storage.insert(storage.to_owned(), spec);
            }
            charm.resources.insert("file".to_owned(), "file".to_owned());
        }
        "sql" => {
            charm = charm.with_peer("cluster", "sql");
            let db = endpoint(Role::Provider, "sql", Scope::Global);
            charm.endpoints.insert("db".to_owned(), db);
        }
        _ => {
            charm.subordinate = true;
            let host = endpoint(Role::Requirer, "juju-info", Scope::Container);
            charm.endpoints.insert("host".to_owned(), host);
        }
    }
    charm
}

impl Life {
    pub(super) fn deploy(&mut self) {
        for (name, units) in [("app", 3), ("sql", 1), ("log", 0)] {
            self.sim.model.deploy(name, charm(name, 1), units).unwrap();
        }
    }

    pub(super) fn resolve(&mut self, unit: &UnitName, retry: bool) -> Result<(), ModelError> {
        self.sim.model.resolved(unit, retry)?;
        self.rules.resolved(unit, retry);
        Ok(())
    }

    /// The relation between two applications, if there is one.
    fn relation(&self, endpoint: &str) -> Option<RelationId> {
        let relations = self.sim.model.status().relations;
        let with = |names: &[String]| names.iter().any(|name| name == endpoint);
        relations
            .into_iter()
            .find(|(_, relation)| with(&relation.endpoints))
            .map(|(id, _)| id)
    }

    /// One thing; some are refused, as for a unit that is lost: that is part of it.
    pub(super) fn step(&mut self) {
        let units = self.units();
        let Some(status) = self.dice.of(&units) else {
            return;
        };
        let unit = status.unit.clone();
        let application = ["app", "app", "sql"][self.dice.roll(3)];
        let many = units
            .iter()
            .filter(|status| status.unit.application() == application && status.alive);
        let many = many.count();
        match self.dice.roll(30) {
            0..=2 if many < 5 => drop(self.sim.model.add_unit(application)),
            3 | 4 if many > 2 => drop(self.sim.model.remove_unit(&unit)),
            5 if many > 2 => self.kill(&unit),
            6 if !status.alive => {
                if self.sim.model.remove_unit_forced(&unit).is_ok() {
                    self.rules.forced(&unit);
                }
            }
            7 => drop(self.sim.model.partition(&unit)),
            8 | 9 => units
                .iter()
                .for_each(|status| drop(self.sim.model.heal(&status.unit))),
            10 => drop(self.sim.model.restart_agent(&unit)),
            11 => {
                if self.sim.model.reboot(&unit).is_ok() {
                    self.rules.rebooted(&status.machine, &units);
                }
            }
            12 => {
                self.builds += 1;
                let (charm, force) = (charm(application, self.builds), self.dice.roll(2) == 0);
                self.sim.model.upgrade(application, charm, force).unwrap();
            }
            13 => drop(self.sim.model.exec(&unit, "true")),
            14 => drop(
                self.sim
                    .model
                    .run_action(&unit, "go", serde_json::Map::new()),
            ),
            15 | 16 => {
                let retry = self.dice.roll(3) > 0;
                let _ = self.resolve(&unit, retry);
            }
            17 => drop(self.sim.model.fail_next_flush(&unit, "no")),
            18 => {
                let value = self.dice.roll(4).to_string();
                let values = BTreeMap::from([("k".to_owned(), value)]);
                self.sim.model.set_config("app", &values).unwrap();
                self.rules.configured("app");
            }
            19 => {
                let trusted = self.dice.roll(2) == 0;
                self.sim.model.trust("app", trusted).unwrap();
                self.rules.configured("app");
            }
            20 | 21 => self.relate(),
            22 => drop(self.sim.model.add_storage(&unit, "logs", 1)),
            23 => self.detach(&unit),
            24 => {
                let content = [u8::try_from(self.dice.roll(200)).unwrap()];
                self.sim
                    .model
                    .attach_resource("app", "file", &content)
                    .unwrap();
            }
            25 => {
                // The controller restarts.
                let saved = serde_json::to_vec(&self.sim.model).unwrap();
                self.sim = Sim {
                    model: serde_json::from_slice(&saved).unwrap(),
                    files: std::mem::take(&mut self.sim.files),
                };
            }
            roll => {
                let seconds = if roll == 26 { 400 } else { 40 };
                let later = Duration::from_secs(self.dice.roll(seconds) as u64);
                self.sim.model.advance(self.sim.model.now() + later);
            }
        }
    }

    fn kill(&mut self, unit: &UnitName) {
        let _ = self.sim.model.kill_unit(unit);
    }

    fn relate(&mut self) {
        let (one, other) = if self.dice.roll(2) == 0 {
            (("app", "db"), ("sql", "db"))
        } else {
            (("log", "host"), ("app", "juju-info"))
        };
        let key = format!("{}:{}", one.0, one.1);
        match self.relation(&key) {
            None => drop(self.sim.model.integrate(one, other)),
            Some(id) => match self.dice.roll(4) {
                0 => drop(self.sim.model.remove_relation(id)),
                1 => {
                    self.sim.model.suspend_relation(id).unwrap();
                    self.rules.suspended(id);
                }
                _ => self.sim.model.resume_relation(id).unwrap(),
            },
        }
    }

    fn detach(&mut self, unit: &UnitName) {
        // Which there are only a hook can tell; so guess.
        for number in 0..40 {
            if self
                .sim
                .model
                .detach_storage(unit, &format!("logs/{number}"))
                .is_ok()
            {
                return;
            }
        }
    }
}
