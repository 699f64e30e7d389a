//! `update-status`: every five minutes, give or take a fifth.

use ensign_model::{Exit, Profile, Time};

use crate::support::Sim;

#[test]
fn it_comes_every_five_minutes_give_or_take_a_fifth_and_differs_between_units() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 2);
    sim.pass(7200.0);
    let times = |unit| -> Vec<f64> {
        let records = sim
            .model
            .history(unit)
            .iter()
            .filter(|record| record.hook == "update-status");
        records
            .map(|record| record.started.since(Time::START).as_secs_f64())
            .collect()
    };
    for unit in &units {
        let waits: Vec<f64> = times(unit)
            .windows(2)
            .map(|pair| pair[1] - pair[0])
            .collect();
        assert!(waits.len() > 18);
        assert!(
            waits.iter().all(|wait| (240.0..=360.0).contains(wait)),
            "{waits:?}"
        );
        assert!(waits.iter().any(|wait| (wait - 300.0).abs() > 20.0));
    }
    assert_ne!(times(&units[0]), times(&units[1]));
}

#[test]
fn a_tick_that_was_pending_when_another_hook_was_chosen_is_dropped() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
    let busy = sim.enter(&units[0]);
    sim.model.advance(Time::from_secs(370));
    sim.model.reboot(&units[0]).unwrap();
    let _ = busy;
    sim.settle();
    assert!(!sim.hooks(&units[0]).contains(&"update-status"));
}

#[test]
fn the_agent_does_not_say_that_it_runs_it() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
    let hook = sim.until_hook(&units[0], "update-status");
    assert_eq!(
        sim.model.status().applications["app"].units[0].agent.status,
        "idle"
    );
    let _ = sim.finish(&hook, Exit::Code(0));
}
