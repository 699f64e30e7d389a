//! Redis from the distribution, or from the snap store.

use ensign_testing::Profile;
use serde_json::{Map, json};

use crate::world::{PROFILES, World};

const SNAP: (&str, &str) = ("install-source", "snap");
const OURS: &str = "/var/snap/redis/common/etc/redis/juju.conf";

fn setting(world: &World, name: &str) -> Vec<Option<String>> {
    let fleet = world.fleet.look();
    let all = fleet.machines.iter();
    let redis = all.filter(|(unit, _)| unit.as_str().starts_with("redis/"));
    redis
        .map(|(_, machine)| machine.snapd.settings.get(name).cloned())
        .collect()
}

/// What the charm's units have run.
fn runs(world: &World) -> Vec<String> {
    let fleet = world.fleet.look();
    let of_redis = fleet
        .runs
        .iter()
        .filter(|(unit, _)| unit.as_str().starts_with("redis/"));
    of_redis.map(|(_, run)| run.clone()).collect()
}

fn refused(world: &World, why: &str) {
    for (unit, status) in world.statuses("redis") {
        assert!(status.starts_with(why), "{unit}: {status}");
    }
}

/// As everywhere, with the server of the snap.
pub(crate) fn check(world: &World) {
    world.check();
    for unit in world.units() {
        let fleet = world.fleet.look();
        let machine = &fleet.machines[&unit];
        assert!(machine.snapd.installed.contains_key("redis"), "{unit}");
        assert!(!machine.packages.contains("redis-server"), "{unit}");
        assert_eq!(machine.disk.mode(OURS), Some(0o640), "{unit}");
        assert_eq!(
            machine.settings()["dir"],
            "/var/snap/redis/common/var/lib/redis"
        );
    }
}

fn snapped(profile: Profile, units: u32) -> World {
    let mut world = World::deployed(profile, units, &[SNAP]);
    world.settle();
    check(&world);
    world
}

#[test]
fn the_distributions_package_is_the_default_and_asks_no_snapd() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[("snap_proxy", "http://proxy:3128")]);
        world.settle();
        world.set("snapd_refresh", "max");
        world.set("snap_proxy_url", "http://snaps.example");
        world.settle();
        world.pass(1);
        world.check();
        let runs = runs(&world);
        let of_snap = ["snap", "curl", "date", "/run/systemd"];
        let asked = runs
            .iter()
            .find(|run| of_snap.iter().any(|word| run.contains(word)));
        assert_eq!(asked, None);
    }
}

#[test]
fn the_snaps_units_share_a_password_and_follow_one_primary() {
    for profile in PROFILES {
        let mut world = snapped(profile, 3);
        for (unit, status) in world.statuses("redis") {
            assert!(status.starts_with("active"), "{unit}: {status}");
        }
        let version = world.sim.model().status().applications["redis"]
            .version
            .clone();
        assert_eq!(version, "7.2.4");
        world.set("port", "6400");
        world.set("databases", "4");
        world.settle();
        world.pass(1);
        check(&world);
        let password = world.password();
        let leader = world.leader();
        world.action(&leader, "rotate-password", Map::new());
        world.pass(4);
        check(&world);
        assert_ne!(world.password(), password);
        let client = world.statuses("redis-client")["redis-client/0"].clone();
        assert!(client.starts_with("active"), "{client}");
        let all = runs(&world).join("\n");
        assert!(!all.contains("redis-cli ") && !all.contains(&password));
        world.sim.model().add_unit("redis").unwrap();
        world.settle();
        world.pass(1);
        check(&world);
    }
}

#[test]
fn a_cluster_is_formed_of_snaps() {
    let cluster = ("cluster-enabled", "true");
    let mut world = World::deployed(PROFILES[1], 3, &[SNAP, cluster]);
    world.settle();
    crate::cluster::check(&world, 3);
}

#[test]
fn backups_are_where_the_snap_has_its_data() {
    let mut world = snapped(PROFILES[0], 1);
    let unit = world.check();
    let password = world.password();
    let say = |world: &World, command: &str| {
        let fleet = &world.fleet;
        fleet.say(&unit, "127.0.0.1", 6379, &password, command)
    };
    say(&world, "SET a old\n");
    let path = world.action(&unit, "backup", Map::new())["path"].clone();
    say(&world, "SET a new\n");
    let params = json!({"path": path}).as_object().unwrap().clone();
    world.action(&unit, "restore", params);
    world.pass(1);
    assert_eq!(say(&world, "GET a\n"), "old\n");
}

