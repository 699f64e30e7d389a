//! A charm of snaps, in an in-process model of Juju.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod machine;
mod snapd;

use ensign::prelude::*;
use ensign_testing::{Charm, Faults, Profile, Sim};
use layer_snap::{Snap, Snaps};
use machine::World;

#[when_changed(config = "step")]
fn step(ctx: &mut Context) -> Result {
    let step = ctx.config()?.string("step")?.unwrap_or_default();
    let words: Vec<_> = step.split(' ').collect();
    match &*words {
        ["none"] => Ok(()),
        ["install", name] => ctx.snap_install(&Snap::new(*name)),
        ["install", name, channel] => ctx.snap_install(&Snap::new(*name).channel(*channel)),
        ["classic", name] => ctx.snap_install(&Snap::new(*name).classic(true)),
        ["refresh", name] => ctx.snap_refresh(name),
        ["remove", name] => ctx.snap_remove(name),
        _ => panic!("no step is called `{step}`"),
    }
}

#[when("snap.installed.redis")]
#[when_not("charm.configured")]
fn configure(ctx: &mut Context) -> Result {
    let version = ctx.snap_version("redis")?.unwrap_or_default();
    ctx.write_file("/etc/version", version)?;
    ctx.set_flag("charm.configured")
}

#[when("charm.configured")]
#[when_not("snap.installed.redis")]
fn forget(ctx: &mut Context) -> Result {
    ctx.clear_flag("charm.configured")
}

fn model(world: &World) -> Sim {
    use layer_apt as _;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charm");
    let crates = ["layer_status", "layer_apt", "layer_snap", "snap"];
    let charm = Charm::linked(folder, &crates).unwrap();
    let mut sim = Sim::new(Profile::V3_6, 1);
    sim.install(world.clone());
    sim.deploy("snaps", &charm, 1).unwrap();
    sim
}

fn deployed(world: &World) -> Sim {
    let mut sim = model(world);
    settle(&mut sim);
    sim
}

/// With this snap, and as many settings.
fn with_redis(world: &World) -> Sim {
    let mut sim = deployed(world);
    set(&mut sim, "step", "install redis");
    world.look().runs.clear();
    sim
}

/// Settles, and expects every hook to succeed.
fn settle(sim: &mut Sim) {
    for ran in sim.settle().unwrap() {
        assert_eq!(ran.error, None, "{} of {}", ran.name, ran.unit);
    }
}

fn set(sim: &mut Sim, key: &str, value: &str) {
    let options = [(key.to_owned(), value.to_owned())].into();
    sim.model().set_config("snaps", &options).unwrap();
    settle(sim);
}

/// Lets a hook pass in which nothing happened: every few minutes Juju runs `update-status`.
fn wait(sim: &mut Sim) {
    sim.advance(std::time::Duration::from_secs(600));
    settle(sim);
}

fn status(sim: &Sim) -> String {
    let status = sim.model().status();
    let workload = &status.applications["snaps"].units[0].workload;
    format!("{} {}", workload.status, workload.message)
}

fn setting(world: &World, name: &str) -> Option<String> {
    world.look().snapd.settings.get(name).cloned()
}

#[test]
fn snapd_comes_with_the_first_snap_and_each_is_installed_once() {
    let world = World::default();
    let mut sim = deployed(&world);
    assert_eq!(world.look().runs, [""; 0], "nobody asked for a snap");
    set(&mut sim, "step", "install redis 7/stable");
    assert!(world.look().snapd.is_there);
    assert_eq!(world.changes(), ["install --channel=7/stable redis"]);
    let version = sim.files("snaps", "/etc/version").into_values().next();
    assert_eq!(version.unwrap().as_deref(), Some("7.2.4"));
    let shown = sim.model().status().applications["snaps"].version.clone();
    assert_eq!(shown, "7.2.4");
    assert_eq!(status(&sim), "active ");
    world.look().runs.clear();
    wait(&mut sim);
    assert_eq!(world.look().runs, [""; 0], "a steady hook asks nothing");
}

