//! A cluster is formed, grows, shrinks and is mended.

use ensign_testing::{Faults, Profile, UnitName};

use crate::world::{PROFILES, World};

fn formed(profile: Profile, units: u32) -> World {
    let mut world = World::deployed(profile, units, &[("cluster-enabled", "true")]);
    world.settle();
    world.pass(1);
    world
}

/// Every unit's node sees all slots covered, none on its way, and who leads of `primaries` in all.
pub(crate) fn check(world: &World, primaries: usize) {
    let password = world.password();
    let fleet = world.fleet.look();
    assert_eq!(fleet.alarms, Vec::<String>::new());
    let units = world.units();
    let mut counts = Vec::new();
    for unit in &units {
        let server = fleet
            .server(unit)
            .unwrap_or_else(|| panic!("{unit} has no server"));
        assert_eq!(
            server.settings.passwords,
            std::slice::from_ref(&password),
            "{unit}"
        );
        assert!(fleet.is_covered(unit), "{unit} does not see all slots");
        let node = fleet.node(unit).unwrap();
        assert_eq!(node.open, None, "{unit}");
        assert_eq!(
            node.known.len(),
            units.len() - 1,
            "{unit} knows others than there are"
        );
        if node.slots.is_empty() {
            assert!(
                node.master.is_some(),
                "{unit} has no slots and follows nobody"
            );
        } else {
            counts.push(node.slots.len());
        }
    }
    assert_eq!(counts.len(), primaries, "{counts:?}");
    let even = 16_384 / primaries;
    assert!(
        counts.iter().all(|count| count.abs_diff(even) <= even / 25),
        "{counts:?}"
    );
}

#[test]
fn three_units_form_a_cluster_and_two_wait() {
    for profile in PROFILES {
        let world = formed(profile, 3);
        check(&world, 3);
        let client = &world.statuses("redis-client")["redis-client/0"];
        assert!(client.starts_with("active counter"), "{client}");
        let world = formed(profile, 2);
        let statuses = world.statuses("redis");
        let leader = &statuses[world.leader().as_str()];
        assert!(
            leader.contains("a cluster needs 1 more units"),
            "{statuses:?}"
        );
    }
}

#[test]
fn a_node_that_has_forgotten_the_others_is_introduced_again() {
    for profile in PROFILES {
        for units in [3, 6] {
            let mut world = formed(profile, units);
            let leader = world.leader();
            let password = world.password();
            for follower in world.units().into_iter().filter(|unit| *unit != leader) {
                let mut fleet = world.fleet.look();
                let known = fleet.node(&follower).unwrap().known.clone();
                let forget: String = known
                    .iter()
                    .map(|id| format!("CLUSTER FORGET {id}\n"))
                    .collect();
                fleet.converse(&follower, "127.0.0.1", 6379, &password, &forget, true);
                let left = fleet.node(&follower).unwrap().known.len();
                assert!(left < known.len(), "{follower} still knows {left}");
                drop(fleet);
                world.pass(1);
                check(&world, 3);
            }
        }
    }
}

#[test]
fn it_grows_and_shrinks_without_losing_a_key() {
    for profile in PROFILES {
        let mut world = formed(profile, 3);
        let counter = |world: &World| -> u64 {
            let status = world.statuses("redis-client")["redis-client/0"].clone();
            let words: Vec<&str> = status.split(' ').collect();
            assert!(status.starts_with("active counter"), "{status}");
            words[2].parse().unwrap()
        };
        let mut last = counter(&world);
        for (units, primaries) in [(4, 4), (5, 5), (6, 3), (7, 3), (8, 4)] {
            world.sim.model().add_unit("redis").unwrap();
            world.settle();
            world.pass(1);
            check(&world, primaries);
            assert_eq!(world.units().len(), units);
            let now = counter(&world);
            assert!(now > last, "the counter was {last} and is {now}");
            last = now;
        }
        for _ in 0..4 {
            let leaving = world
                .units()
                .into_iter()
                .find(|unit| *unit != world.leader())
                .unwrap();
            world.sim.model().remove_unit(&leaving).unwrap();
            world.settle();
            world.fleet.lose(&leaving);
            world.pass(2);
            let primaries = primaries(&world);
            check(&world, primaries);
            let now = counter(&world);
            assert!(now > last, "the counter was {last} and is {now}");
            last = now;
        }
    }
}

