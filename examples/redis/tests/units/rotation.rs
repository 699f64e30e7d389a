//! The password is replaced, and nobody is ever refused.

use serde_json::Map;

use ensign_testing::Faults;

use crate::fake::Role;
use crate::world::{PROFILES, World};

/// Runs everything, and looks after each operation whether links and the client still work.
fn settle_watching(world: &mut World) -> usize {
    let mut operations = 0;
    loop {
        if let Some(operation) = world.sim.poll() {
            let ran = world.sim.run(&operation, &Faults::none());
            assert!(
                ran.error.is_none(),
                "{} {}: {:?}",
                ran.unit,
                ran.name,
                ran.error
            );
            operations += 1;
        } else if world.sim.model().settled().is_settled() {
            return operations;
        } else {
            assert!(world.sim.wait_for_timer());
        }
        let fleet = world.fleet.look();
        for unit in world.units() {
            if let Role::Slave { up, .. } = fleet.server(&unit).unwrap().role {
                assert!(up, "{unit} is refused by the primary");
            }
        }
        drop(fleet);
        let client = &world.statuses("redis-client")["redis-client/0"];
        assert!(client.starts_with("active counter"), "{client}");
    }
}

#[test]
fn the_action_replaces_it_everywhere() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        world.settle();
        let old = world.password();
        let leader = world.leader();
        world
            .sim
            .model()
            .run_action(&leader, "rotate-password", Map::new())
            .unwrap();
        assert!(settle_watching(&mut world) > 5);
        world.check();
        assert_ne!(world.password(), old, "{profile:?}");
        world.pass(1);
        world.check();
        let statuses = world.statuses("redis");
        assert!(
            statuses.values().all(|status| !status.contains("password")),
            "{statuses:?}"
        );
    }
}

#[test]
fn only_the_leader_replaces_it_and_not_against_the_option() {
    let mut world = World::deployed(PROFILES[1], 2, &[]);
    world.settle();
    let leader = world.leader();
    let follower = world
        .units()
        .into_iter()
        .find(|unit| *unit != leader)
        .unwrap();
    let told = world.action(&follower, "rotate-password", Map::new());
    assert_eq!(told["message"], "only the leader replaces the password");
    world.set("password", "chosen");
    world.settle();
    assert_eq!(world.password(), "chosen");
    let told = world.action(&leader, "rotate-password", Map::new());
    assert_eq!(
        told["message"],
        "the option `password` says what it is: change it there"
    );
    world.check();
}

#[test]
fn the_option_is_the_password_from_the_beginning_and_later() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[("password", "first")]);
        world.settle();
        assert_eq!(world.password(), "first");
        world.set("password", "sec\"ond\\");
        assert!(settle_watching(&mut world) > 3);
        assert_eq!(world.password(), "sec\"ond\\");
        world.check();
        world.set("password", "");
        world.settle();
        assert_eq!(world.password(), "sec\"ond\\", "{profile:?}: it stays");
        // Two changes one after the other: the second waits for the first.
        world.set("password", "third");
        let operation = world.sim.poll().unwrap();
        world.sim.run(&operation, &Faults::none());
        world.set("password", "fourth");
        world.settle();
        assert_eq!(world.password(), "fourth");
        world.check();
    }
}

#[test]
fn juju_asks_for_a_new_one_every_month() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[]);
        world.settle();
        let old = world.password();
        world
            .sim
            .advance(std::time::Duration::from_secs(32 * 24 * 3600));
        assert!(settle_watching(&mut world) > 5);
        world.check();
        assert_ne!(world.password(), old, "{profile:?}");
    }
}

#[test]
fn the_password_is_on_no_command_line() {
    let mut world = World::deployed(PROFILES[0], 2, &[("password", "a-known-one")]);
    world.settle();
    world.set("password", "another-known-one");
    world.settle();
    world.check();
    for (unit, run) in &world.fleet.look().runs {
        assert!(!run.contains("known-one"), "{unit}: {run}");
    }
    assert!(
        !world
            .sim
            .model()
            .everything_readable()
            .replace("\"password\"", "")
            .contains("relation another-known-one")
    );
}
