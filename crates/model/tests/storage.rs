//! Storage and resources: hooks before `install`, before everything else at the end, and what tools see between.

use ensign_model::{
    CharmInfo, Exit, Hook, Operation, OperationKind, Profile, StorageSpec, UnitName,
};

use crate::support::{BOTH, Sim, peered};

fn spec(location: Option<&str>, minimum: u32, maximum: Option<u32>) -> StorageSpec {
    StorageSpec {
        kind: "filesystem".to_owned(),
        location: location.map(str::to_owned),
        minimum,
        maximum,
    }
}

/// One `data` at a fixed place, and any number of `logs`.
fn charm() -> CharmInfo {
    let mut charm = peered();
    charm
        .storage
        .insert("data".to_owned(), spec(Some("/srv/data"), 1, Some(1)));
    charm
        .storage
        .insert("logs".to_owned(), spec(Some("/srv/logs"), 0, Some(3)));
    charm
}

fn is_storage(operation: &Operation) -> bool {
    matches!(&operation.kind, OperationKind::Hook(Hook::Storage(_)))
}

/// A unit of that charm, settled.
fn settled(profile: Profile) -> (Sim, UnitName) {
    let mut sim = Sim::new(profile);
    let unit = sim.model.deploy("app", charm(), 1).unwrap()[0].clone();
    sim.settle();
    (sim, unit)
}

#[test]
fn what_is_attached_at_deployment_runs_its_hook_before_install() {
    for profile in BOTH {
        let mut sim = Sim::new(profile);
        let unit = sim.model.deploy("app", charm(), 1).unwrap()[0].clone();
        let hook = sim.until_hook(&unit, "data-storage-attached");
        assert_eq!(sim.hooks(&unit), [""; 0]);
        assert_eq!(hook.variable("JUJU_STORAGE_ID"), Some("data/0"));
        assert_eq!(hook.variable("JUJU_STORAGE_KIND"), Some("filesystem"));
        assert_eq!(hook.variable("JUJU_STORAGE_LOCATION"), Some("/srv/data"));
        assert_eq!(
            sim.ok(&hook.context, "storage-get"),
            "kind: filesystem\nlocation: /srv/data\n"
        );
        assert_eq!(sim.ok(&hook.context, "storage-list"), "data/0\n");
        assert_eq!(sim.ok(&hook.context, "is-leader"), "True\n");
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.settle();
        assert_eq!(
            sim.hooks(&unit)[..3],
            [
                "data-storage-attached",
                "install",
                "cluster-relation-created"
            ]
        );
    }
}

#[test]
fn install_waits_for_storage_that_is_not_there_yet() {
    let mut sim = Sim::with(Profile::V3_6, |config| config.automatic_storage = false);
    let unit = sim.model.deploy("app", charm(), 1).unwrap()[0].clone();
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(sim.hooks(&unit), [""; 0]);
    assert!(!sim.model.settled().is_settled());
    sim.model.provision_storage(&unit).unwrap();
    sim.settle();
    assert_eq!(sim.hooks(&unit)[..2], ["data-storage-attached", "install"]);
    // Later storage holds nothing up.
    sim.model.add_storage(&unit, "logs", 1).unwrap();
    let run = sim.enter(&unit);
    let id = sim.ok(&run.context, "storage-list logs");
    let reply = sim.tool(&run.context, &format!("storage-get -s {id}"));
    assert_eq!(
        reply.stderr,
        "ERROR invalid value \"logs/1\" for option -s: filesystem for storage \"logs/1\" not provisioned\n"
    );
    let _ = sim.finish(&run, Exit::Code(0));
    sim.model.provision_storage(&unit).unwrap();
    sim.settle();
    assert_eq!(sim.hooks(&unit).last(), Some(&"logs-storage-attached"));
}

#[test]
fn what_a_hook_asks_for_comes_after_it_has_ended_well() {
    let (mut sim, unit) = settled(Profile::V4_0);
    let run = sim.enter(&unit);
    sim.ok(&run.context, "storage-add logs=2");
    assert_eq!(sim.ok(&run.context, "storage-list logs"), "");
    let before = sim.hooks(&unit).len() + 1;
    let _ = sim.finish(&run, Exit::Code(0));
    let mut places = Vec::new();
    sim.settle_with(|_, operation| {
        assert!(is_storage(operation));
        places.extend(
            operation
                .variable("JUJU_STORAGE_LOCATION")
                .map(str::to_owned),
        );
        Exit::Code(0)
    });
    places.sort();
    assert_eq!(places, ["/srv/logs/logs/1", "/srv/logs/logs/2"]);
    assert_eq!(sim.hooks_since(&unit, before), ["logs-storage-attached"; 2]);
}

#[test]
fn more_than_the_charm_allows_fails_the_flush_and_nothing_of_it_is_kept() {
    let (mut sim, unit) = settled(Profile::V3_6);
    let action = sim.model.exec(&unit, "true").unwrap();
    let run = sim.until_hook(&unit, "run-commands");
    sim.ok(&run.context, "state-set a=1");
    sim.ok(&run.context, "storage-add logs=4");
    let _ = sim.finish(&run, Exit::Code(0));
    let record = sim.model.action(action).unwrap();
    let told = record.results["stderr"].as_str().unwrap();
    assert!(
        told.contains("at most 3 instances supported, 4 specified"),
        "{told}"
    );
    let run = sim.enter(&unit);
    assert_eq!(sim.ok(&run.context, "state-get a"), "");
    assert_eq!(sim.ok(&run.context, "storage-list"), "data/0\n");
}

