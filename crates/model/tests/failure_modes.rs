//! The ways leadership goes wrong that a charm has to live with.

use ensign_model::{Exit, Outcome, Profile, Time};

use crate::support::{BOTH, Sim, peered};

#[test]
fn a_write_after_the_lease_is_gone_and_before_the_tracker_knows_is_refused_by_the_controller() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    sim.model.expire_lease("app").unwrap();
    assert_eq!(sim.ok(&run.context, "is-leader"), "True\n");
    let reply = sim.tool(&run.context, "leader-set k=v");
    let expected = format!(
        "ERROR cannot write leadership settings: cannot write settings: failed to merge leadership settings: \
         application \"app\": checking leadership continuity: \"{leader}\" is not leader of \"app\"\n"
    );
    assert_eq!((reply.code, reply.stderr), (1, expected));
}

#[test]
fn a_flush_with_application_data_is_refused_whole_when_leadership_is_lost() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        sim.model.restart_agent(&leader).unwrap();
        sim.model
            .set_config("app", &std::collections::BTreeMap::new())
            .unwrap();
        sim.model
            .upgrade("app", peered().rebuilt("2"), false)
            .unwrap();
        let hook = sim.until_hook(&leader, "upgrade-charm");
        assert_eq!(sim.ok(&hook.context, "is-leader"), "True\n");
        sim.ok(&hook.context, "relation-set -r cluster:0 --app k=v");
        sim.ok(&hook.context, "relation-set -r cluster:0 mine=1");
        sim.ok(&hook.context, "state-set s=1");
        sim.ok(&hook.context, "open-port 80");
        sim.model.force_leader(&others[0]).unwrap();
        assert_eq!(
            sim.finish(&hook, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        // Tried again as a follower, with nothing of it left.
        let again = sim.until_hook(&leader, "upgrade-charm");
        assert_eq!(sim.ok(&again.context, "is-leader"), "False\n");
        assert_eq!(sim.ok(&again.context, "state-get"), "{}\n");
        assert_eq!(sim.ok(&again.context, "opened-ports"), "");
        let own = sim.ok(
            &again.context,
            &format!("relation-get -r cluster:0 mine {leader}"),
        );
        assert_eq!(own, "");
        let log = sim.model.drain_log();
        let told = format!("\"{leader}\" is not leader of \"app\"");
        assert!(
            log.iter()
                .any(|record| record.message.contains("cannot apply changes")
                    && record.message.contains(&told))
        );
    }
}

#[test]
fn a_no_stays_a_no_for_the_whole_hook_even_if_the_unit_is_promoted() {
    let (mut sim, _, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&others[0]);
    assert_eq!(sim.ok(&run.context, "is-leader"), "False\n");
    sim.model.force_leader(&others[0]).unwrap();
    assert_eq!(sim.ok(&run.context, "is-leader"), "False\n");
    assert_eq!(sim.tool(&run.context, "leader-set k=v").code, 1);
    let before = sim.hooks(&others[0]).len();
    let _ = sim.finish(&run, Exit::Code(0));
    sim.settle();
    assert_eq!(sim.hooks_since(&others[0], before)[1], "leader-elected");
}

#[test]
fn a_yes_can_become_a_no_in_one_hook() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    assert_eq!(sim.ok(&run.context, "is-leader"), "True\n");
    sim.model.force_leader(&others[0]).unwrap();
    assert_eq!(sim.ok(&run.context, "is-leader"), "False\n");
}

#[test]
fn a_failed_leader_set_makes_is_leader_false_for_the_rest_of_the_hook() {
    let (mut sim, _, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&others[0]);
    let reply = sim.tool(&run.context, "leader-set k=v");
    let text = "ERROR cannot write leadership settings: cannot write settings: not the leader\n";
    assert_eq!((reply.code, reply.stderr.as_str()), (1, text));
    sim.model.force_leader(&others[0]).unwrap();
    assert_eq!(sim.ok(&run.context, "is-leader"), "False\n");
}

#[test]
fn two_quick_writes_are_one_hook_on_a_busy_follower() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let busy = sim.enter(&others[0]);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "leader-set a=1");
    sim.ok(&run.context, "leader-set a=2");
    let _ = sim.finish(&run, Exit::Code(0));
    let before = sim.hooks(&others[0]).len() + 1;
    let _ = sim.finish(&busy, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks_since(&others[0], before),
        ["leader-settings-changed"]
    );
}

#[test]
fn an_agent_that_bounces_on_a_follower_gives_a_hook_without_a_change() {
    let (mut sim, _, others) = Sim::led(Profile::V3_6, 2);
    let before = sim.hooks(&others[0]).len();
    sim.model.restart_agent(&others[0]).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&others[0], before),
        ["leader-settings-changed"]
    );
}

#[test]
fn a_leader_in_error_keeps_its_lease() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 3);
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    let hook = sim.until_hook(&leader, "upgrade-charm");
    let _ = sim.finish(&hook, Exit::Code(1));
    sim.model.advance(Time::from_secs(600));
    assert_eq!(sim.leader("app"), Some(leader));
}

#[test]
fn a_lone_unit_that_was_cut_off_for_long_leads_again_without_being_elected() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 1);
    let before = sim.hooks(&leader).len();
    sim.model.partition(&leader).unwrap();
    sim.model.advance(Time::from_secs(200));
    assert_eq!(sim.leader("app"), None);
    sim.model.heal(&leader).unwrap();
    sim.settle();
    assert_eq!(sim.leader("app"), Some(leader.clone()));
    assert!(!sim.hooks_since(&leader, before).contains(&"leader-elected"));
}

#[test]
fn a_leader_that_comes_back_after_another_took_over_is_a_follower() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let before = sim.hooks(&leader).len();
    sim.model.partition(&leader).unwrap();
    sim.settle();
    assert_eq!(sim.leader("app"), Some(others[0].clone()));
    sim.model.heal(&leader).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&leader, before),
        ["leader-settings-changed"]
    );
    let run = sim.enter(&leader);
    assert_eq!(sim.ok(&run.context, "is-leader"), "False\n");
}

#[test]
fn leadership_lost_before_leader_elected_runs_skips_it() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let busy = sim.enter(&others[0]);
    sim.model.force_leader(&others[0]).unwrap();
    sim.model.force_leader(&leader).unwrap();
    let before = sim.hooks(&others[0]).len() + 1;
    let _ = sim.finish(&busy, Exit::Code(0));
    sim.settle();
    assert!(
        !sim.hooks_since(&others[0], before)
            .contains(&"leader-elected")
    );
}

#[test]
fn a_retried_leader_elected_is_skipped_when_leadership_is_gone() {
    let mut sim = Sim::new(Profile::V3_6);
    sim.model.deploy("app", peered(), 2).unwrap();
    let leader = sim.leader("app").unwrap();
    let hook = sim.until_hook(&leader, "leader-elected");
    let _ = sim.finish(&hook, Exit::Code(1));
    let other = sim.model.status().applications["app"]
        .units
        .iter()
        .find(|unit| unit.unit != leader)
        .unwrap()
        .unit
        .clone();
    sim.model.force_leader(&other).unwrap();
    sim.settle();
    let log = sim.model.drain_log();
    assert!(log.iter().any(|record| {
        record
            .message
            .starts_with("unit is no longer the leader; skipping")
    }));
    assert_eq!(
        sim.hooks(&leader)
            .iter()
            .filter(|hook| **hook == "leader-elected")
            .count(),
        1
    );
}
