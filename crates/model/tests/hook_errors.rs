//! Hooks that fail: error, retries, `resolved`.

use std::time::Duration;

use ensign_model::{Exit, Hook, ModelError, Outcome, Profile, Settled, Time, Unsettled};

use crate::support::{Sim, peered};

#[test]
fn a_failed_hook_is_tried_after_five_ten_twenty_seconds_up_to_five_minutes() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let mut failures = Vec::new();
    for _ in 0..9 {
        let hook = sim.until_hook(&units[0], "install");
        failures.push(sim.model.now());
        let _ = sim.finish(&hook, Exit::Code(1));
    }
    let waits: Vec<f64> = failures
        .windows(2)
        .map(|pair| pair[1].since(pair[0]).as_secs_f64())
        .collect();
    assert_eq!(waits[0], 5.0);
    for (wait, expected) in waits
        .iter()
        .zip([5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0])
    {
        assert!((wait / expected - 1.0).abs() < 0.2, "{waits:?}");
    }
}

#[test]
fn while_in_error_the_unit_says_so_and_has_not_settled() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let hook = sim.until_hook(&units[0], "install");
    let _ = sim.finish(&hook, Exit::Code(7));
    assert!(sim.model.poll().is_none());
    let status = sim.model.status().applications["app"].units[0].clone();
    assert_eq!(
        (
            status.agent.status.as_str(),
            status.workload.status.as_str()
        ),
        ("idle", "error")
    );
    assert_eq!(status.workload.message, "hook failed: \"install\"");
    let retry = Some(Time::from_secs(5));
    assert_eq!(
        sim.model.settled(),
        Settled::No(vec![Unsettled::InError(
            units[0].clone(),
            Hook::Install,
            retry
        )])
    );
}

#[test]
fn the_wait_begins_anew_after_a_success() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    for _ in 0..3 {
        let hook = sim.until_hook(&units[0], "install");
        let _ = sim.finish(&hook, Exit::Code(1));
    }
    let hook = sim.until_hook(&units[0], "install");
    let _ = sim.finish(&hook, Exit::Code(0));
    let hook = sim.until_hook(&units[0], "start");
    let failed = sim.model.now();
    let _ = sim.finish(&hook, Exit::Code(1));
    let _ = sim.until_hook(&units[0], "start");
    assert_eq!(sim.model.now().since(failed), Duration::from_secs(5));
}

#[test]
fn resolved_tries_at_once() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let hook = sim.until_hook(&units[0], "install");
    assert_eq!(
        sim.model.resolved(&units[0], true),
        Err(ModelError::NotInError(units[0].clone()))
    );
    let _ = sim.finish(&hook, Exit::Code(1));
    sim.drain(|_, _| Exit::Code(0));
    sim.model.resolved(&units[0], true).unwrap();
    let now = sim.model.now();
    let _ = sim.until_hook(&units[0], "install");
    assert_eq!(sim.model.now(), now);
}

#[test]
fn resolved_without_retry_takes_the_hook_for_done() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let hook = sim.until_hook(&units[0], "install");
    let _ = sim.finish(&hook, Exit::Code(1));
    sim.drain(|_, _| Exit::Code(0));
    sim.model.resolved(&units[0], false).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks(&units[0])[..2],
        ["install", "cluster-relation-created"]
    );
}

#[test]
fn without_automatic_retries_a_failed_hook_waits_for_the_operator() {
    let mut config = ensign_model::ModelConfig::new(Profile::V3_6, 1);
    config.retry_hooks = false;
    let mut sim = Sim {
        model: ensign_model::Model::new(config),
        files: ensign_model::MemoryFiles::default(),
    };
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let hook = sim.until_hook(&units[0], "install");
    let _ = sim.finish(&hook, Exit::Code(1));
    sim.drain(|_, _| Exit::Code(0));
    sim.model.advance(Time::from_secs(3600));
    assert!(sim.model.poll().is_none());
}

#[test]
fn an_error_holds_back_everything_but_actions() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    let hook = sim.until_hook(&others[0], "upgrade-charm");
    let _ = sim.finish(&hook, Exit::Code(1));
    sim.drain(|_, _| Exit::Code(0));
    let run = sim.enter(&leader);
    sim.ok(&run.context, "leader-set a=1");
    sim.ok(&run.context, "relation-set -r cluster:0 --app a=1");
    let _ = sim.finish(&run, Exit::Code(0));
    let before = sim.hooks(&others[0]).len();
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(sim.hooks(&others[0]).len(), before);
    let command = sim.enter(&others[0]);
    let _ = sim.finish(&command, Exit::Code(0));
    assert_eq!(sim.hooks_since(&others[0], before), ["run-commands"]);
    sim.settle();
    let expected = [
        "upgrade-charm",
        "config-changed",
        "leader-settings-changed",
        "cluster-relation-changed",
    ];
    assert_eq!(sim.hooks_since(&others[0], before + 1), expected);
}

#[test]
fn a_terminated_hook_runs_again_and_is_no_error() {
    for signal in [9, 15] {
        let mut sim = Sim::new(Profile::V3_6);
        let units = sim.model.deploy("app", peered(), 1).unwrap();
        let hook = sim.until_hook(&units[0], "install");
        sim.ok(&hook.context, "state-set a=1");
        assert_eq!(
            sim.finish(&hook, Exit::Signal(signal)).outcome,
            Outcome::Requeued
        );
        let again = sim.until_hook(&units[0], "install");
        assert_eq!(sim.model.now(), Time::START);
        assert_ne!(again.context, hook.context);
        assert_eq!(sim.ok(&again.context, "state-get"), "{}\n");
    }
}

#[test]
fn another_signal_and_a_file_that_cannot_run_are_errors() {
    for exit in [
        Exit::Signal(11),
        Exit::NotExecutable("exec format error".to_owned()),
    ] {
        let mut sim = Sim::new(Profile::V3_6);
        let units = sim.model.deploy("app", peered(), 1).unwrap();
        let hook = sim.until_hook(&units[0], "install");
        assert_eq!(sim.finish(&hook, exit).outcome, Outcome::Failed);
    }
}

#[test]
fn what_changed_while_in_error_is_seen_by_the_next_try() {
    let charm = peered().with_option("port", ensign_model::OptionKind::Int, None);
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", charm, 1).unwrap();
    let hook = sim.until_hook(&units[0], "config-changed");
    assert_eq!(sim.ok(&hook.context, "config-get port"), "");
    let _ = sim.finish(&hook, Exit::Code(1));
    sim.model
        .set_config("app", &[("port".to_owned(), "81".to_owned())].into())
        .unwrap();
    let hook = sim.until_hook(&units[0], "config-changed");
    assert_eq!(sim.ok(&hook.context, "config-get port"), "81\n");
    let _ = sim.finish(&hook, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks(&units[0])[3..],
        ["config-changed", "config-changed", "start"]
    );
}
