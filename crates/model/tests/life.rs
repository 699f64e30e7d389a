//! From install to remove: the order of a unit's hooks.

use ensign_model::{CharmInfo, ConfigValue, Exit, OptionKind, Profile};

use crate::support::{BOTH, Sim, peered};

#[test]
fn a_lone_unit_is_installed_leads_is_configured_and_starts() {
    for profile in BOTH {
        let (sim, units) = Sim::settled(profile, 1);
        let expected = [
            "install",
            "cluster-relation-created",
            "leader-elected",
            "config-changed",
            "start",
        ];
        assert_eq!(sim.hooks(&units[0]), expected);
    }
}

#[test]
fn a_follower_of_three_six_hears_of_settings_where_a_leader_is_elected() {
    let (sim, _, others) = Sim::led(Profile::V3_6, 3);
    let expected = [
        "install",
        "cluster-relation-created",
        "leader-settings-changed",
        "config-changed",
        "start",
    ];
    for unit in others {
        assert_eq!(sim.hooks(&unit)[..5], expected);
    }
}

#[test]
fn a_follower_of_four_never_hears_of_settings() {
    let (sim, _, others) = Sim::led(Profile::V4_0, 3);
    for unit in others {
        assert_eq!(
            sim.hooks(&unit)[..4],
            [
                "install",
                "cluster-relation-created",
                "config-changed",
                "start"
            ]
        );
        assert!(!sim.hooks(&unit).contains(&"leader-settings-changed"));
    }
}

#[test]
fn every_unit_sees_every_other_join_and_change() {
    for profile in BOTH {
        let (sim, units) = Sim::settled(profile, 4);
        for unit in units {
            let count = |name: &str| {
                sim.hooks(&unit)
                    .iter()
                    .filter(|hook| **hook == name)
                    .count()
            };
            assert_eq!(
                (
                    count("cluster-relation-joined"),
                    count("cluster-relation-changed")
                ),
                (3, 3)
            );
        }
    }
}

#[test]
fn a_removed_unit_leaves_its_relations_stops_and_is_removed() {
    let (mut sim, leader, others) = Sim::led(Profile::V3_6, 3);
    let before = sim.hooks(&leader).len();
    let before_others: Vec<usize> = others.iter().map(|unit| sim.hooks(unit).len()).collect();
    sim.model.remove_unit(&leader).unwrap();
    sim.settle();
    let departed = "cluster-relation-departed";
    assert_eq!(
        sim.hooks_since(&leader, before),
        [departed, departed, "stop", "remove"]
    );
    for (unit, before) in others.iter().zip(before_others) {
        assert_eq!(sim.hooks_since(unit, before)[0], departed);
    }
    assert_eq!(sim.model.status().applications["app"].units.len(), 2);
}

#[test]
fn four_does_not_tell_the_peers_of_a_removed_unit() {
    let (mut sim, _, others) = Sim::led(Profile::V4_0, 3);
    let before = sim.hooks(&others[0]).len();
    sim.model.remove_unit(&others[1]).unwrap();
    sim.settle();
    assert_eq!(sim.hooks_since(&others[0], before), [""; 0]);
}

#[test]
fn a_unit_removed_before_its_machine_is_up_runs_nothing() {
    let mut config = ensign_model::ModelConfig::new(Profile::V3_6, 1);
    config.automatic_machines = false;
    let mut sim = Sim {
        model: ensign_model::Model::new(config),
        files: ensign_model::MemoryFiles::default(),
    };
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    sim.drain(|_, _| Exit::Code(0));
    sim.model.remove_unit(&units[0]).unwrap();
    assert!(sim.model.status().applications["app"].units.is_empty());
    assert_eq!(sim.hooks(&units[0]), [""; 0]);
}

#[test]
fn a_unit_that_dies_before_install_is_not_installed() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let deploy = sim.model.poll().unwrap();
    sim.model.remove_unit(&units[0]).unwrap();
    let _ = sim.finish(&deploy, Exit::Code(0));
    sim.settle();
    assert_eq!(sim.hooks(&units[0]), [""; 0]);
}

#[test]
fn a_removed_application_takes_its_units_along() {
    let (mut sim, _) = Sim::settled(Profile::V3_6, 2);
    sim.model.remove_application("app").unwrap();
    sim.settle();
    assert!(sim.model.status().applications.is_empty());
    assert!(sim.model.status().relations.is_empty());
    assert!(sim.model.deploy("app", peered(), 1).is_ok());
}

#[test]
fn a_status_nobody_set_becomes_unknown_when_the_unit_has_started() {
    let (sim, _) = Sim::settled(Profile::V3_6, 1);
    assert_eq!(
        sim.model.status().applications["app"].units[0]
            .workload
            .status,
        "unknown"
    );
}

#[test]
fn the_agent_says_that_it_installs_unless_the_charm_has_spoken() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let install = sim.until_hook(&units[0], "install");
    let workload = sim.model.status().applications["app"].units[0]
        .workload
        .clone();
    assert_eq!(
        (workload.status.as_str(), workload.message.as_str()),
        ("maintenance", "installing charm software")
    );
    sim.ok(&install.context, "status-set active ready");
    let _ = sim.finish(&install, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.model.status().applications["app"].units[0]
            .workload
            .message,
        "ready"
    );
}

#[test]
fn a_new_value_is_one_config_changed_on_every_unit_and_an_equal_one_none() {
    let charm =
        CharmInfo::named("app").with_option("port", OptionKind::Int, Some(ConfigValue::Int(80)));
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", charm, 2).unwrap();
    sim.settle();
    let set = |sim: &mut Sim, value: &str| {
        sim.model
            .set_config("app", &[("port".to_owned(), value.to_owned())].into())
            .unwrap();
    };
    let before = sim.hooks(&units[0]).len();
    set(&mut sim, "81");
    set(&mut sim, "82");
    sim.settle();
    set(&mut sim, "82");
    sim.settle();
    assert_eq!(sim.hooks_since(&units[0], before), ["config-changed"]);
}

#[test]
fn a_value_that_changes_during_config_changed_gives_one_more() {
    let charm =
        CharmInfo::named("app").with_option("port", OptionKind::Int, Some(ConfigValue::Int(80)));
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", charm, 1).unwrap();
    let hook = sim.until_hook(&units[0], "config-changed");
    sim.model
        .set_config("app", &[("port".to_owned(), "81".to_owned())].into())
        .unwrap();
    // Read at first use: the hook sees the value that came after it was chosen.
    assert_eq!(sim.ok(&hook.context, "config-get port"), "81\n");
    sim.model
        .set_config("app", &[("port".to_owned(), "82".to_owned())].into())
        .unwrap();
    assert_eq!(sim.ok(&hook.context, "config-get port"), "81\n");
    let _ = sim.finish(&hook, Exit::Code(0));
    sim.settle();
    // `start` is queued by the first and nothing comes between.
    assert_eq!(
        sim.hooks(&units[0])[2..],
        ["config-changed", "start", "config-changed"]
    );
}

#[test]
fn a_missing_hook_counts_as_done() {
    let mut sim = Sim::new(Profile::V3_6);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    sim.settle_with(|_, _| Exit::Missing);
    assert_eq!(sim.hooks(&units[0]).last(), Some(&"start"));
    let skipped = sim
        .model
        .drain_log()
        .into_iter()
        .any(|record| record.message == "skipped \"install\" hook (missing)");
    assert!(skipped);
}
