//! Subordinates, and what shares a machine.

use std::collections::BTreeSet;

use ensign_model::{
    ActionSpec, CharmInfo, Endpoint, Exit, ModelError, Profile, RelationId, Role, Scope, UnitName,
};

use crate::support::{BOTH, Sim, peered};

/// A charm that goes with any other.
fn logger() -> CharmInfo {
    let mut charm = CharmInfo::named("logger");
    charm.subordinate = true;
    let host = Endpoint {
        role: Role::Requirer,
        interface: "juju-info".to_owned(),
        scope: Scope::Container,
        optional: false,
    };
    charm.endpoints.insert("host".to_owned(), host);
    charm
}

/// `units` of `app`, each with a `logger`.
fn accompanied(profile: Profile, units: u32) -> (Sim, RelationId) {
    let mut sim = Sim::new(profile);
    sim.model.deploy("app", peered(), units).unwrap();
    assert_eq!(sim.model.deploy("logger", logger(), 1).unwrap(), []);
    sim.settle();
    let id = sim
        .model
        .integrate(("logger", "host"), ("app", "juju-info"))
        .unwrap();
    sim.settle();
    (sim, id)
}

fn loggers(sim: &Sim) -> Vec<UnitName> {
    let status = sim.model.status();
    status.applications["logger"]
        .units
        .iter()
        .map(|unit| unit.unit.clone())
        .collect()
}

fn unit(name: &str) -> UnitName {
    name.parse().unwrap()
}

#[test]
fn one_comes_with_each_unit_of_the_other_application_on_its_machine() {
    for profile in BOTH {
        let (mut sim, _) = accompanied(profile, 3);
        let loggers = loggers(&sim);
        assert_eq!(loggers.len(), 3);
        let mut principals = BTreeSet::new();
        for logger in &loggers {
            let run = sim.enter(logger);
            let principal = run.variable("JUJU_PRINCIPAL_UNIT").unwrap().to_owned();
            let machine = run.variable("JUJU_MACHINE_ID").unwrap().to_owned();
            // It sees its own principal only.
            assert_eq!(
                sim.ok(&run.context, "relation-list -r host:1"),
                format!("{principal}\n")
            );
            let _ = sim.finish(&run, Exit::Code(0));
            let run = sim.enter(&unit(&principal));
            assert_eq!(run.variable("JUJU_MACHINE_ID"), Some(machine.as_str()));
            assert_eq!(run.variable("JUJU_PRINCIPAL_UNIT"), Some(""));
            assert_eq!(
                sim.ok(&run.context, "relation-list -r 1"),
                format!("{logger}\n")
            );
            let _ = sim.finish(&run, Exit::Code(0));
            principals.insert(principal);
        }
        assert_eq!(principals.len(), 3);
        let added = sim.model.add_unit("app").unwrap();
        sim.settle();
        assert_eq!(self::loggers(&sim).len(), 4);
        // Nobody had to declare the endpoint, and nobody is told that it was created.
        let hooks = sim.hooks(&added);
        assert!(hooks.contains(&"juju-info-relation-joined"), "{hooks:?}");
        assert!(!hooks.contains(&"juju-info-relation-created"), "{hooks:?}");
    }
}

#[test]
fn data_of_another_container_cannot_be_read() {
    let (mut sim, _) = accompanied(Profile::V3_6, 2);
    let run = sim.enter(&unit("logger/0"));
    let own = run.variable("JUJU_PRINCIPAL_UNIT").unwrap().to_owned();
    let other = if own == "app/0" { "app/1" } else { "app/0" };
    assert!(
        sim.ok(&run.context, &format!("relation-get -r host:1 - {own}"))
            .contains("ingress")
    );
    let reply = sim.tool(&run.context, &format!("relation-get -r host:1 - {other}"));
    assert!(
        reply.stderr.ends_with("settings not found\n"),
        "{}",
        reply.stderr
    );
}

#[test]
fn a_principal_takes_its_subordinate_along_and_waits_for_it() {
    for profile in BOTH {
        let (mut sim, _) = accompanied(profile, 2);
        let principal = unit("app/0");
        let logger = loggers(&sim)
            .into_iter()
            .find(|logger| {
                let run = sim.enter(logger);
                let own = run.variable("JUJU_PRINCIPAL_UNIT") == Some("app/0");
                let _ = sim.finish(&run, Exit::Code(0));
                own
            })
            .unwrap();
        let before = (sim.hooks(&principal).len(), sim.hooks(&logger).len());
        sim.model.remove_unit(&principal).unwrap();
        loop {
            let operation = sim.model.poll();
            let status = sim.model.status();
            let there = |unit: &UnitName| {
                let units = &status.applications[unit.application()].units;
                units.iter().any(|status| status.unit == *unit)
            };
            assert!(there(&principal) || !there(&logger));
            let Some(operation) = operation else { break };
            let _ = sim.finish(&operation, Exit::Code(0));
        }
        let left = &sim.model.status().applications;
        assert_eq!(
            (left["app"].units.len(), left["logger"].units.len()),
            (1, 1)
        );
        for (unit, before, relation) in [
            (&principal, before.0, "juju-info-relation-broken"),
            (&logger, before.1, "host-relation-broken"),
        ] {
            let hooks = sim.hooks_since(unit, before);
            assert_eq!(hooks[hooks.len() - 2..], ["stop", "remove"], "{unit}");
            assert!(hooks.contains(&relation), "{unit}: {hooks:?}");
        }
    }
}

