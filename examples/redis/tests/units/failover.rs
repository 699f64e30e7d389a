//! A unit is lost, and the others go on.

use ensign_testing::{Faults, UnitName};

use crate::fake::Fleet;
use crate::world::{PROFILES, World};

/// Writes at the primary, and has it acknowledged by a replica.
fn write(world: &World, key: &str) -> bool {
    let primary = world.check();
    let password = world.password();
    let said = world.fleet.say(
        &primary,
        "127.0.0.1",
        6379,
        &password,
        &format!("SET {key} x\nWAIT 1 1000\n"),
    );
    !said.contains("NOREPLICAS") && !said.ends_with("0\n")
}

fn read(fleet: &Fleet, unit: &UnitName, password: &str, key: &str) -> String {
    fleet
        .say(unit, "127.0.0.1", 6379, password, &format!("GET {key}\n"))
        .trim()
        .to_owned()
}

#[test]
fn a_lost_primary_is_replaced_and_nothing_acknowledged_is_lost() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        world.settle();
        assert!(write(&world, "a"));
        let primary = world.check();
        world.lose(&primary);
        world.settle();
        world.pass(2);
        let new = world.check();
        assert_ne!(new, primary);
        assert_eq!(read(&world.fleet, &new, &world.password(), "a"), "x");
        assert!(write(&world, "b"));
        let client = &world.statuses("redis-client")["redis-client/0"];
        assert!(client.starts_with("active counter"), "{client}");
        world.sim.model().add_unit("redis").unwrap();
        world.settle();
        world.pass(1);
        assert_eq!(world.check(), new);
    }
}

#[test]
fn the_replica_that_knows_most_becomes_the_primary() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        world.settle();
        let primary = world.check();
        let replicas: Vec<UnitName> = world
            .units()
            .into_iter()
            .filter(|unit| *unit != primary)
            .collect();
        for ahead in 0..2 {
            let mut world = World::deployed(profile, 3, &[]);
            world.settle();
            // The other one has not heard of the last write when the primary is lost.
            world.fleet.cut(&replicas[1 - ahead], true);
            assert!(
                world
                    .fleet
                    .say(&primary, "127.0.0.1", 6379, &world.password(), "SET a x\n")
                    .contains("OK")
            );
            world.fleet.lose(&primary);
            world.fleet.cut(&replicas[1 - ahead], false);
            world.sim.model().kill_unit(&primary).unwrap();
            world.settle();
            world.pass(2);
            assert_eq!(world.check(), replicas[ahead]);
        }
    }
}

#[test]
fn a_single_unit_that_is_left_takes_writes_again() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[]);
        world.settle();
        for unit in world.units() {
            if unit == world.check() {
                continue;
            }
            world.lose(&unit);
            world.sim.model().remove_unit_forced(&unit).unwrap();
            world.settle();
            world.pass(3);
            let primary = world.check();
            let said = world
                .fleet
                .say(&primary, "127.0.0.1", 6379, &world.password(), "SET a x\n");
            assert!(said.starts_with("OK"), "{profile:?}: {said}");
            break;
        }
    }
}

#[test]
fn two_units_of_two_are_one_too_many_and_the_operator_is_told() {
    let mut world = World::deployed(PROFILES[1], 3, &[]);
    world.settle();
    let primary = world.check();
    let other = world
        .units()
        .into_iter()
        .find(|unit| *unit != primary && *unit != world.leader())
        .unwrap();
    world.lose(&other);
    world.lose(&primary);
    world.settle();
    world.pass(2);
    let status = world.statuses("redis").into_values().next().unwrap();
    assert!(
        status.starts_with("blocked neither the primary"),
        "{status}"
    );
    assert!(status.contains("juju remove-unit --force"), "{status}");
    for lost in [other, primary] {
        world.sim.model().remove_unit_forced(&lost).unwrap();
    }
    world.settle();
    world.pass(2);
    world.check();
}

