//! A charm of packages, in an in-process model of Juju.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod machine;

use ensign::prelude::*;
use ensign_testing::{Charm, Faults, Profile, Sim};
use layer_apt::{Apt, Source};
use machine::{Fault, World};

#[when("apt.installed.redis-server", "apt.installed.redis-tools")]
#[when_not("charm.configured")]
fn configure(ctx: &mut Context) -> Result {
    let version = ctx.package_version("redis-server")?.unwrap_or_default();
    ctx.write_file("/etc/redis/version", version)?;
    ctx.set_flag("charm.configured")
}

#[when_changed(config = "step")]
fn step(ctx: &mut Context) -> Result {
    let step = ctx.config()?.string("step")?.unwrap_or_default();
    let words: Vec<_> = step.split(' ').collect();
    match &*words {
        ["none"] => Ok(()),
        ["install", packages @ ..] => ctx.apt_install(packages),
        ["purge", packages @ ..] => ctx.apt_purge(packages),
        ["hold", packages @ ..] => ctx.apt_hold(packages),
        ["unhold", packages @ ..] => ctx.apt_unhold(packages),
        ["source", name, line @ ..] => ctx.apt_source(name, &Source::new(line.join(" "))),
        ["forget", name] => ctx.apt_source_remove(name),
        _ => panic!("no step is called `{step}`"),
    }
}

fn charm() -> Charm {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charm");
    Charm::linked(folder, &["layer_status", "layer_apt", "apt"]).unwrap()
}

fn world() -> World {
    let world = World::default();
    let versions = [
        ("redis-server", "5:7.0.15-1~deb12u1"),
        ("redis-tools", "5:7.0.15-1~deb12u1"),
        ("curl", "8.1-2"),
        ("nginx", "1.2"),
    ];
    world.look().archive = versions
        .map(|(name, version)| (name.to_owned(), version.to_owned()))
        .into();
    world
}

fn model(world: &World) -> Sim {
    let mut sim = Sim::new(Profile::V3_6, 1);
    sim.install(world.clone());
    sim.deploy("packages", &charm(), 1).unwrap();
    sim
}

fn deployed(world: &World) -> Sim {
    let mut sim = model(world);
    settle(&mut sim);
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
    sim.model().set_config("packages", &options).unwrap();
    settle(sim);
}

/// Lets a hook pass in which nothing happened: every few minutes Juju runs `update-status`.
fn wait(sim: &mut Sim) {
    sim.advance(std::time::Duration::from_secs(600));
    settle(sim);
}

fn status(sim: &Sim) -> String {
    let status = sim.model().status();
    let workload = &status.applications["packages"].units[0].workload;
    format!("{} {}", workload.status, workload.message)
}

fn text(sim: &Sim, path: &str) -> Option<String> {
    sim.files("packages", path).into_values().next().unwrap()
}

#[test]
fn packages_of_the_options_are_installed_in_one_call() {
    let world = world();
    world.look().lists_are_fetched = true;
    let sim = deployed(&world);
    assert_eq!(
        world.runs("apt-get"),
        ["apt-get install redis-server redis-tools"]
    );
    assert_eq!(
        text(&sim, "/etc/redis/version").unwrap(),
        "5:7.0.15-1~deb12u1"
    );
    assert_eq!(status(&sim), "active ");
    let version = sim.model().status().applications["packages"]
        .version
        .clone();
    assert_eq!(version, "7.0.15");
    assert!(
        world.look().runs[0].contains(" -- redis-server"),
        "names are no options"
    );
}

#[test]
fn lists_are_fetched_when_they_are_needed_and_only_then() {
    let world = world();
    let mut sim = deployed(&world);
    assert_eq!(
        world.runs("apt-get"),
        [
            "apt-get install redis-server redis-tools",
            "apt-get update",
            "apt-get install redis-server redis-tools",
        ]
    );
    set(&mut sim, "step", "install curl nginx");
    assert_eq!(world.runs("apt-get")[3..], ["apt-get install curl nginx"]);
    set(&mut sim, "step", "install curl");
    wait(&mut sim);
    assert_eq!(world.runs("apt-get").len(), 4, "it is there");
}

#[test]
fn what_cannot_be_installed_blocks_with_its_reason_until_it_can() {
    let world = world();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "install curl nosuch");
    assert_eq!(
        status(&sim),
        "blocked cannot install nosuch: Unable to locate package nosuch"
    );
    let before = world.runs("apt-get update").len();
    wait(&mut sim);
    assert_eq!(
        world.runs("apt-get update").len(),
        before + 1,
        "once in each hook"
    );
    assert_eq!(
        status(&sim),
        "blocked cannot install nosuch: Unable to locate package nosuch"
    );
    world.look().archive.insert("nosuch".into(), "1".into());
    wait(&mut sim);
    assert_eq!(status(&sim), "active ");
    assert!(world.look().installed.contains_key("curl"));
}

