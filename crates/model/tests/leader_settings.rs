//! Leader settings (3.6): instant, kept, told to followers.

use ensign_model::{Exit, Profile};

use crate::support::{Sim, peered};

#[test]
fn a_write_counts_at_once_and_survives_a_failed_hook() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    let hook = sim.until_hook(&leader, "upgrade-charm");
    sim.ok(&hook.context, "leader-set a=1 b=2");
    let other = sim.enter(&others[0]);
    assert_eq!(sim.ok(&other.context, "leader-get a"), "1\n");
    let _ = sim.finish(&hook, Exit::Code(1));
    assert_eq!(sim.ok(&other.context, "leader-get b"), "2\n");
}

#[test]
fn a_follower_reads_once_a_hook_and_the_leader_sees_its_own_write() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let (follower, run) = (sim.enter(&others[0]), sim.enter(&leader));
    assert_eq!(sim.ok(&follower.context, "leader-get"), "{}\n");
    assert_eq!(sim.ok(&run.context, "leader-get k --format json"), "null\n");
    sim.ok(&run.context, "leader-set k=true");
    assert_eq!(sim.ok(&run.context, "leader-get"), "k: \"true\"\n");
    assert_eq!(sim.ok(&follower.context, "leader-get"), "{}\n");
}

#[test]
fn an_empty_value_removes_the_key_and_equal_values_wake_nobody() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "leader-set a=1");
    sim.drain(|_, _| Exit::Code(0));
    let before = sim.hooks(&others[0]).len();
    sim.ok(&run.context, "leader-set a=1 none=");
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(sim.hooks(&others[0]).len(), before);
    sim.ok(&run.context, "leader-set a=");
    assert_eq!(sim.ok(&run.context, "leader-get"), "{}\n");
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(
        sim.hooks_since(&others[0], before),
        ["leader-settings-changed"]
    );
}

#[test]
fn the_leader_is_not_told_of_its_own_write_until_it_leads_no_more() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    let before = sim.hooks(&leader).len() + 1;
    sim.ok(&run.context, "leader-set a=1");
    let _ = sim.finish(&run, Exit::Code(0));
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(sim.hooks_since(&leader, before), [""; 0]);
    sim.model.force_leader(&others[0]).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&leader, before),
        ["leader-settings-changed"]
    );
}

#[test]
fn a_follower_promoted_while_a_change_waits_is_elected_instead() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let (busy, run) = (sim.enter(&others[0]), sim.enter(&leader));
    sim.ok(&run.context, "leader-set a=1");
    sim.model.force_leader(&others[0]).unwrap();
    let before = sim.hooks(&others[0]).len() + 1;
    let _ = sim.finish(&busy, Exit::Code(0));
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(sim.hooks_since(&others[0], before), ["leader-elected"]);
}

#[test]
fn a_change_during_the_hook_gives_one_more() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "leader-set a=1");
    let hook = sim.until_hook(&others[0], "leader-settings-changed");
    sim.ok(&run.context, "leader-set a=2");
    let before = sim.hooks(&others[0]).len() + 1;
    let _ = sim.finish(&hook, Exit::Code(0));
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(
        sim.hooks_since(&others[0], before),
        ["leader-settings-changed"]
    );
}

#[test]
fn an_upgrade_tells_followers_once_more() {
    let (mut sim, _, others) = Sim::led(Profile::V3_6, 2);
    let before = sim.hooks(&others[0]).len();
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&others[0], before),
        ["upgrade-charm", "config-changed", "leader-settings-changed"]
    );
}

#[test]
fn a_dying_follower_is_told_nothing() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let (busy, run) = (sim.enter(&others[0]), sim.enter(&leader));
    sim.ok(&run.context, "leader-set a=1");
    sim.model.remove_unit(&others[0]).unwrap();
    let before = sim.hooks(&others[0]).len() + 1;
    let _ = sim.finish(&busy, Exit::Code(0));
    let _ = sim.finish(&run, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks_since(&others[0], before),
        ["cluster-relation-departed", "stop", "remove"]
    );
}

#[test]
fn four_has_no_leader_settings() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    for tool in ["leader-get", "leader-set"] {
        let reply = sim.tool(&run.context, &format!("{tool} a=b"));
        assert_eq!(
            (reply.code, reply.stderr),
            (1, format!("ERROR bad request: unknown command: {tool}\n"))
        );
    }
}
