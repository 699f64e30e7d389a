//! Leases and elections: the numbers.

use std::collections::BTreeSet;
use std::time::Duration;

use ensign_model::{Exit, Profile, Settled, Time, Unsettled};

use crate::support::{BOTH, Sim, peered};

#[test]
fn one_unit_leads_and_says_so_from_its_first_hook_on() {
    for profile in BOTH {
        let mut sim = Sim::new(profile);
        sim.model.deploy("app", peered(), 3).unwrap();
        let mut leaders = BTreeSet::new();
        sim.settle_with(|sim, operation| {
            if sim.ok(&operation.context, "is-leader") == "True\n" {
                leaders.insert(operation.unit.clone());
            }
            Exit::Code(0)
        });
        assert_eq!(leaders.len(), 1);
        let leader = leaders.pop_first().unwrap();
        assert_eq!(sim.model.history(&leader)[0].tools, ["is-leader"]);
        assert_eq!(sim.leader("app"), Some(leader));
    }
}

#[test]
fn chance_decides_who_leads_first() {
    let leaders: BTreeSet<_> = (0..30)
        .map(|seed| {
            let mut sim = Sim::seeded(Profile::V3_6, seed);
            sim.model.deploy("app", peered(), 3).unwrap();
            sim.leader("app").unwrap()
        })
        .collect();
    assert_eq!(leaders.len(), 3);
}

#[test]
fn a_leader_that_lives_keeps_leading() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 3);
    let before = sim.hooks(&leader).len();
    sim.pass(200.0);
    assert_eq!(sim.leader("app"), Some(leader.clone()));
    assert!(!sim.hooks_since(&leader, before).contains(&"leader-elected"));
}

#[test]
fn after_a_crash_a_new_leader_comes_within_seconds_after_sixty_from_the_last_renewal() {
    for profile in BOTH {
        let (mut sim, leader, _) = Sim::led(profile, 3);
        // Renewed at 30 s: the lease lasts until 90 s.
        sim.pass(40.0);
        let renewed = Time::from_secs(30);
        sim.model.kill_unit(&leader).unwrap();
        while sim.leader("app") == Some(leader.clone()) || sim.leader("app").is_none() {
            let next = sim.model.next_timer().unwrap();
            sim.model.advance(next);
        }
        let waited = sim.model.now().since(renewed);
        assert!(
            waited >= Duration::from_secs(60) && waited <= Duration::from_secs(63),
            "{waited:?}"
        );
        sim.settle();
        let new = sim.leader("app").unwrap();
        assert_eq!(
            sim.hooks(&new)
                .iter()
                .filter(|hook| **hook == "leader-elected")
                .count(),
            1
        );
    }
}

#[test]
fn until_the_lease_has_run_out_the_model_has_not_settled() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 3);
    sim.model.kill_unit(&leader).unwrap();
    let Settled::No(reasons) = sim.model.settled() else {
        panic!("settled without a leader")
    };
    assert_eq!(
        reasons,
        [Unsettled::NoLeader(
            "app".to_owned(),
            Some(Time::from_secs(60))
        )]
    );
}

#[test]
fn nobody_leads_between_a_crash_and_the_end_of_the_lease() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 3);
    sim.model.kill_unit(&leader).unwrap();
    sim.model.advance(Time::from_secs(59));
    for unit in &others {
        let run = sim.enter(unit);
        assert_eq!(sim.ok(&run.context, "is-leader"), "False\n");
        let _ = sim.finish(&run, Exit::Code(0));
    }
}

#[test]
fn a_leader_that_is_removed_hands_over_at_once() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 3);
    sim.pass(10.0);
    sim.model.remove_unit(&leader).unwrap();
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(sim.model.now(), Time::from_secs(10));
    let new = sim.leader("app").unwrap();
    assert_ne!(new, leader);
    assert!(sim.hooks(&new).contains(&"leader-elected"));
}

#[test]
fn a_leader_that_is_leaving_leads_until_it_is_dead_and_is_not_elected_again() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    sim.model.remove_unit(&leader).unwrap();
    let stop = sim.until_hook(&leader, "remove");
    assert_eq!(sim.ok(&stop.context, "is-leader"), "True\n");
    let _ = sim.finish(&stop, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks(&leader)
            .iter()
            .filter(|hook| **hook == "leader-elected")
            .count(),
        1
    );
}

#[test]
fn a_leader_whose_agent_restarts_keeps_its_lease() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 3);
    let before = sim.hooks(&leader).len();
    sim.model.restart_agent(&leader).unwrap();
    sim.settle();
    assert_eq!(sim.leader("app"), Some(leader.clone()));
    assert_eq!(sim.hooks_since(&leader, before), [""; 0]);
}

#[test]
fn a_cut_off_leader_believes_for_thirty_seconds_and_loses_after_sixty() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    sim.model.partition(&leader).unwrap();
    sim.model.advance(Time::from_micros(29_999_999));
    assert_eq!(sim.ok(&run.context, "is-leader"), "True\n");
    sim.model.advance(Time::from_secs(30));
    assert_eq!(sim.ok(&run.context, "is-leader"), "False\n");
    assert_eq!(sim.leader("app"), Some(leader));
    sim.model.advance(Time::from_secs(61));
    assert_eq!(sim.leader("app"), Some(others[0].clone()));
}

#[test]
fn never_do_two_units_hear_true_within_one_promise() {
    for seed in 0..20 {
        let mut sim = Sim::seeded(Profile::V3_6, seed);
        let units = sim.model.deploy("app", peered(), 4).unwrap();
        let mut said: Vec<(Time, ensign_model::UnitName)> = Vec::new();
        for round in 0..30_usize {
            let cut = &units[(round * 7 + usize::try_from(seed).unwrap()) % units.len()];
            if round % 5 == 1 {
                let _ = sim.model.partition(cut);
            } else if round % 5 == 4 {
                for unit in &units {
                    let _ = sim.model.heal(unit);
                }
            }
            sim.drain(|sim, operation| {
                if sim.ok(&operation.context, "is-leader") == "True\n" {
                    let now = sim.model.now();
                    for (time, other) in &said {
                        let apart = now.since(*time) >= Duration::from_secs(30);
                        assert!(
                            apart || *other == operation.unit,
                            "{other} and {} at {now}",
                            operation.unit
                        );
                    }
                    said.push((now, operation.unit.clone()));
                }
                Exit::Code(0)
            });
            for unit in &units {
                let _ = sim.model.exec(unit, "is-leader");
            }
            let next = sim.model.now() + Duration::from_secs(9);
            sim.model.advance(next);
        }
        assert!(said.len() > 30);
    }
}
