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

fn set(sim: &mut Sim, option: &str, value: &str) {
    let options = [(option.to_owned(), value.to_owned())].into();
    sim.model().set_config("redis", &options).unwrap();
    sim.settle().unwrap();
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

#[test]
fn a_new_port_takes_effect_and_a_wrong_one_does_not() {
    for profile in PROFILES {
        let (mut sim, machines) = deployed(profile);
        set(&mut sim, "port", "6400");
        set(&mut sim, "port", "70000");
        for (unit, said) in statuses(&sim, "redis") {
            assert_eq!(said, "blocked: `port` must be between 1 and 65535");
            assert_eq!(machines.setting(&unit, "port").unwrap(), "6400");
        }
        set(&mut sim, "port", "6500");
        for (unit, said) in statuses(&sim, "redis") {
            assert_eq!(said, "active: ready");
            assert_eq!(machines.setting(&unit, "port").unwrap(), "6500");
        }
    }
}

#[test]
fn all_servers_have_one_password_and_nobody_else_can_read_it() {
    for profile in PROFILES {
        let (sim, machines) = deployed(profile);
        let units = statuses(&sim, "redis").into_keys();
        let mut passwords = units.map(|unit| machines.setting(&unit, "requirepass").unwrap());
        let password = passwords.next().unwrap();
        assert_eq!(password.len(), 32);
        assert!(passwords.all(|other| other == password));
        assert!(!sim.model().everything_readable().contains(&password));
        assert!(
            !machines
                .look()
                .lines
                .iter()
                .any(|line| line.contains(&password))
        );
    }
}