#[test]
fn without_its_relation_a_subordinate_goes() {
    let (mut sim, relation) = accompanied(Profile::V3_6, 2);
    let before = sim.hooks(&unit("logger/0")).len();
    sim.model.remove_relation(relation).unwrap();
    sim.settle();
    assert_eq!(loggers(&sim), []);
    assert_eq!(
        sim.hooks_since(&unit("logger/0"), before),
        [
            "host-relation-departed",
            "host-relation-broken",
            "stop",
            "remove"
        ]
    );
    // Related again, they come again, under new names.
    sim.model
        .integrate(("logger", "host"), ("app", "juju-info"))
        .unwrap();
    sim.settle();
    assert_eq!(loggers(&sim), [unit("logger/2"), unit("logger/3")]);
}

#[test]
fn what_juju_refuses_of_subordinates_is_refused() {
    let (mut sim, _) = accompanied(Profile::V4_0, 1);
    let text = |error: ModelError| error.to_string();
    assert!(
        text(sim.model.add_unit("logger").unwrap_err()).ends_with("application is a subordinate")
    );
    let refused = text(sim.model.remove_unit(&unit("logger/0")).unwrap_err());
    assert!(
        refused.starts_with("unit \"logger/0\" is a subordinate"),
        "{refused}"
    );
    assert!(sim.model.deploy("other", logger(), 2).is_err());
    let mut host = CharmInfo::named("host");
    host.endpoints = logger().endpoints;
    sim.model.deploy("host", host, 1).unwrap();
    assert!(
        sim.model
            .integrate(("host", "host"), ("app", "juju-info"))
            .is_err()
    );
}

#[test]
fn one_hook_at_a_time_runs_on_a_machine() {
    for profile in BOTH {
        let (mut sim, _) = accompanied(profile, 2);
        let (app, other) = (unit("app/0"), unit("app/1"));
        sim.model.exec(&app, "true").unwrap();
        let held = sim.until_hook(&app, "run-commands");
        for logger in loggers(&sim) {
            sim.model.exec(&logger, "true").unwrap();
        }
        sim.model.exec(&other, "true").unwrap();
        // Of the other machine one after the other; of this one nothing.
        let mut ran = Vec::new();
        while let Some(operation) = sim.model.poll() {
            assert!(sim.model.poll().is_none(), "two at once");
            ran.push(operation.unit.clone());
            let _ = sim.finish(&operation, Exit::Code(0));
        }
        assert_eq!(ran.len(), 2);
        assert!(!sim.model.settled().is_settled());
        let _ = sim.finish(&held, Exit::Code(0));
        let waited = sim.model.poll().unwrap();
        assert!(waited.unit.application() == "logger" && !ran.contains(&waited.unit));
        let _ = sim.finish(&waited, Exit::Code(0));
        sim.settle();
    }
}

#[test]
fn parallel_actions_do_not_wait_for_the_machine_and_groups_wait_for_each_other() {
    let mut sim = Sim::new(Profile::V3_6);
    let action = |parallel, group: &str| ActionSpec {
        parallel,
        execution_group: group.to_owned(),
        ..ActionSpec::default()
    };
    let actions = [
        ("free", action(true, "")),
        ("grouped", action(true, "g")),
        ("tied", action(false, "")),
    ];
    let actions = actions.map(|(name, spec)| (name.to_owned(), spec));
    let (mut app, mut log) = (peered(), logger());
    app.actions.extend(actions.clone());
    log.actions.extend(actions);
    sim.model.deploy("app", app, 1).unwrap();
    sim.model.deploy("logger", log, 1).unwrap();
    sim.model
        .integrate(("logger", "host"), ("app", "juju-info"))
        .unwrap();
    sim.settle();
    let (app, log) = (unit("app/0"), unit("logger/0"));
    for (held, asked, runs) in [
        ("tied", "free", true),
        ("tied", "grouped", true),
        ("tied", "tied", false),
        ("grouped", "grouped", false),
        ("free", "tied", true),
    ] {
        sim.model
            .run_action(&app, held, serde_json::Map::new())
            .unwrap();
        let first = sim.until_hook(&app, held);
        sim.model
            .run_action(&log, asked, serde_json::Map::new())
            .unwrap();
        let second = sim.model.poll();
        assert_eq!(second.is_some(), runs, "{held}, {asked}");
        let _ = sim.finish(&first, Exit::Code(0));
        let second = second.or_else(|| sim.model.poll()).unwrap();
        let _ = sim.finish(&second, Exit::Code(0));
    }
}

#[test]
fn a_machine_goes_down_with_everyone_on_it() {
    let (mut sim, _) = accompanied(Profile::V3_6, 1);
    let (app, log) = (unit("app/0"), unit("logger/0"));
    let before = (sim.hooks(&app).len(), sim.hooks(&log).len());
    sim.model.reboot(&app).unwrap();
    sim.settle();
    assert_eq!(sim.hooks_since(&app, before.0)[0], "start");
    assert_eq!(sim.hooks_since(&log, before.1)[0], "start");
    sim.model.kill_unit(&app).unwrap();
    let status = sim.model.status();
    assert!(!status.applications["logger"].units[0].alive);
    sim.model.remove_unit_forced(&app).unwrap();
    assert_eq!(loggers(&sim), []);
}
