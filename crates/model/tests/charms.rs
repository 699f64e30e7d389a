//! Upgrades.

use ensign_model::{Exit, OperationKind, Outcome, Profile, Settled, Unsettled};

use crate::support::{Sim, peered};

#[test]
fn an_upgrade_replaces_the_files_then_runs_its_hooks() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
    let before = sim.hooks(&units[0]).len();
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    let deploy = sim.model.poll().unwrap();
    let OperationKind::Deploy { charm, upgrade } = &deploy.kind else {
        panic!("{deploy:?}")
    };
    assert_eq!((charm.build.as_str(), *upgrade), ("2", true));
    assert!(deploy.env.is_empty());
    let _ = sim.finish(&deploy, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks_since(&units[0], before),
        ["upgrade-charm", "config-changed"]
    );
    assert_eq!(sim.model.status().applications["app"].revision, 1);
}

#[test]
fn two_upgrades_before_the_unit_gets_to_them_are_one() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
    let busy = sim.enter(&units[0]);
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    sim.model
        .upgrade("app", peered().rebuilt("3"), false)
        .unwrap();
    let before = sim.hooks(&units[0]).len() + 1;
    let _ = sim.finish(&busy, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks_since(&units[0], before),
        ["upgrade-charm", "config-changed"]
    );
}

#[test]
fn an_upgrade_waits_for_an_error_unless_it_is_forced() {
    for force in [false, true] {
        let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
        sim.model.reboot(&units[0]).unwrap();
        let hook = sim.until_hook(&units[0], "start");
        let _ = sim.finish(&hook, Exit::Code(1));
        sim.drain(|_, _| Exit::Code(0));
        let before = sim.hooks(&units[0]).len();
        sim.model
            .upgrade("app", peered().rebuilt("2"), force)
            .unwrap();
        let next = sim.model.poll();
        assert_eq!(next.is_some(), force);
        if let Some(deploy) = next {
            let _ = sim.finish(&deploy, Exit::Code(0));
        }
        sim.settle();
        // Forced: the failed hook runs with the new code, and no upgrade-charm.
        let expected: &[&str] = if force {
            &["start"]
        } else {
            &["start", "upgrade-charm", "config-changed"]
        };
        assert_eq!(sim.hooks_since(&units[0], before), expected);
    }
}

#[test]
fn files_that_cannot_be_replaced_stop_the_unit_until_it_is_resolved() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    let deploy = sim.model.poll().unwrap();
    assert_eq!(sim.finish(&deploy, Exit::Code(1)).outcome, Outcome::Failed);
    assert!(sim.model.poll().is_none());
    assert_eq!(
        sim.model.settled(),
        Settled::No(vec![Unsettled::UpgradeFailed(units[0].clone())])
    );
    let workload = sim.model.status().applications["app"].units[0]
        .workload
        .clone();
    assert_eq!(
        (workload.status.as_str(), workload.message.as_str()),
        ("error", "upgrade failed")
    );
    let before = sim.hooks(&units[0]).len();
    sim.model.resolved(&units[0], true).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&units[0], before),
        ["upgrade-charm", "config-changed"]
    );
}

#[test]
fn a_peer_endpoint_that_comes_with_an_upgrade_is_created_and_joined() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 2);
    let before = sim.hooks(&units[0]).len();
    sim.model
        .upgrade(
            "app",
            peered().with_peer("ring", "ring").rebuilt("2"),
            false,
        )
        .unwrap();
    sim.settle();
    let hooks = sim.hooks_since(&units[0], before);
    for name in [
        "upgrade-charm",
        "ring-relation-created",
        "ring-relation-joined",
        "ring-relation-changed",
    ] {
        assert!(hooks.contains(&name), "{hooks:?}");
    }
}

#[test]
fn an_agent_that_dies_while_it_replaces_files_begins_again() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    let deploy = sim.model.poll().unwrap();
    let _ = sim.finish(&deploy, Exit::AgentDied);
    let again = sim.model.poll().unwrap();
    assert!(matches!(
        again.kind,
        OperationKind::Deploy { upgrade: true, .. }
    ));
    let before = sim.hooks(&units[0]).len();
    let _ = sim.finish(&again, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks_since(&units[0], before),
        ["upgrade-charm", "config-changed"]
    );
}
