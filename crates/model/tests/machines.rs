//! Agents and machines that go away and come back.

use ensign_model::{
    Documents, Exit, Machine, MemoryFiles, Model, ModelConfig, Outcome, Profile, Settled, Unsettled,
};

use crate::support::{BOTH, Sim, peered};

#[test]
fn an_agent_that_dies_in_a_hook_takes_it_for_failed_and_tries_again() {
    for profile in BOTH {
        let mut sim = Sim::new(profile);
        let units = sim.model.deploy("app", peered(), 1).unwrap();
        let hook = sim.until_hook(&units[0], "install");
        sim.ok(&hook.context, "state-set a=1");
        let _ = sim.finish(&hook, Exit::AgentDied);
        assert!(sim.model.poll().is_none());
        assert!(
            matches!(sim.model.settled(), Settled::No(reasons) if matches!(reasons[0], Unsettled::InError(..)))
        );
        let again = sim.until_hook(&units[0], "install");
        assert_eq!(sim.ok(&again.context, "state-get"), "{}\n");
    }
}

#[test]
fn a_reboot_runs_start_once_more_before_anything_else() {
    let (mut sim, units) = Sim::settled(Profile::V3_6, 2);
    let before = sim.hooks(&units[0]).len();
    sim.model.reboot(&units[0]).unwrap();
    sim.settle();
    assert_eq!(sim.hooks_since(&units[0], before)[0], "start");
    let before = sim.hooks(&units[0]).len();
    sim.pass(5.0);
    assert_eq!(sim.hooks(&units[0]).len(), before);
}

#[test]
fn a_reboot_before_start_adds_none() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let hook = sim.until_hook(&units[0], "config-changed");
    let _ = hook;
    sim.model.reboot(&units[0]).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks(&units[0])
            .iter()
            .filter(|hook| **hook == "start")
            .count(),
        1
    );
}

#[test]
fn juju_reboot_waits_for_the_hook_and_only_if_it_ends_well() {
    let (mut sim, units) = Sim::settled(Profile::V3_6, 1);
    for (code, reboots) in [(0, true), (1, false)] {
        sim.model
            .upgrade("app", peered().rebuilt(&format!("{code}")), false)
            .unwrap();
        let hook = sim.until_hook(&units[0], "upgrade-charm");
        sim.ok(&hook.context, "juju-reboot");
        let before = sim.hooks(&units[0]).len() + 1;
        let _ = sim.finish(&hook, Exit::Code(code));
        sim.settle();
        assert_eq!(
            sim.hooks_since(&units[0], before).contains(&"start"),
            reboots
        );
    }
}

#[test]
fn juju_reboot_now_kills_the_hook_and_runs_it_again_after_the_boot() {
    let (mut sim, units) = Sim::settled(Profile::V3_6, 1);
    sim.model
        .upgrade("app", peered().rebuilt("2"), false)
        .unwrap();
    let hook = sim.until_hook(&units[0], "upgrade-charm");
    sim.ok(&hook.context, "state-set a=1");
    let argv = ["juju-reboot".to_owned(), "--now".to_owned()];
    let call = ensign_model::Call {
        argv: &argv,
        stdin: None,
        cwd: "/",
    };
    let answer = sim.model.tool(&hook.context, &call, &mut sim.files);
    assert!(answer.result().unwrap().kill);
    let before = sim.hooks(&units[0]).len() + 1;
    assert_eq!(
        sim.finish(&hook, Exit::Signal(9)).outcome,
        Outcome::Requeued
    );
    sim.settle();
    // The queued hook comes first, the boot's `start` when the unit is idle again.
    assert_eq!(
        sim.hooks_since(&units[0], before),
        ["upgrade-charm", "config-changed", "start"]
    );
    let run = sim.enter(&units[0]);
    assert_eq!(sim.ok(&run.context, "state-get"), "{}\n");
}

#[test]
fn a_lost_machine_stays_listed_and_is_no_longer_waited_for() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 3);
    sim.model.kill_unit(&others[0]).unwrap();
    sim.settle();
    let status = sim.model.status().applications["app"].clone();
    let lost = status
        .units
        .iter()
        .find(|unit| unit.unit == others[0])
        .unwrap();
    assert_eq!(
        (
            lost.alive,
            lost.agent.status.as_str(),
            lost.workload.status.as_str()
        ),
        (false, "lost", "unknown")
    );
    assert!(
        sim.model
            .start_agent(&others[0], Machine::default())
            .is_err()
    );
    let run = sim.enter(&leader);
    assert!(
        sim.ok(&run.context, "relation-list -r cluster:0")
            .contains(others[0].as_str())
    );
    let _ = sim.finish(&run, Exit::Code(0));
    sim.model.remove_unit_forced(&others[0]).unwrap();
    sim.settle();
    assert_eq!(sim.model.status().applications["app"].units.len(), 2);
}

#[test]
fn what_a_cut_off_unit_runs_cannot_be_committed_even_after_the_cut() {
    let (mut sim, units) = Sim::settled(Profile::V4_0, 1);
    sim.model.reboot(&units[0]).unwrap();
    let hook = sim.until_hook(&units[0], "start");
    sim.ok(&hook.context, "state-set a=1");
    sim.model.partition(&units[0]).unwrap();
    let reply = sim.tool(&hook.context, "config-get");
    assert_eq!(
        (reply.code, reply.stderr.as_str()),
        (1, "ERROR connection is shut down\n")
    );
    sim.model.heal(&units[0]).unwrap();
    assert_eq!(sim.tool(&hook.context, "config-get").code, 1);
    assert_eq!(
        sim.finish(&hook, Exit::Code(0)).outcome,
        Outcome::FlushFailed
    );
    let again = sim.until_hook(&units[0], "start");
    assert_eq!(sim.ok(&again.context, "state-get"), "{}\n");
}