fn primaries(world: &World) -> usize {
    let fleet = world.fleet.look();
    let units = world.units();
    units
        .iter()
        .filter(|unit| !fleet.node(unit).unwrap().slots.is_empty())
        .count()
}

fn losable(world: &World) -> UnitName {
    losable_of(world, None)
}

fn losable_of(world: &World, lost: Option<&UnitName>) -> UnitName {
    let fleet = world.fleet.look();
    let leader = world.leader();
    let mut units = world.units();
    units.retain(|unit| *unit != leader && Some(unit) != lost);
    let found = units
        .into_iter()
        .find(|u| !fleet.node(u).unwrap().slots.is_empty());
    found.unwrap()
}

#[test]
fn below_six_a_lost_node_is_told_of_and_healed_when_its_unit_is_removed() {
    for profile in PROFILES {
        let mut world = formed(profile, 4);
        let lost = losable(&world);
        world.lose(&lost);
        world.pass(2);
        let status = world.statuses("redis")[world.leader().as_str()].clone();
        assert!(status.starts_with("blocked the node at 10."), "{status}");
        world.sim.model().remove_unit_forced(&lost).unwrap();
        world.settle();
        world.pass(2);
        check(&world, 3);
    }
}

#[test]
fn from_six_on_a_replica_takes_over() {
    for profile in PROFILES {
        let mut world = formed(profile, 6);
        check(&world, 3);
        let lost = losable(&world);
        world.lose(&lost);
        world.pass(2);
        assert!(world.fleet.look().is_covered(&world.leader()));
        let statuses = world.statuses("redis");
        assert!(
            statuses.values().all(|status| status.starts_with("active")),
            "{statuses:?}"
        );
        world.sim.model().remove_unit_forced(&lost).unwrap();
        world.settle();
        world.pass(2);
        check(&world, 3);
    }
}

#[test]
fn where_most_primaries_are_lost_their_replicas_take_over_when_the_units_are_removed() {
    for profile in PROFILES {
        let mut world = formed(profile, 6);
        let leader = world.leader();
        let mut primaries = world.units();
        primaries.retain(|unit| {
            let fleet = world.fleet.look();
            let has_slots = !fleet.node(unit).unwrap().slots.is_empty();
            has_slots && *unit != leader
        });
        primaries.truncate(2);
        for lost in &primaries {
            world.lose(lost);
        }
        world.pass(2);
        assert!(
            !world.fleet.look().is_covered(&leader),
            "nobody is voted for"
        );
        for lost in &primaries {
            world.sim.model().remove_unit_forced(lost).unwrap();
        }
        world.settle();
        world.pass(2);
        check(&world, 3);
    }
}

#[test]
fn moving_slots_that_was_interrupted_is_taken_up_again_beside_a_lost_node() {
    for profile in PROFILES {
        let mut world = formed(profile, 6);
        let lost = losable(&world);
        world.lose(&lost);
        world.pass(2);
        let before = {
            let mut fleet = world.fleet.look();
            fleet.stumbles = 2;
            fleet.reshards += 1 - fleet.reshards % 2;
            fleet.reshards
        };
        for _ in 0..3 {
            world.sim.model().add_unit("redis").unwrap();
        }
        world.settle();
        world.pass(1);
        let statuses = world.statuses("redis");
        assert!(
            statuses.values().all(|status| status.starts_with("active")),
            "{statuses:?}"
        );
        let fleet = world.fleet.look();
        assert!(fleet.reshards > before, "slots have moved");
        for unit in world.units().into_iter().filter(|unit| *unit != lost) {
            assert_eq!(fleet.node(&unit).unwrap().open, None, "{unit}");
        }
    }
}

#[test]
fn moving_slots_that_was_interrupted_is_taken_up_again() {
    for profile in PROFILES {
        let mut world = formed(profile, 3);
        world.fleet.look().stumbles = 2;
        for primaries in [4, 5] {
            world.sim.model().add_unit("redis").unwrap();
            world.settle();
            world.pass(1);
            check(&world, primaries);
        }
        let leaving = losable(&world);
        world.sim.model().remove_unit(&leaving).unwrap();
        world.settle();
        world.fleet.lose(&leaving);
        world.pass(2);
        check(&world, 4);
    }
}

/// Word of a node takes a moment to reach all others: what one refuses meanwhile is no failure.
#[test]
fn a_node_that_has_not_heard_of_its_primary_is_told_again() {
    for profile in PROFILES {
        let mut world = World::empty(profile, 7);
        world.fleet.look().unheard = 5;
        world.deploy(6, &[("cluster-enabled", "true")]);
        world.settle();
        world.pass(1);
        check(&world, 3);
        assert_eq!(world.fleet.look().unheard, 0);
    }
}

