//! The charm in an in-process model of Juju.

mod machines;

use std::collections::BTreeMap;

use ensign_testing::{Charm, Profile, Sim, UnitName};
use {layer_apt as _, redis_tutorial as _};

use machines::Machines;

const PROFILES: [Profile; 2] = [Profile::V3_6, Profile::V4_0];
/// As in `ensign::main!`.
const CRATES: [&str; 4] = [
    "layer_status",
    "layer_apt",
    "layer_service",
    "redis_tutorial",
];

fn charm() -> Charm {
    Charm::of_crates(env!("CARGO_MANIFEST_DIR"), &CRATES).unwrap()
}

/// Three units, settled.
fn deployed(profile: Profile) -> (Sim, Machines) {
    let machines = Machines::default();
    let mut sim = Sim::new(profile, 1);
    sim.install(machines.clone());
    sim.deploy("redis", &charm(), 3).unwrap();
    sim.settle().unwrap();
    (sim, machines)
}

/// What the units that are there say of themselves.
fn statuses(sim: &Sim, application: &str) -> BTreeMap<UnitName, String> {
    let status = sim.model().status();
    let units = status.applications[application].units.iter();
    let said = units.filter(|unit| unit.alive).map(|unit| {
        let workload = &unit.workload;
        (
            unit.unit.clone(),
            format!("{}: {}", workload.status, workload.message),
        )
    });
    said.collect()
}

#[test]
fn every_unit_runs_a_server() {
    for profile in PROFILES {
        let (sim, machines) = deployed(profile);
        for (unit, said) in statuses(&sim, "redis") {
            assert_eq!(said, "active: ready");
            assert_eq!(machines.setting(&unit, "port").unwrap(), "6379");
        }
    }
}