#[test]
fn a_cut_off_unit_runs_nothing_new_and_catches_up_afterwards() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 2);
    sim.model.partition(&others[0]).unwrap();
    let run = sim.enter(&leader);
    sim.ok(&run.context, "leader-set a=1");
    sim.ok(&run.context, "relation-set -r cluster:0 --app a=1");
    let _ = sim.finish(&run, Exit::Code(0));
    let before = sim.hooks(&others[0]).len();
    sim.settle();
    assert_eq!(sim.hooks(&others[0]).len(), before);
    sim.model.heal(&others[0]).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&others[0], before),
        ["leader-settings-changed", "cluster-relation-changed"]
    );
}

#[test]
fn a_driver_that_brings_its_own_machines_is_waited_for() {
    let mut config = ModelConfig::new(Profile::V3_6, 1);
    config.automatic_machines = false;
    let mut sim = Sim {
        model: Model::new(config),
        files: MemoryFiles::default(),
    };
    let units = sim.model.deploy("app", peered(), 2).unwrap();
    assert!(sim.model.poll().is_none());
    assert!(matches!(sim.model.settled(), Settled::No(reasons) if reasons.len() == 2));
    for (index, unit) in units.iter().enumerate() {
        let machine = Machine {
            address: format!("192.168.0.{index}"),
            ..Machine::default()
        };
        sim.model.start_agent(unit, machine).unwrap();
    }
    sim.settle();
    assert_eq!(sim.leader("app"), Some(units[0].clone()));
    let run = sim.enter(&units[1]);
    assert_eq!(
        sim.ok(&run.context, "unit-get private-address"),
        "192.168.0.1\n"
    );
    assert_eq!(
        sim.ok(&run.context, "network-get cluster --bind-address"),
        "192.168.0.1\n"
    );
    let _ = sim.finish(&run, Exit::Code(0));
    // A machine with another address: the configuration hook, once.
    let before = sim.hooks(&units[1]).len();
    sim.model
        .start_agent(
            &units[1],
            Machine {
                address: "192.168.0.9".to_owned(),
                ..Machine::default()
            },
        )
        .unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&units[1], before),
        ["leader-settings-changed", "config-changed"]
    );
    let run = sim.enter(&units[0]);
    let shown = sim.ok(
        &run.context,
        &format!("relation-get -r cluster:0 ingress-address {}", units[1]),
    );
    assert_eq!(shown, "192.168.0.9\n");
}

#[test]
fn every_endpoint_and_extra_binding_is_on_the_machines_own_network() {
    let mut config = ModelConfig::new(Profile::V3_6, 1);
    config.automatic_machines = false;
    let mut sim = Sim {
        model: Model::new(config),
        files: MemoryFiles::default(),
    };
    let documents = Documents {
        metadata: serde_json::json!({"name": "app", "peers": {"cluster": {"interface": "peers"}},
            "extra-bindings": {"admin": null}}),
        ..Documents::default()
    };
    let units = sim
        .model
        .deploy("app", documents.charm("1").unwrap(), 1)
        .unwrap();
    let machine = Machine {
        address: "10.9.8.2".to_owned(),
        cidr: "10.9.8.0/22".to_owned(),
        interface: "eth0".to_owned(),
        mac: "02:16:0a:09:08:02".to_owned(),
        rebooted: false,
    };
    sim.model.start_agent(&units[0], machine).unwrap();
    sim.settle();
    let run = sim.enter(&units[0]);
    for binding in ["cluster", "admin", "juju-info"] {
        let json = sim.ok(
            &run.context,
            &format!("network-get {binding} --format json"),
        );
        let found: serde_json::Value = serde_json::from_str(&json).unwrap();
        let interface = &found["bind-addresses"][0];
        assert_eq!(interface["interface-name"], "eth0", "{binding}");
        assert_eq!(interface["mac-address"], "02:16:0a:09:08:02");
        assert_eq!(interface["addresses"][0]["cidr"], "10.9.8.0/22");
        assert_eq!(found["egress-subnets"], serde_json::json!(["10.9.8.2/32"]));
        assert_eq!(found["ingress-addresses"], serde_json::json!(["10.9.8.2"]));
    }
    assert_eq!(sim.tool(&run.context, "network-get nothing").code, 1);
    let status = sim.model.status();
    let shown = status.applications["app"].units[0].address.as_deref();
    assert_eq!(shown, Some("10.9.8.2"));
}

#[test]
fn a_model_that_moves_to_four_loses_its_leader_settings_and_keeps_its_relation_data() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "leader-set a=1");
    sim.ok(&run.context, "relation-set -r cluster:0 --app a=1");
    let _ = sim.finish(&run, Exit::Code(0));
    sim.settle();
    sim.model.migrate(Profile::V4_0);
    sim.settle();
    assert_eq!(sim.leader("app"), Some(leader.clone()));
    let run = sim.enter(&leader);
    assert_eq!(run.variable("JUJU_VERSION"), Some("4.0.2"));
    assert_eq!(sim.tool(&run.context, "leader-get").code, 1);
    assert_eq!(
        sim.ok(&run.context, "relation-get -r cluster:0 --app a app"),
        "1\n"
    );
}