#[test]
fn another_channel_is_refreshed_to_and_a_snap_that_was_there_is_too() {
    let world = World::default();
    let there = ("6".to_owned(), "6/edge".to_owned());
    world
        .look()
        .snapd
        .installed
        .insert("redis".to_owned(), there);
    let mut sim = deployed(&world);
    set(&mut sim, "step", "install redis 7/stable");
    assert_eq!(world.changes(), ["refresh --channel=7/stable redis"]);
    set(&mut sim, "step", "install redis 8/stable");
    assert_eq!(world.look().snapd.installed["redis"].1, "8/stable");
    set(&mut sim, "step", "refresh redis");
    assert_eq!(world.changes()[2..], ["refresh redis"]);
    set(&mut sim, "step", "remove redis");
    assert!(world.look().snapd.installed.is_empty());
    set(&mut sim, "step", "install redis 8/stable");
    assert_eq!(world.changes()[4..], ["install --channel=8/stable redis"]);
    set(&mut sim, "step", "classic other");
    assert_eq!(world.changes()[5..], ["install --classic other"]);
}

#[test]
fn what_cannot_be_installed_blocks_with_its_reason_until_it_can() {
    let world = World::default();
    let mut sim = deployed(&world);
    world.look().snapd.store_is_down = true;
    set(&mut sim, "step", "install redis");
    let why = "cannot install snap \"redis\": unable to contact snap store";
    let blocked = format!("blocked {why}");
    assert_eq!(status(&sim), blocked);
    wait(&mut sim);
    assert_eq!(status(&sim), blocked);
    assert_eq!(world.changes(), ["install redis"; 2], "once in each hook");
    world.look().snapd.store_is_down = false;
    wait(&mut sim);
    assert_eq!(status(&sim), "active ");
    set(&mut sim, "step", "install nosuch");
    assert_eq!(
        status(&sim),
        "blocked cannot install the snap nosuch: snap \"nosuch\" not found"
    );
    set(&mut sim, "step", "remove nosuch");
    assert_eq!(status(&sim), "active ");
}

#[test]
fn another_change_is_let_finish_but_not_waited_for_for_ever() {
    let world = World::default();
    world.look().snapd.busy = 3;
    let mut sim = with_redis(&world);
    assert_eq!(status(&sim), "active ");
    world.look().snapd.busy = u32::MAX;
    set(&mut sim, "step", "refresh redis");
    assert!(
        status(&sim).ends_with("\"install-snap\" change in progress"),
        "{}",
        status(&sim)
    );
    let sleeps = |world: &World| {
        let runs = &world.look().runs;
        runs.iter().filter(|run| *run == "sleep 5").count()
    };
    assert_eq!(sleeps(&world), 24, "two minutes");
    world.look().snapd.busy = 0;
    wait(&mut sim);
    assert_eq!(status(&sim), "active ");
}

#[test]
fn a_machine_without_systemd_is_told_so_and_waits_for_nothing() {
    let world = World::default();
    world.look().snapd.without_systemd = true;
    let mut sim = deployed(&world);
    set(&mut sim, "step", "install redis");
    assert_eq!(
        status(&sim),
        "blocked snapd cannot run on this machine: it needs systemd, which does not run here"
    );
    assert_eq!(world.look().runs, ["test -d /run/systemd/system"]);
    world.look().snapd.without_systemd = false;
    wait(&mut sim);
    assert_eq!(status(&sim), "active ");
}

#[test]
fn proxies_are_set_before_the_store_is_asked_and_follow_their_options() {
    let world = World::default();
    let mut sim = deployed(&world);
    set(&mut sim, "snap_proxy", "http://proxy:3128");
    set(&mut sim, "snap_proxy_url", "http://snaps.example/");
    assert_eq!(world.look().runs, [""; 0], "nobody asked for a snap");
    set(&mut sim, "step", "install redis");
    assert_eq!(
        world.changes(),
        [
            "set system proxy.http=http://proxy:3128 proxy.https=http://proxy:3128",
            "ack /dev/stdin",
            "set system proxy.store=OurStore",
            "install redis",
        ]
    );
    assert!(world.look().runs.iter().any(|run| run == "curl --config -"));
    set(&mut sim, "snap_proxy", "");
    set(&mut sim, "snap_proxy_url", "");
    assert_eq!(setting(&world, "proxy.http").as_deref(), Some(""));
    assert_eq!(setting(&world, "proxy.store").as_deref(), Some(""));
    assert_eq!(status(&sim), "active ");
}

