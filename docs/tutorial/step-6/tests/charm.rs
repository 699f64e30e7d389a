//! The charm in an in-process model of Juju.

mod machines;

use std::collections::BTreeMap;

use ensign_testing::campaign::{self, Campaign, Subject, Watch};
use ensign_testing::{Charm, Profile, Sim, UnitName};
use {layer_apt as _, redis_client as _, redis_tutorial as _};

use machines::Machines;

const PROFILES: [Profile; 2] = [Profile::V3_6, Profile::V4_0];
/// As in `ensign::main!`.
const CRATES: [&str; 5] = [
    "layer_status",
    "layer_apt",
    "layer_service",
    "interface_redis",
    "redis_tutorial",
];

fn charm() -> Charm {
    Charm::of_crates(env!("CARGO_MANIFEST_DIR"), &CRATES).unwrap()
}

fn client() -> Charm {
    let crates = [
        "layer_status",
        "layer_apt",
        "interface_redis",
        "redis_client",
    ];
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/redis-client");
    Charm::of_crates(folder, &crates).unwrap()
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

/// The one unit whose server takes writes, with all others following it.
fn primary(sim: &Sim, machines: &Machines) -> UnitName {
    let units = statuses(sim, "redis").into_keys();
    let (replicas, primaries): (Vec<_>, Vec<_>) =
        units.partition(|unit| machines.setting(unit, "replicaof") != Some(String::new()));
    assert_eq!(primaries.len(), 1);
    for unit in &replicas {
        assert_eq!(machines.look().follows(unit), Some(true), "{unit}");
    }
    primaries[0].clone()
}

#[test]
fn a_lost_leader_is_replaced_as_the_primary() {
    for profile in PROFILES {
        let (mut sim, machines) = deployed(profile);
        let lost = primary(&sim, &machines);
        machines.look().servers.remove(&lost);
        sim.model().kill_unit(&lost).unwrap();
        sim.settle().unwrap();
        let next = primary(&sim, &machines);
        assert_ne!(next, lost);
        for (unit, said) in statuses(&sim, "redis") {
            let is = if unit == next {
                "primary".to_owned()
            } else {
                format!("replica of {next}")
            };
            assert_eq!(said, format!("active: {is}"));
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
        primary(&sim, &machines);
        for (unit, said) in statuses(&sim, "redis") {
            assert!(said.starts_with("active: "), "{said}");
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

#[test]
fn a_client_counts_at_the_primary() {
    for profile in PROFILES {
        let (mut sim, machines) = deployed(profile);
        sim.deploy("client", &client(), 1).unwrap();
        sim.model()
            .integrate(("redis", "redis"), ("client", "redis"))
            .unwrap();
        sim.settle().unwrap();
        let said = statuses(&sim, "client").into_values().next().unwrap();
        assert!(said.starts_with("active: counter "), "{said}");
        let lost = primary(&sim, &machines);
        machines.look().servers.remove(&lost);
        sim.model().kill_unit(&lost).unwrap();
        sim.settle().unwrap();
        let said = statuses(&sim, "client").into_values().next().unwrap();
        assert!(said.starts_with("active: counter "), "{said}");
    }
}

/// What has to be right about the machines, once everything is at rest.
fn one_primary(sim: &Sim, machines: &Machines) -> Result<(), String> {
    let machines = machines.look();
    let units: Vec<_> = statuses(sim, "redis").into_keys().collect();
    let follow = units
        .iter()
        .filter(|unit| machines.follows(unit) == Some(true));
    let (follow, all) = (follow.count(), units.len());
    if follow + 1 != all {
        return Err(format!("{follow} of {all} servers follow a primary"));
    }
    Ok(())
}

#[test]
fn one_primary_whatever_goes_wrong() {
    let machines = || {
        let machines = Machines::default();
        campaign::Machines {
            workload: Box::new(machines.clone()),
            right: Box::new(move |sim| one_primary(sim, &machines)),
        }
    };
    let subject = Subject::new("redis", &charm())
        .watch(Watch::key("password").secret().required())
        .option("port", &["6379", "6400", "70000"])
        .beside("client", &client(), 1, ("redis", "redis"))
        .machines(machines);
    let report = Campaign::new(subject).hooks(300).as_asked().run();
    println!("{report}");
    assert!(report.passed(), "{report}");
}
