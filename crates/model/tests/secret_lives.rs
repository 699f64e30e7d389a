//! Random lives of one application's secret, with flushes that fail in every way and a move in the middle: all units end
//! with the same secret, and only those are told who have read it.

use std::collections::{BTreeMap, BTreeSet};

use ensign_model::{Exit, Hook, Model, Operation, OperationKind, Profile, SecretEvent, UnitName};

use crate::support::{BOTH, Sim, peered};

/// A generator of the test's own.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

fn units(model: &Model) -> Vec<UnitName> {
    model.status().applications["app"]
        .units
        .iter()
        .map(|unit| unit.unit.clone())
        .collect()
}

/// One thing an operator or fate does.
fn step(sim: &mut Sim, dice: &mut Dice, build: usize) {
    let all = units(&sim.model);
    let unit = all[dice.roll(all.len())].clone();
    let model = &mut sim.model;
    // Some are refused, as for a unit that is lost: that is part of it.
    match dice.roll(22) {
        0 | 1 if all.len() < 7 => drop(model.add_unit("app")),
        2 if all.len() > 2 => drop(model.remove_unit(&unit)),
        3 if all.len() > 2 => drop(model.kill_unit(&unit)),
        4 => drop(model.partition(&unit)),
        5 | 6 => drop(model.heal(&unit)),
        7 => drop(model.restart_agent(&unit)),
        8 => drop(model.reboot(&unit)),
        9 => drop(model.upgrade(
            "app",
            peered().rebuilt(&build.to_string()),
            dice.roll(2) == 0,
        )),
        10 => drop(model.exec(&unit, "true")),
        11 => drop(model.resolved(&unit, dice.roll(2) == 0)),
        12 => drop(model.fail_next_flush_after(&unit, dice.roll(3), "no")),
        13 => drop(model.lose_next_flush_answer(&unit)),
        14 => drop(model.delay_next_flush(&unit)),
        15 => drop(model.deliver_late_flush(&unit)),
        16 => drop(model.force_leader(&unit)),
        17 => drop(model.expire_lease("app")),
        _ => {
            let later = model.now() + std::time::Duration::from_secs(dice.roll(40) as u64);
            model.advance(later);
        }
    }
}

/// Runs a few operations, some of them not to their end.
fn run(sim: &mut Sim, dice: &mut Dice) {
    for _ in 0..dice.roll(12) {
        let Some(operation) = sim.model.poll() else {
            return;
        };
        if !operation.env.is_empty() {
            let leads = sim.ok(&operation.context, "is-leader") == "True\n";
            sim.ok(
                &operation.context,
                &format!("state-set n={}", dice.roll(1000)),
            );
            use_secret(sim, dice, &operation, leads);
            if leads && dice.roll(3) == 0 {
                for id in sim.ok(&operation.context, "relation-ids cluster").lines() {
                    sim.ok(
                        &operation.context,
                        &format!("relation-set -r {id} --app n={}", dice.roll(1000)),
                    );
                }
            }
        }
        let exit = match dice.roll(12) {
            0 => Exit::Code(1),
            1 => Exit::Signal(9),
            2 => Exit::AgentDied,
            3 => continue,
            _ => Exit::Code(0),
        };
        let _ = sim.finish(&operation, exit);
    }
}

/// Reads the application's secret, and makes and changes it on the leader; obeys hooks about secrets.
fn use_secret(sim: &mut Sim, dice: &mut Dice, operation: &Operation, leads: bool) {
    let context = &operation.context;
    if let OperationKind::Hook(Hook::Secret(hook)) = &operation.kind {
        assert!(leads || hook.event == SecretEvent::Changed, "{hook:?}");
        let (id, revision) = (&hook.id, hook.revision);
        match hook.event {
            SecretEvent::Remove => {
                sim.tool(
                    context,
                    &format!("secret-remove {id} --revision {revision}"),
                );
            }
            _ if dice.roll(4) > 0 => {
                sim.tool(context, &format!("secret-get {id} --refresh"));
            }
            _ => {}
        }
        return;
    }
    if dice.roll(3) > 0 {
        return;
    }
    let found = sim.tool(context, "secret-get --label adm").code == 0;
    let info = sim.tool(context, "secret-info-get --label adm");
    let value = dice.roll(1000);
    if !leads {
        assert_ne!(info.code, 0, "a follower manages nothing");
    } else if !found {
        sim.ok(context, &format!("secret-add --label adm token={value}"));
    } else if let Some((id, _)) = info.stdout.split_once(':') {
        sim.ok(context, &format!("secret-set {id} token={value}"));
    }
}