#[test]
fn what_is_asked_for_later_in_a_failing_hook_gets_its_try_in_it() {
    let world = world();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "install nosuch");
    let before = world.runs("apt-get update").len();
    let asked = [("step".to_owned(), "install curl".to_owned())].into();
    world.look().runs.clear();
    sim.model().set_config("packages", &asked).unwrap();
    settle(&mut sim);
    let installs = world.runs("apt-get install");
    assert!(
        installs.contains(&"apt-get install curl nosuch".to_owned()),
        "{installs:?}"
    );
    assert_eq!(
        world.runs("apt-get update").len(),
        1,
        "not again in the same hook ({before} before)"
    );
}

#[test]
fn without_a_network_the_network_is_the_reason() {
    let world = world();
    world.look().network_is_down = true;
    let mut sim = deployed(&world);
    let shown = status(&sim);
    assert!(
        shown.starts_with(
            "blocked cannot install redis-server, redis-tools: cannot fetch the lists of packages"
        ),
        "{shown}"
    );
    assert!(
        shown.contains("Could not resolve") && !shown.contains("secret"),
        "{shown}"
    );
    let log = format!("{:?}", sim.model().drain_log());
    assert!(!log.contains("secret"), "{log}");
    world.look().network_is_down = false;
    wait(&mut sim);
    assert_eq!(status(&sim), "active ");
}

#[test]
fn what_cannot_be_installed_is_warned_of_once_in_a_line() {
    let world = world();
    world.look().network_is_down = true;
    let mut sim = deployed(&world);
    wait(&mut sim);
    wait(&mut sim);
    let warnings = |sim: &mut Sim| -> Vec<String> {
        let all = sim.model().drain_log().into_iter();
        let weighty = all.filter(|r| r.level >= ensign_model::Level::Warning);
        weighty.map(|record| record.message).collect()
    };
    let told = warnings(&mut sim);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with("cannot install redis-server, redis-tools: ")
            && !told[0].contains('\n'),
        "{told:#?}"
    );
    set(&mut sim, "step", "install curl");
    let told = warnings(&mut sim);
    assert_eq!(told.len(), 1, "for another reason again: {told:#?}");
    assert!(told[0].starts_with("cannot install curl"), "{told:#?}");
}

#[test]
fn another_apt_is_waited_for_but_not_for_ever() {
    let world = world();
    world.look().lists_are_fetched = true;
    world.look().locked = 3;
    let mut sim = deployed(&world);
    assert_eq!(world.runs("sleep"), ["sleep 5"; 3]);
    assert_eq!(status(&sim), "active ");
    world.look().locked = u32::MAX;
    set(&mut sim, "step", "install curl");
    let shown = status(&sim);
    assert!(
        shown.contains("cannot install curl: Could not get lock"),
        "{shown}"
    );
    assert!(shown.contains("held by process 17"), "{shown}");
    assert_eq!(world.runs("sleep").len(), 3 + 24, "two minutes in all");
    world.look().locked = 0;
    wait(&mut sim);
    assert_eq!(status(&sim), "active ");
}

#[test]
fn a_run_that_was_interrupted_is_completed() {
    let world = world();
    world.look().lists_are_fetched = true;
    world.look().failing = vec![Fault::Interrupted];
    let sim = deployed(&world);
    assert_eq!(world.runs("dpkg --"), ["dpkg --configure -a"]);
    assert_eq!(status(&sim), "active ");
    assert!(!world.look().interrupted);
}

#[test]
fn a_package_that_cannot_be_configured_is_named() {
    let world = world();
    world.look().lists_are_fetched = true;
    let words = "dpkg: error processing package redis-server (--configure):\n installed script returned error exit status 1\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n";
    world.look().failing = vec![Fault::Says(words); 20];
    let sim = deployed(&world);
    assert_eq!(
        status(&sim),
        "blocked cannot install redis-server: error processing package redis-server (--configure): installed script returned error exit status 1"
    );
}

#[test]
fn a_machine_without_apt_is_told_so() {
    let world = world();
    world.look().no_apt = true;
    let sim = deployed(&world);
    assert!(
        status(&sim).contains("there is no `apt-get` on this machine"),
        "{}",
        status(&sim)
    );
}

#[test]
fn another_version_is_installed_instead_and_the_flag_waits_for_it() {
    let world = world();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "install redis-server=5:6.0-1");
    assert_eq!(world.look().installed["redis-server"], "5:6.0-1");
    let last = world
        .look()
        .runs
        .iter()
        .rfind(|run| run.starts_with("apt-get install"))
        .unwrap()
        .clone();
    assert!(
        last.contains("--allow-downgrades") && last.ends_with("-- redis-server=5:6.0-1"),
        "{last}"
    );
}

#[test]
fn packages_are_removed_and_come_again() {
    let world = world();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "purge redis-tools");
    assert!(!world.look().installed.contains_key("redis-tools"));
    set(&mut sim, "step", "install redis-tools");
    assert!(world.look().installed.contains_key("redis-tools"));
}

