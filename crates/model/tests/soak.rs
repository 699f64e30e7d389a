//! Random lives: whatever happens, the rules hold and the model settles.

use std::collections::BTreeSet;

use ensign_model::{Exit, Model, Profile, UnitName};

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
    match dice.roll(14) {
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
        12 => drop(model.fail_next_flush(&unit, "no")),
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

/// What must hold of a unit's whole life.
fn check_order(unit: &UnitName, hooks: &[&str]) {
    let first = |name: &str| {
        hooks
            .iter()
            .position(|hook| *hook == name)
            .unwrap_or(usize::MAX)
    };
    let before = |earlier: &str, later: &str| {
        assert!(
            first(later) == usize::MAX || first(earlier) < first(later),
            "{unit}: {earlier}, {later}: {hooks:?}"
        );
    };
    before("install", "cluster-relation-created");
    before("install", "leader-elected");
    before("cluster-relation-created", "cluster-relation-joined");
    before("cluster-relation-joined", "cluster-relation-departed");
    before("config-changed", "start");
    before("start", "cluster-relation-joined");
    before("start", "update-status");
    if first("start") < first("remove") {
        before("stop", "remove");
    }
    if first("remove") != usize::MAX {
        let after: BTreeSet<&str> = hooks[first("remove")..].iter().copied().collect();
        assert!(
            after
                .iter()
                .all(|hook| ["remove", "run-commands"].contains(hook)),
            "{unit}: {hooks:?}"
        );
    }
}

fn live(profile: Profile, seed: u64) {
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
    for (unit, records) in sim.model.histories() {
        let hooks: Vec<&str> = records.iter().map(|record| record.hook.as_str()).collect();
        check_order(unit, &hooks);
    }
}

#[test]
fn random_lives_keep_the_rules_and_settle() {
    for profile in BOTH {
        for seed in 0..60 {
            live(profile, seed);
        }
    }
}