/// One life; returns the hooks about secrets it had.
fn live(profile: Profile, seed: u64) -> Vec<String> {
    let mut sim = Sim::seeded(profile, seed);
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    sim.model.deploy("app", peered(), 3).unwrap();
    for build in 0..60 {
        step(&mut sim, &mut dice, build);
        run(&mut sim, &mut dice);
        let led = sim.model.status().applications["app"]
            .units
            .iter()
            .filter(|unit| unit.leader)
            .count();
        assert!(led <= 1, "seed {seed}");
    }
    end(&mut sim, seed);
    let records = sim.model.histories().flat_map(|(_, records)| records);
    let hooks = records.map(|record| record.hook.clone());
    hooks.filter(|hook| hook.starts_with("secret-")).collect()
}

/// Lets a life come to rest, and looks at it.
fn end(sim: &mut Sim, seed: u64) {
    // What is still running ends; what is still cut off comes back; one fresh unit makes sure that somebody can lead.
    sim.model.add_unit("app").unwrap();
    for unit in units(&sim.model) {
        if let Some(context) = sim.model.running(&unit).cloned() {
            let _ = sim.model.finish(&context, Exit::Code(0)).unwrap();
        }
        let _ = sim.model.heal(&unit);
    }
    sim.drain(|_, _| Exit::Code(0));
    for unit in units(&sim.model) {
        let _ = sim.model.resolved(&unit, true);
    }
    sim.settle();
    let status = sim.model.status().applications["app"].clone();
    let leader = status.leader.unwrap();
    assert!(
        status
            .units
            .iter()
            .any(|unit| unit.unit == leader && unit.alive),
        "seed {seed}"
    );
    check_secrets(sim, seed);
    for (unit, records) in sim.model.histories() {
        let read = |tools: &[String]| tools.iter().any(|tool| tool == "secret-get");
        let first = records.iter().position(|record| read(&record.tools));
        let told = records
            .iter()
            .position(|record| record.hook == "secret-changed");
        assert!(
            told.is_none() || first < told,
            "seed {seed}: {unit} is told before it reads"
        );
    }
}

/// Everyone who can be asked reads the same, and nobody is left with something to be told.
fn check_secrets(sim: &mut Sim, seed: u64) {
    let status = sim.model.status().applications["app"].clone();
    let alive = status.units.into_iter().filter(|unit| unit.alive);
    let mut answers = BTreeSet::new();
    for unit in alive.map(|unit| unit.unit).collect::<Vec<_>>() {
        let run = sim.enter(&unit);
        let reply = sim.tool(&run.context, "secret-get --label adm --peek");
        answers.insert((reply.code, reply.stdout));
        let _ = sim.finish(&run, Exit::Code(0));
    }
    assert_eq!(answers.len(), 1, "seed {seed}");
    let secrets = sim.model.secrets();
    assert!(secrets.len() <= 1, "seed {seed}");
    for secret in secrets.values() {
        let tracked: BTreeSet<u32> = secret.readers.values().copied().collect();
        for (number, revision) in &secret.revisions {
            let used = *number == secret.latest || tracked.contains(number);
            assert!(!(used && revision.obsolete), "seed {seed}: {secret:?}");
        }
    }
}

/// The same over a move to a controller of another version, halves apart.
#[test]
fn and_over_a_move() {
    for seed in 100..130 {
        let mut sim = Sim::seeded(Profile::V3_6, seed);
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        sim.model.deploy("app", peered(), 3).unwrap();
        for build in 0..60 {
            match build {
                20 => sim.model.upgrade_controller(Profile::V4_0),
                40 => sim.model.upgrade_agents(),
                _ => {}
            }
            step(&mut sim, &mut dice, build);
            run(&mut sim, &mut dice);
        }
        end(&mut sim, seed);
        assert_eq!(sim.model.controller_profile(), Profile::V4_0);
        for unit in units(&sim.model) {
            let alive = sim.model.running(&unit).is_none();
            assert!(alive, "seed {seed}");
        }
    }
}

#[test]
fn whatever_happens_all_read_the_same_in_the_end() {
    for profile in BOTH.into_iter().chain([Profile::V4_0Early]) {
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for seed in 0..60 {
            for hook in live(profile, seed) {
                *seen.entry(hook).or_default() += 1;
            }
        }
        for hook in ["secret-changed", "secret-remove"] {
            let count = seen.get(hook).copied().unwrap_or_default();
            assert!(
                count > 20,
                "{profile}: {hook} was hardly ever run: {seen:?}"
            );
        }
    }
}
