//! One seed, one history; a model that was saved goes on as if nothing had been.

use ensign_model::{Exit, HookRecord, MemoryFiles, Model, Profile, UnitName};

use crate::support::{BOTH, Sim, peered};

/// A life with faults; returns everything that was run.
fn life(
    profile: Profile,
    seed: u64,
    save: bool,
) -> (Vec<(UnitName, Vec<HookRecord>)>, Vec<String>) {
    let mut sim = Sim::seeded(profile, seed);
    sim.model.deploy("app", peered(), 4).unwrap();
    let mut count = 0;
    let mut charm = |sim: &mut Sim, operation: &ensign_model::Operation| {
        count += 1;
        // Not in relation hooks: the writer, too, is told of what it writes.
        let quiet = !operation.name().contains("relation");
        if quiet && sim.ok(&operation.context, "is-leader") == "True\n" {
            for id in sim.ok(&operation.context, "relation-ids cluster").lines() {
                sim.ok(
                    &operation.context,
                    &format!("relation-set -r {id} --app n={count}"),
                );
            }
        }
        if count % 11 == 0 {
            Exit::Code(1)
        } else {
            Exit::Code(0)
        }
    };
    let pause = |sim: &mut Sim| {
        if save {
            let saved = serde_json::to_string(&sim.model).unwrap();
            sim.model = serde_json::from_str(&saved).unwrap();
        }
    };
    let until = |sim: &mut Sim,
                 charm: &mut dyn FnMut(&mut Sim, &ensign_model::Operation) -> Exit,
                 seconds| {
        let end = ensign_model::Time::from_secs(seconds);
        loop {
            sim.drain(&mut *charm);
            pause(sim);
            match sim.model.next_timer() {
                Some(time) if time <= end => sim.model.advance(time),
                _ => break,
            }
        }
        sim.model.advance(end);
    };
    until(&mut sim, &mut charm, 100);
    let leader = sim.leader("app").unwrap();
    sim.model.kill_unit(&leader).unwrap();
    until(&mut sim, &mut charm, 400);
    sim.model.add_unit("app").unwrap();
    until(&mut sim, &mut charm, 800);
    let leader = sim.leader("app").unwrap();
    sim.model.remove_unit(&leader).unwrap();
    until(&mut sim, &mut charm, 2000);
    let log = sim
        .model
        .drain_log()
        .iter()
        .map(|record| format!("{record:?}"))
        .collect();
    (
        sim.model
            .histories()
            .map(|(unit, records)| (unit.clone(), records.to_vec()))
            .collect(),
        log,
    )
}

#[test]
fn one_seed_gives_one_history_and_another_another() {
    for profile in BOTH {
        assert_eq!(life(profile, 5, false), life(profile, 5, false));
        assert_ne!(life(profile, 5, false).0, life(profile, 6, false).0);
    }
}

#[test]
fn a_model_saved_and_restored_at_every_pause_lives_the_same_life() {
    for profile in BOTH {
        assert_eq!(life(profile, 5, true), life(profile, 5, false));
    }
}

#[test]
fn a_model_is_saved_in_the_middle_of_a_hook() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let hook = sim.until_hook(&units[0], "start");
    sim.ok(&hook.context, "state-set a=1");
    sim.ok(&hook.context, "relation-set -r cluster:0 --app k=v");
    let saved = serde_json::to_vec(&sim.model).unwrap();
    let model: Model = serde_json::from_slice(&saved).unwrap();
    let mut sim = Sim {
        model,
        files: MemoryFiles::default(),
    };
    assert_eq!(sim.ok(&hook.context, "state-get a"), "1\n");
    let _ = sim.finish(&hook, Exit::Code(0));
    let run = sim.enter(&units[0]);
    assert_eq!(
        sim.ok(&run.context, "relation-get -r cluster:0 --app k app"),
        "v\n"
    );
}