#[test]
fn past_a_proxy_that_is_wrong_nothing_is_fetched() {
    for (option, wrong, why) in [
        ("snap_proxy", "proxy", "`snap_proxy`: must be the URL"),
        (
            "snap_proxy",
            "http://me:secret@proxy",
            "`snap_proxy`: must not hold a user or a password",
        ),
        (
            "snap_proxy_url",
            "http://elsewhere.example",
            "`snap_proxy_url`: curl: (6) Could not resolve host",
        ),
    ] {
        let world = World::default();
        let mut sim = deployed(&world);
        set(&mut sim, option, wrong);
        set(&mut sim, "step", "install redis");
        let shown = status(&sim);
        assert!(shown.starts_with(&format!("blocked {why}")), "{shown}");
        assert_eq!(world.changes(), [""; 0]);
        let told = format!("{shown} {:?}", sim.model().drain_log());
        assert!(!told.contains("secret"), "{told}");
        assert!(!world.look().runs.join(" ").contains("secret"));
        set(&mut sim, option, "");
        assert_eq!(status(&sim), "active ");
        assert_eq!(world.changes(), ["install redis"]);
    }
}

#[test]
fn refreshes_come_when_the_operator_wants_them() {
    let world = World::default();
    let mut sim = with_redis(&world);
    assert_eq!(setting(&world, "refresh.timer"), None, "snapd's own");
    set(&mut sim, "snapd_refresh", "max");
    assert_eq!(setting(&world, "refresh.timer").as_deref(), Some("fri4"));
    set(&mut sim, "snapd_refresh", "never");
    let shown = status(&sim);
    assert!(
        shown.starts_with("blocked `snapd_refresh`: cannot perform")
            && shown.contains("not a valid day"),
        "{shown}"
    );
    set(&mut sim, "step", "install other");
    assert!(world.look().snapd.installed.contains_key("other"));
    set(&mut sim, "snapd_refresh", "mon,23:00");
    assert_eq!(
        setting(&world, "refresh.timer").as_deref(),
        Some("mon,23:00")
    );
    assert_eq!(status(&sim), "active ");
    set(&mut sim, "snapd_refresh", "");
    assert_eq!(setting(&world, "refresh.timer").as_deref(), Some(""));
}

#[test]
fn a_unit_killed_at_any_moment_has_its_snap_and_its_settings() {
    let mut struck = 0;
    for moment in 0.. {
        let world = World::default();
        let mut sim = deployed(&world);
        let options = [
            ("step", "install redis"),
            ("snap_proxy_url", "http://snaps.example"),
            ("snapd_refresh", "max"),
        ];
        let options = options.map(|(key, value)| (key.to_owned(), value.to_owned()));
        sim.model().set_config("snaps", &options.into()).unwrap();
        let faults = Faults::at(moment);
        let fate = |_: &_| {
            if faults.struck() {
                Faults::none()
            } else {
                faults.clone()
            }
        };
        sim.settle_with(fate).unwrap();
        if !faults.struck() {
            break;
        }
        struck += 1;
        assert_eq!(
            status(&sim),
            "active ",
            "killed at {moment}, after {:?}",
            faults.steps().last()
        );
        assert!(world.look().snapd.installed.contains_key("redis"));
        assert_eq!(setting(&world, "proxy.store").as_deref(), Some("OurStore"));
        assert_eq!(setting(&world, "refresh.timer").as_deref(), Some("fri4"));
    }
    assert!(struck > 20, "only {struck} kills");
}
