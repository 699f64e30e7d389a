//! Units are lost, leave and are killed while the password is replaced.

use ensign_testing::{Faults, UnitName};

use crate::world::{PROFILES, World};

const CHOSEN: &str = "chosen";

/// The operator has chosen another password, and so many operations have been run since.
fn chosen(begin: &World, operations: usize) -> Option<World> {
    let mut world = begin.copied();
    world.set("password", CHOSEN);
    (0..operations).all(|_| world.step()).then_some(world)
}

/// `strike` at every moment of a replacement; then it has to come to its end.
fn at_every_moment(units: u32, strike: impl Fn(&mut World)) {
    for profile in PROFILES {
        let begin = World::deployed(profile, units, &[]);
        let mut moments = 0;
        while let Some(mut world) = chosen(&begin, moments) {
            strike(&mut world);
            world.settle();
            world.pass(3);
            assert_eq!(world.password(), CHOSEN, "{profile:?} at {moments}");
            assert_eq!(world.status(&world.leader()), "active ", "at {moments}");
            moments += 1;
        }
        assert!(moments > 8, "only {moments} moments");
    }
}

fn lose(world: &mut World, unit: &UnitName) {
    world.sim.model().kill_unit(unit).unwrap();
    world.settle();
    world.sim.model().remove_unit_forced(unit).unwrap();
}

#[test]
fn a_leader_that_is_lost_in_any_step_is_replaced_by_one_that_goes_on() {
    at_every_moment(3, |world| {
        let leader = world.leader();
        lose(world, &leader);
    });
}

#[test]
fn a_leader_that_leaves_in_any_step_takes_none_on_its_way() {
    at_every_moment(3, |world| {
        let leader = world.leader();
        world.sim.model().remove_unit(&leader).unwrap();
    });
}

#[test]
fn a_unit_that_leaves_in_any_step_is_accepted_until_it_is_gone() {
    at_every_moment(3, |world| {
        let follower = world.follower();
        world.sim.model().remove_unit(&follower).unwrap();
    });
}

#[test]
fn a_unit_that_is_lost_in_any_step_is_not_waited_for_once_it_is_removed() {
    at_every_moment(3, |world| {
        let follower = world.follower();
        lose(world, &follower);
    });
}

#[test]
fn a_unit_that_joins_in_any_step_begins_with_what_holds() {
    at_every_moment(2, |world| {
        world.sim.model().add_unit("shared").unwrap();
    });
}

#[test]
fn a_lost_unit_that_may_come_back_is_waited_for_by_name() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        let old = world.password();
        let lost = world.follower();
        world.sim.model().kill_unit(&lost).unwrap();
        world.rotate();
        world.pass(2);
        let waits = format!("active the new password waits for {lost}");
        assert_eq!(world.status(&world.leader()), waits);
        for (unit, passwords) in world.services() {
            assert_eq!(passwords[0], old, "{unit}");
        }
    }
}

#[test]
fn a_hook_killed_between_any_two_things_leaves_one_password() {
    for profile in PROFILES {
        let begin = World::deployed(profile, 2, &[]);
        let play = |faults: &Faults| {
            let mut world = begin.copied();
            world.set("password", CHOSEN);
            world.sim.settle_under(faults).unwrap();
            world.pass(2);
            let last = faults.steps().last().cloned();
            assert_eq!(world.password(), CHOSEN, "after {last:?}");
        };
        let counted = Faults::none();
        play(&counted);
        assert!(counted.moments() > 100, "only {}", counted.moments());
        // Odd, so that it strikes before steps and after them.
        let all = std::env::var_os("ENSIGN_TEST_EXPLORE").is_some();
        for moment in (0..counted.moments()).step_by(if all { 1 } else { 9 }) {
            play(&Faults::at(moment));
        }
    }
}