#[test]
fn a_file_that_a_refresh_wrote_anew_includes_the_charms_again() {
    for profile in PROFILES {
        let mut world = snapped(profile, 2);
        let password = world.password();
        // The second one starts without the charm's file.
        for _ in 0..2 {
            for unit in world.units() {
                let mut fleet = world.fleet.look();
                fleet.machines.get_mut(&unit).unwrap().refresh_snap(&unit);
            }
        }
        world.pass(2);
        check(&world);
        assert_eq!(world.password(), password);
        // And the next start has it.
        for unit in world.units() {
            let mut fleet = world.fleet.look();
            let machine = fleet.machines.get_mut(&unit).unwrap();
            machine.stop();
            machine.start(&unit);
        }
        world.pass(1);
        check(&world);
    }
}

#[test]
fn settings_of_snapd_follow_their_options() {
    for profile in PROFILES {
        let mut world = snapped(profile, 2);
        let is = |value: &str| [Some(value.to_owned()), Some(value.to_owned())];
        for (option, value, name, set) in [
            (
                "snap_proxy",
                "http://proxy:1",
                "proxy.https",
                "http://proxy:1",
            ),
            (
                "snap_proxy",
                "http://proxy:2",
                "proxy.http",
                "http://proxy:2",
            ),
            ("snap_proxy", "", "proxy.http", ""),
            (
                "snap_proxy_url",
                "http://snaps.example",
                "proxy.store",
                "OurStore",
            ),
            ("snap_proxy_url", "", "proxy.store", ""),
            (
                "snapd_refresh",
                "fri5,23:00-01:00",
                "refresh.timer",
                "fri5,23:00-01:00",
            ),
            ("snapd_refresh", "max", "refresh.timer", "fri4"),
            ("snapd_refresh", "", "refresh.timer", ""),
        ] {
            world.set(option, value);
            world.settle();
            assert_eq!(setting(&world, name), is(set), "{option}={value}");
            refused(&world, "active");
        }
        for (option, wrong) in [
            ("snap_proxy", "proxy"),
            ("snap_proxy", "http://me:secret@proxy"),
            ("snap_proxy_url", "http://elsewhere.example"),
            ("snapd_refresh", "never"),
        ] {
            world.set(option, wrong);
            world.settle();
            refused(&world, &format!("blocked `{option}`"));
            check(&world);
            world.set(option, "");
            world.settle();
            refused(&world, "active");
        }
        assert!(!runs(&world).join("\n").contains("secret"));
    }
}

#[test]
fn a_store_that_fails_blocks_with_its_reason_until_it_works() {
    for profile in PROFILES {
        let mut world = World::empty(profile, 7);
        world.deploy(1, &[SNAP]);
        let down = |world: &World, down: bool| {
            let unit = world.units().remove(0);
            let mut fleet = world.fleet.look();
            let machine = fleet.machines.entry(unit).or_default();
            machine.snapd.store_is_down = down;
        };
        down(&world, true);
        world.settle();
        refused(&world, "blocked cannot install snap \"redis\": unable");
        down(&world, false);
        world.pass(2);
        check(&world);
        refused(&world, "active");
    }
}

#[test]
fn a_machine_without_systemd_is_told_that_it_can_have_no_snap() {
    let mut world = World::empty(PROFILES[1], 7);
    world.deploy(1, &[SNAP]);
    let unit = world.units().remove(0);
    let machine = |world: &World, without: bool| {
        let mut fleet = world.fleet.look();
        let machine = fleet.machines.entry(unit.clone()).or_default();
        machine.snapd.without_systemd = without;
    };
    machine(&world, true);
    world.settle();
    refused(&world, "blocked snapd cannot run on this machine");
    assert!(!runs(&world).iter().any(|run| run.contains("apt-get")));
}

#[test]
fn the_source_is_chosen_once() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[("install-source", "tarball")]);
        world.settle();
        refused(&world, "blocked `install-source` must be apt or snap");
        world.set("install-source", "snap");
        world.settle();
        world.pass(1);
        check(&world);
        refused(&world, "active");
        world.set("install-source", "apt");
        world.settle();
        refused(
            &world,
            "blocked `install-source` cannot be changed after deployment: set it back to snap",
        );
        world.sim.model().add_unit("redis").unwrap();
        world.settle();
        world.pass(1);
        check(&world);
        world.set("install-source", "snap");
        world.settle();
        refused(&world, "active");
    }
}
