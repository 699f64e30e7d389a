//! The move of a model to a controller of another version, in one step and in two.

use ensign_model::{Exit, Outcome, Profile};

use crate::support::Sim;

#[test]
fn between_the_halves_leader_settings_are_taken_and_dropped() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "leader-set a=1");
    let _ = sim.finish(&run, Exit::Code(0));
    sim.settle();
    sim.model.upgrade_controller(Profile::V4_0);
    sim.settle();
    assert_eq!(sim.leader("app"), Some(leader.clone()));
    let run = sim.enter(&leader);
    assert_eq!(run.variable("JUJU_VERSION"), Some("3.6.11"));
    assert_eq!(sim.ok(&run.context, "leader-get a"), "");
    sim.ok(&run.context, "leader-set a=2");
    assert_eq!(sim.ok(&run.context, "leader-get --format json"), "{}\n");
    let _ = sim.finish(&run, Exit::Code(0));
    let run = sim.enter(&others[0]);
    let reply = sim.tool(&run.context, "leader-set a=3");
    assert!(reply.stderr.ends_with("not the leader\n"));
    let _ = sim.finish(&run, Exit::Code(0));

    sim.model.upgrade_agents();
    sim.settle();
    let run = sim.enter(&leader);
    assert_eq!(run.variable("JUJU_VERSION"), Some("4.0.2"));
    let reply = sim.tool(&run.context, "leader-get");
    assert_eq!(
        reply.stderr,
        "ERROR bad request: unknown command: leader-get\n"
    );
}

#[test]
fn units_run_hooks_when_they_meet_the_new_controller_and_none_when_agents_are_replaced() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let before = [&leader, &others[0]].map(|unit| sim.hooks(unit).len());
    sim.model.upgrade_controller(Profile::V4_0);
    sim.settle();
    assert_eq!(sim.hooks_since(&leader, before[0]), ["config-changed"]);
    let expected = ["leader-settings-changed", "config-changed"];
    assert_eq!(sim.hooks_since(&others[0], before[1]), expected);
    sim.model.upgrade_agents();
    sim.settle();
    assert_eq!(sim.hooks_since(&leader, before[0]).len(), 1);
    assert_eq!(sim.hooks_since(&others[0], before[1]).len(), 2);
}

#[test]
fn a_move_waits_for_what_runs_and_lets_nothing_begin() {
    for at_once in [true, false] {
        let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
        let run = sim.enter(&leader);
        sim.ok(&run.context, "relation-set -r cluster:0 --app a=1");
        if at_once {
            sim.model.migrate(Profile::V4_0);
        } else {
            sim.model.upgrade_controller(Profile::V4_0);
        }
        sim.model.exec(&others[0], "true").unwrap();
        assert_eq!(sim.model.controller_profile(), Profile::V3_6);
        assert!(sim.model.poll().is_none());
        assert!(!sim.model.settled().is_settled());
        sim.ok(&run.context, "leader-set a=1");
        assert_eq!(sim.finish(&run, Exit::Code(0)).outcome, Outcome::Done);
        assert_eq!(sim.model.controller_profile(), Profile::V4_0);
        let agents = if at_once {
            Profile::V4_0
        } else {
            Profile::V3_6
        };
        assert_eq!(sim.model.agent_profile(&leader), Some(agents));
        sim.settle();
        assert!(sim.hooks(&others[0]).contains(&"run-commands"));
    }
}

#[test]
fn an_agent_is_replaced_after_the_hook_it_runs() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    sim.model.upgrade_controller(Profile::V4_0);
    sim.settle();
    let run = sim.enter(&leader);
    sim.model.upgrade_agents();
    assert_eq!(sim.model.agent_profile(&others[0]), Some(Profile::V4_0));
    assert_eq!(sim.model.agent_profile(&leader), Some(Profile::V3_6));
    sim.ok(&run.context, "leader-get");
    sim.ok(&run.context, "state-set a=1");
    assert_eq!(sim.finish(&run, Exit::Code(0)).outcome, Outcome::Done);
    assert_eq!(sim.model.agent_profile(&leader), Some(Profile::V4_0));
    let new = sim.model.add_unit("app").unwrap();
    assert_eq!(sim.model.agent_profile(&new), Some(Profile::V4_0));
}

#[test]
fn a_unit_that_is_cut_off_is_not_waited_for_and_its_hook_fails() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    let hook = sim.until_hook(&leader, "update-status");
    sim.ok(&hook.context, "state-set a=1");
    sim.model.partition(&leader).unwrap();
    sim.model.migrate(Profile::V4_0);
    assert_eq!(sim.model.controller_profile(), Profile::V4_0);
    sim.model.heal(&leader).unwrap();
    assert_eq!(
        sim.finish(&hook, Exit::Code(0)).outcome,
        Outcome::FlushFailed
    );
    assert_eq!(sim.model.agent_profile(&leader), Some(Profile::V4_0));
    let again = sim.until_hook(&leader, "update-status");
    assert_eq!(sim.ok(&again.context, "state-get a"), "");
}

#[test]
fn secrets_and_relation_data_move_along() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "secret-add --label adm token=one");
    sim.ok(&run.context, "relation-set -r cluster:0 --app bell=1");
    let _ = sim.finish(&run, Exit::Code(0));
    sim.model.migrate(Profile::V4_0);
    sim.settle();
    let run = sim.enter(&others[0]);
    assert_eq!(
        sim.ok(&run.context, "secret-get --label adm"),
        "token: one\n"
    );
    assert_eq!(
        sim.ok(&run.context, "relation-get -r cluster:0 --app bell app"),
        "1\n"
    );
}
