//! A unit is killed between any two things it does, and it all comes right.

use serde_json::Map;

use ensign_testing::{Faults, Profile};

use crate::world::{PROFILES, World};

/// At how many moments a step is killed, unless `ensign test --explore` asks for all.
const KILLS: usize = 24;

/// Plays `step` from there on, and kills at moments all over it, in a model of its own each time.
fn kill_everywhere(begin: &World, step: impl Fn(&mut World)) {
    kill_and_check(begin, step, |world| drop(world.check()));
}

fn kill_and_check(begin: &World, step: impl Fn(&mut World), check: impl Fn(&World)) {
    let play = |faults: &Faults| {
        let mut world = begin.copied();
        step(&mut world);
        let settled = world.sim.settle_with(|_| {
            if faults.struck() {
                Faults::none()
            } else {
                faults.clone()
            }
        });
        if let Err(e) = settled {
            panic!("after {:?}: {e}", faults.steps().last());
        }
        world.pass(3);
        world
    };
    let counted = Faults::none();
    check(&play(&counted));
    let moments = counted.moments();
    assert!(moments > 40, "only {moments} moments");
    let all = std::env::var_os("ENSIGN_TEST_EXPLORE").is_some();
    // Odd, so that it strikes before steps and after them.
    let stride = if all { 1 } else { (moments / KILLS) | 1 };
    for moment in (0..moments).step_by(stride) {
        let faults = Faults::at(moment);
        let world = play(&faults);
        assert!(faults.struck(), "moment {moment} never came");
        let last = faults.steps().last().cloned();
        let statuses = world.statuses("redis");
        assert!(
            statuses.values().all(|status| status.starts_with("active")),
            "killed at {moment}, after {last:?}: {statuses:?}"
        );
        check(&world);
    }
}

fn settled(profile: Profile, units: u32) -> World {
    let mut world = World::deployed(profile, units, &[]);
    world.settle();
    world
}

#[test]
fn while_it_is_deployed() {
    for profile in PROFILES {
        kill_everywhere(&World::empty(profile, 7), |world| world.deploy(2, &[]));
    }
}

#[test]
fn while_it_is_deployed_from_the_snap_store() {
    for profile in PROFILES {
        let options = [
            ("install-source", "snap"),
            ("snap_proxy_url", "http://snaps.example"),
            ("snapd_refresh", "max"),
        ];
        let deploy = |world: &mut World| world.deploy(2, &options);
        kill_and_check(&World::empty(profile, 7), deploy, crate::source::check);
    }
}

#[test]
fn while_the_password_is_replaced() {
    for profile in PROFILES {
        kill_everywhere(&settled(profile, 2), |world| {
            let leader = world.leader();
            let model = &mut world.sim.model();
            model
                .run_action(&leader, "rotate-password", Map::new())
                .unwrap();
        });
    }
}

#[test]
fn while_another_primary_is_named() {
    for profile in PROFILES {
        kill_everywhere(&settled(profile, 3), |world| {
            let primary = world.check();
            world.lose(&primary);
            world.sim.advance(std::time::Duration::from_secs(400));
        });
    }
}

#[test]
fn while_options_change_and_a_unit_joins() {
    for profile in PROFILES {
        kill_everywhere(&settled(profile, 2), |world| {
            world.set("databases", "3");
            world.set("port", "6400");
            world.set("password", "chosen");
            world.sim.model().add_unit("redis").unwrap();
        });
    }
}

#[test]
fn while_a_cluster_is_formed_and_grows() {
    let mut world = World::empty(PROFILES[1], 7);
    world.deploy(3, &[("cluster-enabled", "true")]);
    kill_and_check(&world, |_| {}, |world| crate::cluster::check(world, 3));
    world.settle();
    world.fleet.look().stumbles = 2;
    let grow = |world: &mut World| drop(world.sim.model().add_unit("redis").unwrap());
    kill_and_check(&world, grow, |world| crate::cluster::check(world, 4));
}

#[test]
fn while_a_unit_leaves_its_cluster() {
    let mut world = World::empty(PROFILES[0], 7);
    world.deploy(4, &[("cluster-enabled", "true")]);
    world.settle();
    let leaves = |world: &mut World| {
        let leaving = world
            .units()
            .into_iter()
            .find(|unit| *unit != world.leader());
        world.sim.model().remove_unit(&leaving.unwrap()).unwrap();
    };
    kill_and_check(&world, leaves, |world| crate::cluster::check(world, 3));
}

/// Plays `step` from there on, and breaks the connection to a server at each command in turn, or at some of them all
/// over it, in a model of its own each time.
fn break_everywhere(begin: &World, step: impl Fn(&mut World), check: impl Fn(&World)) {
    let play = |at: Option<usize>| {
        let mut world = begin.copied();
        {
            let mut fleet = world.fleet.look();
            (fleet.commands, fleet.breaks_at) = (0, at);
        }
        step(&mut world);
        if let Err(e) = world.sim.settle_with(|_| Faults::none()) {
            panic!("with command {at:?}: {e}");
        }
        let commands = world.fleet.look().commands;
        world.pass(3);
        let statuses = world.statuses("redis");
        assert!(
            statuses.values().all(|status| status.starts_with("active")),
            "with command {at:?}: {statuses:?}"
        );
        check(&world);
        commands
    };
    let commands = play(None);
    assert!(commands > 10, "only {commands} commands");
    let all = std::env::var_os("ENSIGN_TEST_EXPLORE").is_some();
    let stride = if all { 1 } else { (commands / KILLS) | 1 };
    for at in (1..=commands).step_by(stride) {
        play(Some(at));
    }
}

#[test]
fn while_a_connection_breaks_at_any_command_of_replicas() {
    for profile in PROFILES {
        let check = |world: &World| drop(world.check());
        break_everywhere(&World::empty(profile, 7), |w| w.deploy(3, &[]), check);
        let fail = |world: &mut World| {
            let primary = world.check();
            world.lose(&primary);
            world.sim.advance(std::time::Duration::from_secs(400));
        };
        break_everywhere(&settled(profile, 3), fail, check);
        let rotate = |world: &mut World| {
            let leader = world.leader();
            let mut model = world.sim.model();
            model
                .run_action(&leader, "rotate-password", Map::new())
                .unwrap();
        };
        break_everywhere(&settled(profile, 2), rotate, check);
    }
}

#[test]
fn while_a_connection_breaks_at_any_command_of_a_cluster() {
    let options = [("cluster-enabled", "true")];
    let check = crate::cluster::check;
    break_everywhere(
        &World::empty(PROFILES[1], 7),
        |world| world.deploy(3, &options),
        |world| check(world, 3),
    );
    let mut world = World::deployed(PROFILES[0], 3, &options);
    world.settle();
    let grow = |world: &mut World| drop(world.sim.model().add_unit("redis").unwrap());
    break_everywhere(&world, grow, |world| check(world, 4));
}
