//! A model with the charm and a client.

use std::collections::BTreeMap;

use ensign_testing::{Charm, Faults, Profile, Ran, Sim, UnitName};
use serde_json::Map;

use crate::fake::{Fleet, Role};

pub(crate) const PROFILES: [Profile; 2] = [Profile::V3_6, Profile::V4_0];

/// The charm in this folder, with the handlers of these crates alone: the other charm is linked as well.
fn charm(folder: &str, crates: &[&str]) -> Charm {
    let folder = format!("{}/../{folder}", env!("CARGO_MANIFEST_DIR"));
    Charm::of_crates(folder, crates).unwrap()
}

pub(crate) fn redis() -> Charm {
    use {
        interface_redis as _, interface_redis_cluster as _, layer_apt as _, layer_options as _,
        layer_rotation as _, layer_service as _, layer_snap as _, redis as _,
    };
    let crates = [
        "layer_status",
        "layer_options",
        "layer_rotation",
        "layer_apt",
        "layer_snap",
        "layer_service",
        "interface_nrpe_external_master",
        "interface_redis",
        "interface_redis_cluster",
        "redis",
    ];
    charm("redis", &crates)
}

pub(crate) fn client() -> Charm {
    use redis_client as _;
    charm(
        "redis-client",
        &[
            "layer_status",
            "layer_apt",
            "interface_redis",
            "redis_client",
        ],
    )
}

/// A model, and the machines below it.
pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) fleet: Fleet,
}

impl World {
    /// So many units of the charm, related to one of the client.
    pub(crate) fn deployed(profile: Profile, units: u32, options: &[(&str, &str)]) -> Self {
        let mut world = Self::empty(profile, 7);
        world.deploy(units, options);
        world
    }

    pub(crate) fn empty(profile: Profile, seed: u64) -> Self {
        let mut sim = Sim::new(profile, seed);
        let fleet = Fleet::default();
        sim.install(fleet.clone());
        Self { sim, fleet }
    }

    pub(crate) fn deploy(&mut self, units: u32, options: &[(&str, &str)]) {
        self.sim.deploy("redis", &redis(), units).unwrap();
        self.sim.deploy("redis-client", &client(), 1).unwrap();
        for (option, value) in options {
            self.set(option, value);
        }
        self.sim
            .model()
            .integrate(("redis", "redis"), ("redis-client", "redis"))
            .unwrap();
    }

    /// All of it as it is now, to go on on its own.
    pub(crate) fn copied(&self) -> Self {
        let fleet = self.fleet.copied();
        let mut sim = self.sim.copied();
        sim.install(fleet.clone());
        Self { sim, fleet }
    }

    pub(crate) fn set(&mut self, option: &str, value: &str) {
        let options = [(option.to_owned(), value.to_owned())].into();
        self.sim.model().set_config("redis", &options).unwrap();
    }

    pub(crate) fn settle(&mut self) -> Vec<Ran> {
        let ran = match self.sim.settle_with(|_| Faults::none()) {
            Ok(ran) => ran,
            Err(e) => panic!(
                "{e}: {:?}",
                self.sim
                    .model()
                    .drain_log()
                    .iter()
                    .rev()
                    .take(3)
                    .collect::<Vec<_>>()
            ),
        };
        for ran in &ran {
            assert!(
                ran.error.is_none(),
                "{} {}: {:?}",
                ran.unit,
                ran.name,
                ran.error
            );
        }
        ran
    }

    /// Every unit runs `update-status` so often.
    pub(crate) fn pass(&mut self, rounds: usize) {
        for _ in 0..rounds {
            self.sim.advance(std::time::Duration::from_secs(400));
            self.settle();
        }
    }

    pub(crate) fn units(&self) -> Vec<UnitName> {
        self.sim.files("redis", "/").into_keys().collect()
    }

    pub(crate) fn leader(&self) -> UnitName {
        self.sim.model().status().applications["redis"]
            .leader
            .clone()
            .unwrap()
    }

    pub(crate) fn lose(&mut self, unit: &UnitName) {
        self.fleet.lose(unit);
        self.sim.model().kill_unit(unit).unwrap();
    }

    pub(crate) fn action(
        &mut self,
        unit: &UnitName,
        name: &str,
        params: Map<String, serde_json::Value>,
    ) -> BTreeMap<String, String> {
        let id = self.sim.model().run_action(unit, name, params).unwrap();
        self.settle();
        let model = self.sim.model();
        let action = model.action(id).unwrap();
        let mut all = BTreeMap::new();
        for (key, value) in &action.results {
            all.insert(key.clone(), value.as_str().unwrap_or_default().to_owned());
        }
        all.insert("message".to_owned(), action.message.clone());
        all
    }

    /// Statuses as Juju shows them, by unit.
    pub(crate) fn statuses(&self, application: &str) -> BTreeMap<String, String> {
        let status = self.sim.model().status();
        let units = status.applications[application].units.iter();
        units
            .filter(|unit| unit.alive)
            .map(|unit| {
                let workload = &unit.workload;
                (
                    unit.unit.to_string(),
                    format!("{} {}", workload.status, workload.message)
                        .trim()
                        .to_owned(),
                )
            })
            .collect()
    }

    /// The password that the leader's server takes, which all servers have to take alone.
    pub(crate) fn password(&self) -> String {
        let leader = self.leader();
        let fleet = self.fleet.look();
        let passwords = &fleet
            .server(&leader)
            .expect("the leader's server runs")
            .settings
            .passwords;
        assert_eq!(passwords.len(), 1, "{passwords:?}");
        passwords[0].clone()
    }

    /// One password, one primary, all others follow it, nobody could ever speak to a server without a password.
    pub(crate) fn check(&self) -> UnitName {
        let password = self.password();
        let fleet = self.fleet.look();
        assert_eq!(fleet.alarms, Vec::<String>::new());
        let mut primaries = Vec::new();
        for unit in self.units() {
            let server = fleet
                .server(&unit)
                .unwrap_or_else(|| panic!("{unit} has no server"));
            assert_eq!(
                server.settings.passwords,
                std::slice::from_ref(&password),
                "{unit}"
            );
            assert_eq!(server.get("masterauth"), password, "{unit}");
            match &server.role {
                Role::Master => primaries.push(unit.clone()),
                Role::Slave { up, .. } => assert!(up, "{unit} follows nobody"),
            }
        }
        assert_eq!(primaries.len(), 1, "{primaries:?}");
        primaries.remove(0)
    }
}
