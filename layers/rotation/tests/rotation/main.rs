//! Units of a charm share a password, which is replaced, in an in-process model of Juju.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod losses;
mod world;

use std::time::Duration;

use ensign_testing::Faults;

use world::{PROFILES, World};

#[test]
fn all_units_have_the_password_that_the_leader_made() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        let password = world.password();
        assert_eq!(password.len(), 32);
        world.sim.model().add_unit("shared").unwrap();
        world.settle();
        assert_eq!(world.services().len(), 4);
        assert_eq!(world.password(), password);
        assert!(!world.sim.model().everything_readable().contains(&password));
    }
}

#[test]
fn the_action_replaces_it_and_nobody_is_ever_refused() {
    for profile in PROFILES {
        for units in 1..4 {
            let mut world = World::deployed(profile, units, &[]);
            let old = world.password();
            world.rotate();
            world.pass(2);
            assert_ne!(world.password(), old, "{profile:?}");
            assert_eq!(world.status(&world.leader()), "active ");
            let readable = world.sim.model().everything_readable();
            assert!(!readable.contains(&world.password()));
        }
    }
}

#[test]
fn only_the_leader_replaces_it_and_one_after_the_other() {
    let mut world = World::deployed(PROFILES[1], 2, &[("busy", "true")]);
    let follower = world.follower();
    let told = world.rotate_on(&follower);
    assert_eq!(told, "only the leader replaces the password");
    world.rotate();
    let leader = world.leader();
    assert_eq!(world.rotate_on(&leader), "it is being replaced already");
}

#[test]
fn the_former_one_is_accepted_until_no_client_uses_it() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[("busy", "true")]);
        let old = world.password();
        world.rotate();
        world.pass(2);
        for (unit, passwords) in world.services() {
            assert!(passwords[0] != old && passwords[1] == old, "{unit}");
        }
        let waits = "active the new password waits for clients";
        assert_eq!(world.status(&world.leader()), waits);
        world.set("busy", "false");
        world.settle();
        assert_ne!(world.password(), old);
        assert_eq!(world.status(&world.leader()), "active ");
    }
}

#[test]
fn the_option_is_the_password_from_the_beginning_and_later() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[("password", "first")]);
        assert_eq!(world.password(), "first");
        let leader = world.leader();
        let complaint = "the option `password` says what it is: change it there";
        assert_eq!(world.rotate_on(&leader), complaint);
        // Two changes one after the other: the second waits for the first.
        world.set("password", "second");
        let operation = world.sim.poll().unwrap();
        world.sim.run(&operation, &Faults::none());
        world.set("password", "third");
        world.settle();
        assert_eq!(world.password(), "third");
        world.set("password", "");
        world.settle();
        assert_eq!(world.password(), "third", "it stays");
    }
}

#[test]
fn an_option_that_can_be_no_password_is_named_and_changes_nothing() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[("password", "with space")]);
        let made = world.password();
        assert_eq!(made.len(), 32);
        let complaint =
            "blocked `password` must be at most 512 printable ASCII characters without spaces";
        for unit in [world.leader(), world.follower()] {
            assert_eq!(world.status(&unit), complaint);
        }
        world.set("password", "");
        world.settle();
        assert_eq!(world.status(&world.leader()), "active ");
        assert_eq!(world.password(), made);
    }
}

#[test]
fn juju_asks_for_a_new_one_every_month() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[]);
        let old = world.password();
        world.sim.advance(Duration::from_secs(32 * 24 * 3600));
        world.settle();
        assert_ne!(world.password(), old, "{profile:?}");
    }
}

#[test]
fn juju_asks_once_for_one_that_the_operator_has_chosen() {
    let mut world = World::deployed(PROFILES[1], 2, &[("password", "chosen")]);
    let asked = |world: &World| {
        let leader = world.leader();
        let model = world.sim.model();
        let hooks = model.history(&leader).iter().map(|hook| hook.hook.clone());
        hooks.filter(|hook| hook == "secret-rotate").count()
    };
    world.sim.advance(Duration::from_secs(32 * 24 * 3600));
    world.settle();
    assert_eq!(asked(&world), 1);
    world.pass(2);
    assert_eq!((asked(&world), &*world.password()), (1, "chosen"));
}