#[test]
fn detached_storage_runs_its_last_hook_once_and_is_gone() {
    let (mut sim, unit) = settled(Profile::V3_6);
    let added = sim.model.add_storage(&unit, "logs", 1).unwrap();
    sim.settle();
    sim.model.detach_storage(&unit, &added[0]).unwrap();
    let before = sim.hooks(&unit).len();
    let hook = sim.until_hook(&unit, "logs-storage-detaching");
    assert_eq!(
        sim.ok(&hook.context, "storage-get location"),
        "/srv/logs/logs/1\n"
    );
    let _ = sim.finish(&hook, Exit::Code(0));
    sim.settle();
    assert_eq!(sim.hooks_since(&unit, before), ["logs-storage-detaching"]);
    let run = sim.enter(&unit);
    assert_eq!(sim.ok(&run.context, "storage-list"), "data/0\n");
    assert!(sim.model.detach_storage(&unit, "logs/1").is_err());
}

#[test]
fn storage_that_goes_before_it_has_come_runs_no_hook() {
    let mut sim = Sim::with(Profile::V4_0, |config| config.automatic_storage = false);
    let unit = sim.model.deploy("app", charm(), 1).unwrap()[0].clone();
    sim.model.provision_storage(&unit).unwrap();
    sim.settle();
    let added = sim.model.add_storage(&unit, "logs", 1).unwrap();
    sim.model.detach_storage(&unit, &added[0]).unwrap();
    let before = sim.hooks(&unit).len();
    sim.settle();
    assert_eq!(sim.hooks_since(&unit, before), [""; 0]);
}

#[test]
fn a_unit_that_goes_detaches_its_storage_before_all_else() {
    let mut sim = Sim::new(Profile::V3_6);
    let unit = sim.model.deploy("app", charm(), 2).unwrap()[0].clone();
    sim.settle();
    let before = sim.hooks(&unit).len();
    sim.model.remove_unit(&unit).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&unit, before),
        [
            "data-storage-detaching",
            "cluster-relation-departed",
            "stop",
            "remove"
        ]
    );
}

#[test]
fn a_failed_storage_hook_holds_install_up() {
    let mut sim = Sim::new(Profile::V3_6);
    let unit = sim.model.deploy("app", charm(), 1).unwrap()[0].clone();
    let hook = sim.until_hook(&unit, "data-storage-attached");
    let _ = sim.finish(&hook, Exit::Code(1));
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(sim.hooks(&unit), ["data-storage-attached"]);
    sim.model.resolved(&unit, true).unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks(&unit)[..3],
        ["data-storage-attached", "data-storage-attached", "install"]
    );
}

#[test]
fn storage_a_new_charm_needs_comes_with_the_upgrade() {
    let mut sim = Sim::new(Profile::V4_0);
    let unit = sim.model.deploy("app", peered(), 1).unwrap()[0].clone();
    sim.settle();
    let before = sim.hooks(&unit).len();
    sim.model
        .upgrade("app", charm().rebuilt("2"), false)
        .unwrap();
    sim.settle();
    let mut hooks = sim.hooks_since(&unit, before);
    hooks.sort_unstable();
    assert_eq!(
        hooks,
        ["config-changed", "data-storage-attached", "upgrade-charm"]
    );
}

#[test]
fn a_resource_is_fetched_to_the_units_disk_and_another_one_is_an_upgrade() {
    let mut sim = Sim::new(Profile::V3_6);
    let mut charm = peered();
    charm
        .resources
        .insert("software".to_owned(), "software.zip".to_owned());
    let unit = sim.model.deploy("app", charm, 1).unwrap()[0].clone();
    sim.settle();
    let run = sim.enter(&unit);
    let reply = sim.tool(&run.context, "resource-get software");
    assert_eq!(reply.code, 1);
    assert!(
        reply.stderr.ends_with("resource#app/software not found\n"),
        "{}",
        reply.stderr
    );
    let _ = sim.finish(&run, Exit::Code(0));
    let before = sim.hooks(&unit).len();
    sim.model
        .attach_resource("app", "software", b"zip")
        .unwrap();
    sim.settle();
    assert_eq!(
        sim.hooks_since(&unit, before)[..2],
        ["upgrade-charm", "config-changed"]
    );
    let run = sim.enter(&unit);
    let path = sim.ok(&run.context, "resource-get software");
    assert_eq!(
        path,
        "/var/lib/juju/agents/unit-app-0/resources/software/software.zip"
    );
    assert_eq!(sim.files.0[&path], b"zip");
    assert!(sim.model.attach_resource("app", "nope", b"").is_err());
}

#[test]
fn storage_whose_hook_was_terminated_stays_until_it_has_run() {
    let mut sim = Sim::new(Profile::V3_6);
    let unit = sim.model.deploy("app", charm(), 1).unwrap()[0].clone();
    let hook = sim.until_hook(&unit, "data-storage-attached");
    sim.model.remove_unit(&unit).unwrap();
    let _ = sim.finish(&hook, Exit::Signal(9));
    sim.drain(|_, _| Exit::Code(0));
    assert_eq!(
        sim.hooks(&unit),
        [
            "data-storage-attached",
            "data-storage-attached",
            "data-storage-detaching"
        ]
    );
}