#[test]
fn packages_are_held_by_call_and_by_option() {
    let world = world();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "hold redis-server");
    assert_eq!(world.look().held, ["redis-server".to_owned()].into());
    set(&mut sim, "step", "unhold redis-server");
    assert!(world.look().held.is_empty());
    set(&mut sim, "package_status", "hold");
    assert_eq!(world.look().held.len(), 2);
    set(&mut sim, "step", "install curl");
    assert!(world.look().held.contains("curl"), "what comes later, too");
    set(&mut sim, "package_status", "install");
    assert!(world.look().held.is_empty());
    set(&mut sim, "package_status", "keep");
    assert_eq!(
        status(&sim),
        "blocked `package_status`: `keep` is neither `install` nor `hold`"
    );
    set(&mut sim, "package_status", "install");
    assert_eq!(status(&sim), "active ");
}

#[test]
fn a_new_source_is_fetched_before_what_is_installed_next() {
    let world = world();
    let mut sim = deployed(&world);
    world.look().runs.clear();
    set(
        &mut sim,
        "step",
        "source ours deb https://me:pw@x.example/debian stable main",
    );
    assert_eq!(world.runs("apt-get"), [""; 0], "nothing to install");
    set(&mut sim, "step", "install curl");
    assert_eq!(
        world.runs("apt-get"),
        ["apt-get update", "apt-get install curl"]
    );
    let list = "/etc/apt/sources.list.d/juju-packages-ours.list";
    assert!(
        text(&sim, list)
            .unwrap()
            .ends_with("deb https://me:pw@x.example/debian stable main\n")
    );
    let unit = sim.files("packages", "/none").into_keys().next().unwrap();
    assert_eq!(sim.disk(&unit).mode(list), Some(0o600), "it has a password");
    set(&mut sim, "step", "forget ours");
    assert_eq!(text(&sim, list), None);
}

#[test]
fn operators_add_packages_and_sources() {
    let world = world();
    let mut sim = deployed(&world);
    let key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END PGP PUBLIC KEY BLOCK-----";
    set(
        &mut sim,
        "install_sources",
        "deb https://x.example/debian stable main",
    );
    set(&mut sim, "install_keys", key);
    let list = text(&sim, "/etc/apt/sources.list.d/juju-packages-config.list").unwrap();
    assert!(
        list.contains("[signed-by=/etc/apt/keyrings/juju-packages-config-0.asc]"),
        "{list}"
    );
    set(&mut sim, "extra_packages", "curl  nginx");
    assert!(world.look().installed.contains_key("nginx"));
    set(&mut sim, "extra_packages", "--purge");
    assert!(
        status(&sim).starts_with("blocked `extra_packages`: `--purge` is no package"),
        "{}",
        status(&sim)
    );
    set(&mut sim, "extra_packages", "curl");
    set(&mut sim, "install_keys", "0xABCD");
    assert!(
        status(&sim).starts_with("blocked `install_sources`: what stands for a key"),
        "{}",
        status(&sim)
    );
    set(&mut sim, "install_keys", "");
    set(&mut sim, "install_sources", "");
    assert_eq!(status(&sim), "active ");
    assert_eq!(
        text(&sim, "/etc/apt/sources.list.d/juju-packages-config.list"),
        None
    );
}

/// Runs `prepare`, then a change of `step` with a kill at each moment of its hooks in turn, and checks what is left.
fn killed_everywhere(
    fresh: impl Fn() -> (World, Sim),
    step: &str,
    check: impl Fn(&World, &mut Sim),
) {
    let mut struck = 0;
    for moment in 0.. {
        let (world, mut sim) = fresh();
        if !step.is_empty() {
            let options = [("step".to_owned(), step.to_owned())].into();
            sim.model().set_config("packages", &options).unwrap();
        }
        let faults = Faults::at(moment);
        sim.settle_under(&faults).unwrap();
        if !faults.struck() {
            break;
        }
        struck += 1;
        check(&world, &mut sim);
        assert_eq!(
            status(&sim),
            "active ",
            "killed at {moment}, after {:?}",
            faults.steps().last()
        );
    }
    assert!(struck > 20, "only {struck} kills");
}

#[test]
fn a_unit_killed_at_any_moment_of_its_installation_has_its_packages() {
    let fresh = || {
        let world = world();
        world.look().failing = vec![Fault::Interrupted];
        let sim = model(&world);
        (world, sim)
    };
    killed_everywhere(fresh, "", |world, sim| {
        assert_eq!(
            text(sim, "/etc/redis/version").unwrap(),
            "5:7.0.15-1~deb12u1"
        );
        assert_eq!(world.look().installed.len(), 2);
        assert!(!world.look().interrupted);
    });
}

#[test]
fn a_unit_killed_at_any_moment_of_a_new_source_fetches_it_before_it_installs() {
    let fresh = || {
        let world = world();
        let mut sim = deployed(&world);
        set(&mut sim, "step", "source ours deb https://x stable main");
        set(&mut sim, "step", "install curl");
        world.look().runs.clear();
        (world, sim)
    };
    killed_everywhere(
        fresh,
        "source ours deb https://y stable main",
        |world, sim| {
            set(sim, "step", "install nginx");
            let runs = world.runs("apt-get");
            assert_eq!(runs, ["apt-get update", "apt-get install nginx"]);
        },
    );
}