#[test]
fn a_leader_that_is_cut_off_names_nobody() {
    let mut world = World::deployed(PROFILES[1], 3, &[]);
    world.settle();
    let primary = world.check();
    let leader = world
        .units()
        .into_iter()
        .find(|unit| *unit != primary)
        .unwrap();
    world.sim.model().force_leader(&leader).unwrap();
    world.settle();
    world.fleet.cut(&leader, true);
    world.pass(2);
    world.fleet.cut(&leader, false);
    world.pass(2);
    assert_eq!(world.check(), primary);
}

#[test]
fn a_primary_that_leaves_hands_over_first() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        world.settle();
        assert!(write(&world, "a"));
        let primary = world.check();
        world.sim.model().remove_unit(&primary).unwrap();
        world.settle();
        world.fleet.lose(&primary);
        world.pass(1);
        let new = world.check();
        assert_eq!(read(&world.fleet, &new, &world.password(), "a"), "x");
        for _ in 0..2 {
            let leaving = world.check();
            world.sim.model().remove_unit(&leaving).unwrap();
            world.settle();
            world.fleet.lose(&leaving);
            world.pass(1);
            if world.units().is_empty() {
                return;
            }
            world.check();
        }
    }
}

#[test]
fn a_single_unit_takes_writes_and_two_only_with_a_replica() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 1, &[]);
        world.settle();
        let primary = world.check();
        world.pass(1);
        let counter = world.statuses("redis-client")["redis-client/0"].clone();
        assert!(counter.starts_with("active counter"), "{counter}");
        world.sim.model().add_unit("redis").unwrap();
        world.settle();
        assert_eq!(world.check(), primary);
        assert!(write(&world, "a"));
        let replica = world
            .units()
            .into_iter()
            .find(|unit| *unit != primary)
            .unwrap();
        world.fleet.cut(&replica, true);
        let said = world
            .fleet
            .say(&primary, "127.0.0.1", 6379, &world.password(), "SET b x\n");
        assert!(said.starts_with("NOREPLICAS"), "{said}");
        world.fleet.cut(&replica, false);
        world.pass(1);
        world.check();
    }
}

#[test]
fn a_server_that_has_crashed_is_started_again() {
    let mut world = World::deployed(PROFILES[1], 2, &[]);
    world.settle();
    let primary = world.check();
    let replica = world
        .units()
        .into_iter()
        .find(|unit| *unit != primary)
        .unwrap();
    world.fleet.crash(&replica);
    world.pass(2);
    assert_eq!(world.check(), primary);
    assert!(world.statuses("redis")[replica.as_str()].starts_with("active replica"));
}

#[test]
fn a_leader_that_leaves_decides_nothing_on_its_way_out() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        world.settle();
        let primary = world.check();
        let leader = world
            .units()
            .into_iter()
            .find(|unit| *unit != primary)
            .unwrap();
        world.sim.model().force_leader(&leader).unwrap();
        world.settle();
        world.sim.model().remove_unit(&leader).unwrap();
        world.settle();
        assert!(
            world.fleet.look().server(&leader).is_none(),
            "its server is stopped"
        );
        world.fleet.lose(&leader);
        world.pass(1);
        assert_eq!(world.check(), primary, "{profile:?}");
    }
}

/// Juju runs `stop` only for units that had started.
#[test]
fn a_unit_that_is_removed_before_its_start_leaves_no_server_behind() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        let first = loop {
            let operation = world.sim.poll().expect("there is more to do");
            let ran = world.sim.run(&operation, &Faults::none());
            let serves = |unit: &UnitName| world.fleet.look().server(unit).is_some();
            if ran.name == "cluster-relation-created" && serves(&ran.unit) {
                break ran.unit;
            }
        };
        world.sim.model().remove_unit(&first).unwrap();
        world.settle();
        world.pass(2);
        assert!(world.fleet.look().server(&first).is_none(), "{first}");
        assert_ne!(world.check(), first);
    }
}
