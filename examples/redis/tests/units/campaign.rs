//! The charm and a client against everything that can go wrong.

use std::collections::BTreeSet;

use ensign_testing::campaign::{Campaign, Machines, Report, Step, Subject, Watch};
use ensign_testing::{Sim, UnitName};
use serde_json::Map;

use crate::fake::{Fleet, Role};
use crate::world::{client, redis};

/// Hooks on each Juju, unless `ensign test --explore` says how many.
const HOOKS: u64 = 1_500;

fn campaign(
    settings: &[(&str, &str)],
    options: &[(&str, &[&str])],
    units: u32,
    right: fn(&Sim, &Fleet) -> Result<(), String>,
) -> Report {
    let machines = move || {
        let fleet = Fleet::default();
        Machines {
            workload: Box::new(fleet.clone()),
            right: Box::new(move |sim| right(sim, &fleet)),
        }
    };
    let mut subject = Subject::new("redis", &redis())
        .units(units)
        .beside("redis-client", &client(), 1, ("redis", "redis"))
        .watch(Watch::key("cluster-enabled").required())
        .step(Step::action("rotate", "rotate-password", Map::new()))
        .lost_units_are_removed()
        .machines(machines);
    for (option, value) in settings {
        subject = subject.setting(option, value);
    }
    for (option, values) in options {
        subject = subject.option(option, values);
    }
    let report = Campaign::new(subject).hooks(HOOKS).as_asked().run();
    println!("{report}");
    report
}

/// Units that are there, and whether one that is not is still listed.
fn units(sim: &Sim) -> (BTreeSet<UnitName>, usize) {
    let status = sim.model().status();
    let all = &status.applications["redis"].units;
    let alive = all
        .iter()
        .filter(|unit| unit.alive)
        .map(|unit| unit.unit.clone());
    (
        alive.collect(),
        all.iter().filter(|unit| !unit.alive).count(),
    )
}

fn one_primary(sim: &Sim, fleet: &Fleet) -> Result<(), String> {
    let (alive, lost) = units(sim);
    let fleet = fleet.look();
    if let Some(alarm) = fleet.alarms.first() {
        return Err(alarm.clone());
    }
    // Of two that are gone at once one may have known most; the charm then waits for its operator, and says so.
    let status = sim.model().status();
    let mut messages = status.applications["redis"]
        .units
        .iter()
        .map(|unit| &unit.workload.message);
    let gave_up = lost > 0 && messages.any(|message| message.contains("neither the primary"));
    let mut primaries = Vec::new();
    let mut passwords = BTreeSet::new();
    for unit in &alive {
        let server = fleet.server(unit).ok_or(format!("{unit} has no server"))?;
        passwords.insert(server.settings.passwords.clone());
        match &server.role {
            Role::Master => primaries.push(unit),
            Role::Slave { up: false, .. } if !gave_up => {
                return Err(format!("{unit} follows nobody"));
            }
            Role::Slave { .. } => {}
        }
    }
    if primaries.len() > 1 || !gave_up && primaries.is_empty() {
        return Err(format!("primaries: {primaries:?}, {lost} units lost"));
    }
    let spoken: BTreeSet<usize> = passwords.iter().map(Vec::len).collect();
    if passwords.len() != 1 || lost == 0 && spoken.first() != Some(&1) {
        return Err(format!(
            "there are {} sets of passwords of {spoken:?}",
            passwords.len()
        ));
    }
    for password in passwords.iter().flatten() {
        if sim
            .model()
            .everything_readable()
            .contains(password.as_str())
        {
            return Err("a password can be read in Juju".to_owned());
        }
    }
    Ok(())
}

#[test]
fn one_primary_whatever_goes_wrong() {
    let options: [(&str, &[&str]); 3] = [
        ("port", &["6379", "6400", "70000"]),
        ("databases", &["16", "4", "0"]),
        ("log-level", &["notice", "debug", "loud"]),
    ];
    let report = campaign(&[], &options, 3, one_primary);
    assert!(report.passed(), "{report}");
}

/// All slots covered, as each node sees it, none on its way. Without replicas a lost node takes its slots along, until
/// its operator removes it.
fn all_slots(sim: &Sim, fleet: &Fleet) -> Result<(), String> {
    let (alive, lost) = units(sim);
    let fleet = fleet.look();
    if let Some(alarm) = fleet.alarms.first() {
        return Err(alarm.clone());
    }
    if lost > 0 || alive.len() < 3 {
        return Ok(());
    }
    for unit in &alive {
        let node = fleet.node(unit).ok_or(format!("{unit} has no node"))?;
        if !fleet.is_covered(unit) || node.open.is_some() {
            return Err(format!("{unit} does not see all slots"));
        }
        if node.slots.is_empty() && node.master.is_none() {
            return Err(format!("{unit} has no slots and follows nobody"));
        }
    }
    Ok(())
}

#[test]
fn all_slots_whatever_goes_wrong() {
    let options: [(&str, &[&str]); 3] = [
        ("port", &["6379", "6400", "16379"]),
        ("databases", &["16", "4", "0"]),
        ("log-level", &["notice", "debug", "loud"]),
    ];
    let report = campaign(&[("cluster-enabled", "true")], &options, 5, all_slots);
    assert!(report.passed(), "{report}");
}
