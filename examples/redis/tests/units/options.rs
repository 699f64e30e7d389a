//! What an operator sets takes effect on the running server, or is refused by name.

use crate::world::{PROFILES, World};

fn settings(world: &World, name: &str) -> Vec<String> {
    let fleet = world.fleet.look();
    let units = world.units();
    units
        .iter()
        .map(|unit| fleet.server(unit).unwrap().get(name).to_owned())
        .collect()
}

#[test]
fn options_change_the_running_server() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[]);
        world.settle();
        let starts = |world: &World| -> Vec<usize> {
            world
                .fleet
                .look()
                .machines
                .values()
                .map(|machine| machine.starts)
                .collect()
        };
        let before = starts(&world);
        for (option, value, setting) in [
            ("log-level", "verbose", "loglevel"),
            ("tcp-keepalive", "60", "tcp-keepalive"),
            ("timeout", "300", "timeout"),
            ("port", "6400", "port"),
        ] {
            world.set(option, value);
            world.settle();
            assert_eq!(settings(&world, setting), [value; 2], "{option}");
            assert_eq!(starts(&world), before, "{option} needs no restart");
            world.check();
        }
        world.pass(1);
        let client = &world.statuses("redis-client")["redis-client/0"];
        assert!(
            client.starts_with("active counter") && client.ends_with(":6400"),
            "{client}"
        );
        let leader = world.leader();
        let opened = world.sim.model().status();
        let unit = opened.applications["redis"]
            .units
            .iter()
            .find(|unit| unit.unit == leader)
            .unwrap()
            .clone();
        assert_eq!(unit.ports, ["6400/tcp"]);
    }
}

#[test]
fn the_number_of_databases_restarts_each_server_once_and_loses_nothing() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[]);
        world.settle();
        let before: usize = world.fleet.look().machines.values().map(|m| m.starts).sum();
        let counter = world.statuses("redis-client")["redis-client/0"].clone();
        world.set("databases", "4");
        world.settle();
        assert_eq!(settings(&world, "databases"), ["4"; 2]);
        let after: usize = world.fleet.look().machines.values().map(|m| m.starts).sum();
        assert_eq!(after, before + 2);
        world.check();
        world.pass(1);
        assert_ne!(world.statuses("redis-client")["redis-client/0"], counter);
    }
}

#[test]
fn a_wrong_value_is_named_and_changes_nothing() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[]);
        world.settle();
        for (option, value, good) in [
            ("log-level", "loud", "notice"),
            ("databases", "0", "16"),
            ("port", "70000", "6379"),
            ("timeout", "-1", "0"),
            ("tcp-keepalive", "-5", "0"),
            ("password", "with space", ""),
            ("cluster-enabled", "true", "false"),
            ("install-source", "tarball", "apt"),
            ("install-source", "snap", "apt"),
        ] {
            world.set(option, value);
            world.settle();
            for (unit, status) in world.statuses("redis") {
                assert!(
                    status.starts_with(&format!("blocked `{option}`")),
                    "{unit}: {status}"
                );
            }
            world.check();
            assert_eq!(settings(&world, "port"), ["6379"; 2]);
            world.set(option, good);
            world.settle();
            for (unit, status) in world.statuses("redis") {
                assert!(status.starts_with("active"), "{option}, {unit}: {status}");
            }
        }
    }
}

#[test]
fn a_wrong_value_at_deployment_does_not_keep_the_server_from_running() {
    let mut world = World::deployed(PROFILES[1], 1, &[("log-level", "loud"), ("timeout", "7")]);
    world.settle();
    assert!(world.statuses("redis")["redis/0"].starts_with("blocked `log-level`"));
    world.check();
    world.set("log-level", "warning");
    world.settle();
    assert_eq!(settings(&world, "loglevel"), ["warning"]);
    assert_eq!(settings(&world, "timeout"), ["7"]);
}