/// Not only after its next `update-status`.
#[test]
fn a_node_that_joins_says_so_as_soon_as_it_has() {
    for profile in PROFILES {
        let mut world = formed(profile, 3);
        for _ in 0..3 {
            world.sim.model().add_unit("redis").unwrap();
        }
        world.settle();
        for (unit, status) in world.statuses("redis") {
            assert!(status.starts_with("active"), "{unit}: {status}");
        }
    }
}

/// Its bus stays where it is, so that no node ever misses another, and no server starts anew.
#[test]
fn the_port_of_a_cluster_changes_while_it_runs() {
    for profile in PROFILES {
        let mut world = formed(profile, 6);
        let starts = |world: &World| -> usize {
            let fleet = world.fleet.look();
            fleet.machines.values().map(|machine| machine.starts).sum()
        };
        let before = starts(&world);
        world.set("port", "6400");
        world.settle();
        world.pass(1);
        check(&world, 3);
        assert_eq!(starts(&world), before);
        let statuses = world.statuses("redis");
        assert!(
            statuses.values().all(|status| status.starts_with("active")),
            "{statuses:?}"
        );
        let client = &world.statuses("redis-client")["redis-client/0"];
        assert!(client.starts_with("active counter"), "{client}");
        assert!(client.ends_with(":6400"), "{client}");
        for unit in &world.sim.model().status().applications["redis"].units {
            assert_eq!(unit.ports, ["6400/tcp", "16379/tcp"], "{}", unit.unit);
        }
        // Who joins later learns where the bus is.
        world.sim.model().add_unit("redis").unwrap();
        world.settle();
        world.pass(1);
        check(&world, 3);
    }
}

/// `redis-cli` gives the slots of whom it cannot reach to others, with nothing in them.
#[test]
fn a_node_that_reads_its_data_keeps_its_slots() {
    for profile in PROFILES {
        let mut world = formed(profile, 6);
        // Beside a lost node, which has none.
        let lost = losable(&world);
        world.lose(&lost);
        world.pass(2);
        let reads = losable_of(&world, Some(&lost));
        world.fleet.look().loading.insert(reads);
        world.pass(2);
        world.fleet.look().loading.clear();
        world.sim.model().remove_unit_forced(&lost).unwrap();
        world.settle();
        world.pass(2);
        check(&world, 3);
    }
}

/// A lost node is one that answers too slowly, until the others have noticed.
#[test]
fn who_waits_for_a_lost_node_looks_again_and_mends_nothing() {
    for profile in PROFILES {
        let mut world = formed(profile, 3);
        world.fleet.look().runs.clear();
        world.fleet.look().hangs = 3;
        world.pass(1);
        check(&world, 3);
        let fleet = world.fleet.look();
        assert_eq!(fleet.hangs, 0);
        let managed = fleet
            .runs
            .iter()
            .map(|(_, run)| run)
            .filter(|run| run.contains("--cluster"));
        let mut managed: Vec<&str> = managed
            .map(|run| run.split(" 127").next().unwrap())
            .collect();
        managed.dedup();
        assert_eq!(managed, ["timeout 10 redis-cli --cluster check"]);
    }
}

/// The leader leaves while a node is lost: it is told of, and mended by the one that leaves.
#[test]
fn a_leader_hands_its_slots_over_once_a_lost_unit_is_removed() {
    for profile in PROFILES {
        let mut world = formed(profile, 4);
        let lost = losable(&world);
        world.lose(&lost);
        let leader = world.leader();
        world.sim.model().remove_unit(&leader).unwrap();
        let mut failures = 0;
        while failures < 3 {
            let Some(operation) = world.sim.poll() else {
                assert!(world.sim.wait_for_timer());
                continue;
            };
            let ran = world.sim.run(&operation, &Faults::none());
            if let Some(error) = ran.error {
                assert_eq!(ran.name, "stop");
                assert!(error.to_string().contains("is lost"), "{error}");
                failures += 1;
            }
        }
        world.sim.model().remove_unit_forced(&lost).unwrap();
        world.settle();
        world.fleet.lose(&leader);
        world.sim.model().add_unit("redis").unwrap();
        world.settle();
        world.pass(2);
        check(&world, 3);
    }
}
