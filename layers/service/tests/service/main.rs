//! A charm of a service, in an in-process model of Juju.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod machine;

use std::time::Duration;

use ensign::prelude::*;
use ensign_testing::{Charm, Faults, Profile, Sim};
use layer_service::Services;
use machine::{State, World};

const CONFIG: &str = "/etc/foo.conf";
const LEVEL: &str = "/etc/foo.level";

#[when_changed(config = "port")]
fn configure(ctx: &mut Context) -> Result {
    let port = ctx.config()?.int("port")?.unwrap_or_default();
    ctx.write_secret_file(CONFIG, port.to_string())?;
    run(ctx)
}

#[when_changed(config = "level")]
fn configure_level(ctx: &mut Context) -> Result {
    let level = ctx.config()?.int("level")?.unwrap_or_default();
    ctx.write_file(LEVEL, level.to_string())?;
    run(ctx)
}

fn run(ctx: &mut Context) -> Result {
    let service = ctx.service("foo").restart_on([CONFIG]).reload_on([LEVEL]);
    service.ensure_running()
}

#[when("service.foo.running")]
#[when_not("charm.seen")]
fn see(ctx: &mut Context) -> Result {
    assert!(ctx.service("foo").is_running()?);
    ctx.set_flag("charm.seen")
}

/// As a charm would tell others where to find its service.
#[when("service.foo.running")]
#[when_changed(config = "port")]
#[after("service::configure")]
fn announce(ctx: &mut Context) -> Result {
    let port = ctx.command("running-port").output()?;
    ctx.write_file("/etc/announced", port)
}

#[when_changed(config = "step")]
fn step(ctx: &mut Context) -> Result {
    let step = ctx.config()?.string("step")?.unwrap_or_default();
    match &*step {
        "none" => Ok(()),
        "stop" => ctx.service("foo").ensure_stopped(),
        "run" => run(ctx),
        "restart" => ctx.service("foo").restart(),
        "reload" => ctx.service("foo").reload(),
        "flag" => ctx.set_flag("service.foo.restart"),
        "forget" => ctx.service("foo").forget(),
        "unit" => ctx
            .service("foo")
            .unit("[Service]\nExecStart=/bin/foo\n")
            .drop_in("limits", "[Service]\nLimitNOFILE=9\n")
            .ensure_running(),
        "drop" => ctx
            .service("foo")
            .unit("[Service]\nExecStart=/bin/foo\n")
            .ensure_running(),
        "undeclared" => {
            let error = ctx.service("bar").restart().unwrap_err();
            assert!(error.line().contains("nobody has said"), "{}", error.line());
            Ok(())
        }
        _ => panic!("no step is called `{step}`"),
    }
}

fn model(world: &World) -> Sim {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charm");
    let charm = Charm::linked(folder, &["layer_status", "layer_service", "service"]).unwrap();
    let mut sim = Sim::new(Profile::V4_0, 1);
    sim.install(world.clone());
    sim.deploy("services", &charm, 1).unwrap();
    sim
}

/// With what was done so far forgotten.
fn deployed(world: &World) -> Sim {
    let mut sim = model(world);
    settle(&mut sim);
    world.done();
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
    sim.model().set_config("services", &options).unwrap();
    settle(sim);
}

/// Lets a hook pass in which nothing happened: every few minutes Juju runs `update-status`.
fn wait(sim: &mut Sim) {
    sim.advance(Duration::from_secs(600));
    settle(sim);
}

fn status(sim: &Sim) -> String {
    let status = sim.model().status();
    let workload = &status.applications["services"].units[0].workload;
    format!("{} {}", workload.status, workload.message)
}

#[test]
fn it_runs_is_enabled_and_is_then_left_alone() {
    let world = World::default();
    let mut sim = model(&world);
    settle(&mut sim);
    assert_eq!(
        world.done(),
        ["systemctl start foo", "systemctl enable foo"]
    );
    assert_eq!(world.daemon().port.as_deref(), Some("1"));
    wait(&mut sim);
    assert_eq!(world.done(), [""; 0]);
    assert_eq!(status(&sim), "unknown ", "this layer says nothing");
}

#[test]
fn what_a_package_started_before_it_was_configured_is_restarted() {
    let world = World::default();
    world.look().services.entry("foo".into()).or_default().state = State::Active;
    let mut sim = model(&world);
    settle(&mut sim);
    assert_eq!(
        world.done(),
        ["systemctl restart foo", "systemctl enable foo"]
    );
    assert_eq!(world.daemon().port.as_deref(), Some("1"));
}

#[test]
fn a_changed_file_restarts_or_reloads_once() {
    let world = World::default();
    let mut sim = deployed(&world);
    set(&mut sim, "port", "2");
    assert_eq!(world.done(), ["systemctl restart foo"]);
    let announced = sim.files("services", "/etc/announced").into_values().next();
    assert_eq!(
        announced.unwrap().as_deref(),
        Some("2"),
        "after the restart"
    );
    set(&mut sim, "level", "2");
    assert_eq!(world.done(), ["systemctl reload foo"]);
    assert_eq!(world.daemon().level.as_deref(), Some("2"));
    let both = [
        ("port".to_owned(), "3".to_owned()),
        ("level".to_owned(), "3".to_owned()),
    ]
    .into();
    sim.model().set_config("services", &both).unwrap();
    settle(&mut sim);
    assert_eq!(
        world.done(),
        ["systemctl restart foo"],
        "a restart reads all"
    );
    let unit = sim.files("services", CONFIG).into_keys().next().unwrap();
    sim.disk(&unit).put(CONFIG, "99");
    wait(&mut sim);
    assert_eq!(
        world.done(),
        ["systemctl restart foo"],
        "whoever changed it"
    );
}

#[test]
fn a_service_that_died_is_started_again() {
    let world = World::default();
    let mut sim = deployed(&world);
    world.look().services.entry("foo".into()).or_default().state = State::Failed;
    wait(&mut sim);
    assert_eq!(
        world.done(),
        ["systemctl reset-failed foo", "systemctl start foo"]
    );
    assert_eq!(world.daemon().state, State::Active);
}

#[test]
fn a_service_that_does_not_start_blocks_until_it_does() {
    let world = World::default();
    let mut sim = deployed(&world);
    world.look().broken = Some("Job for foo.service failed.\nSee \"journalctl\".\n");
    set(&mut sim, "port", "2");
    assert_eq!(
        status(&sim),
        "blocked cannot restart foo: Job for foo.service failed."
    );
    wait(&mut sim);
    assert_eq!(
        status(&sim),
        "blocked cannot start foo: Job for foo.service failed."
    );
    world.look().broken = None;
    wait(&mut sim);
    assert_eq!(status(&sim), "active ");
    assert_eq!(world.daemon().port.as_deref(), Some("2"));
}

#[test]
fn a_service_that_ends_at_once_does_not_run() {
    let world = World::default();
    world.look().ends_at_once = true;
    let sim = deployed(&world);
    assert_eq!(status(&sim), "blocked foo ended right after its start");
}

#[test]
fn what_cannot_reload_is_restarted() {
    let world = World::default();
    world.look().cannot_reload = true;
    let mut sim = deployed(&world);
    set(&mut sim, "level", "2");
    assert_eq!(
        world.done(),
        ["systemctl reload foo", "systemctl restart foo"]
    );
    assert_eq!(status(&sim), "unknown ");
}

#[test]
fn it_is_restarted_by_call_and_by_flag_and_only_once() {
    let world = World::default();
    let mut sim = deployed(&world);
    for (step, done) in [
        ("restart", "systemctl restart foo"),
        ("reload", "systemctl reload foo"),
        ("flag", "systemctl restart foo"),
    ] {
        set(&mut sim, "step", step);
        assert_eq!(world.done(), [done], "{step}");
    }
    wait(&mut sim);
    assert_eq!(world.done(), [""; 0]);
    set(&mut sim, "step", "undeclared");
}

#[test]
fn it_is_stopped_and_runs_again() {
    let world = World::default();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "stop");
    assert_eq!(
        world.done(),
        ["systemctl stop foo", "systemctl disable foo"]
    );
    wait(&mut sim);
    assert_eq!(world.done(), [""; 0]);
    set(&mut sim, "step", "run");
    assert_eq!(
        world.done(),
        ["systemctl start foo", "systemctl enable foo"]
    );
}

#[test]
fn a_service_that_is_forgotten_is_left_as_it_is() {
    let world = World::default();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "forget");
    world.look().services.entry("foo".into()).or_default().state = State::Inactive;
    wait(&mut sim);
    assert_eq!(world.done(), [""; 0]);
}

#[test]
fn units_and_drop_ins_are_read_before_the_restart_and_leave_with_their_description() {
    let world = World::default();
    let mut sim = deployed(&world);
    set(&mut sim, "step", "unit");
    assert_eq!(
        world.done(),
        ["systemctl daemon-reload", "systemctl restart foo"]
    );
    let units: Vec<_> = world.look().units.keys().cloned().collect();
    assert_eq!(
        units,
        [
            "/etc/systemd/system/foo.service",
            "/etc/systemd/system/foo.service.d/juju-services-limits.conf",
        ]
    );
    wait(&mut sim);
    assert_eq!(world.done(), [""; 0]);
    set(&mut sim, "step", "drop");
    assert_eq!(
        world.done(),
        ["systemctl daemon-reload", "systemctl restart foo"]
    );
    assert_eq!(world.look().units.len(), 1);
}

#[test]
fn without_systemd_init_scripts_serve() {
    let world = World::default();
    world.look().is_without_systemd = true;
    let mut sim = model(&world);
    settle(&mut sim);
    assert_eq!(
        world.done(),
        ["service foo start", "update-rc.d foo enable"]
    );
    set(&mut sim, "port", "2");
    set(&mut sim, "step", "stop");
    assert_eq!(
        world.done(),
        [
            "service foo restart",
            "service foo stop",
            "update-rc.d foo disable"
        ]
    );
}

#[test]
fn an_init_script_that_does_not_end_is_not_waited_for_for_ever() {
    let world = World::default();
    world.look().is_without_systemd = true;
    let mut sim = deployed(&world);
    world.look().hangs = true;
    set(&mut sim, "port", "2");
    let shown = status(&sim);
    assert_eq!(
        shown,
        "blocked cannot restart foo: it did not come to an end in 120 s"
    );
}

#[test]
fn a_unit_killed_at_any_moment_runs_with_what_its_files_hold() {
    let changes = [
        ("port", "2"),
        ("level", "2"),
        ("step", "restart"),
        ("step", "unit"),
    ];
    for (key, value) in changes {
        let mut struck = 0;
        for moment in 0.. {
            let world = World::default();
            let mut sim = deployed(&world);
            let options = [(key.to_owned(), value.to_owned())].into();
            sim.model().set_config("services", &options).unwrap();
            let faults = Faults::at(moment);
            sim.settle_under(&faults).unwrap();
            if !faults.struck() {
                break;
            }
            struck += 1;
            let daemon = world.daemon();
            let unit = sim.files("services", CONFIG).into_keys().next().unwrap();
            assert_eq!(daemon.state, State::Active, "{key} {moment}");
            assert_eq!(daemon.port, sim.disk(&unit).text(CONFIG), "{key} {moment}");
            assert_eq!(daemon.level, sim.disk(&unit).text(LEVEL), "{key} {moment}");
            assert_eq!(
                world.look().units.len(),
                if value == "unit" { 2 } else { 0 }
            );
            let restarted = world
                .done()
                .iter()
                .any(|run| run.starts_with("systemctl restart"));
            assert!(restarted || key == "level", "{key} {value} {moment}");
            assert_eq!(status(&sim), "unknown ", "{key} {moment}");
        }
        assert!(struck > 20, "{key}: only {struck} kills");
    }
}

#[test]
fn a_unit_killed_at_any_moment_of_its_deployment_runs_its_service() {
    let mut struck = 0;
    for moment in 0.. {
        let world = World::default();
        let mut sim = model(&world);
        let faults = Faults::at(moment);
        sim.settle_under(&faults).unwrap();
        if !faults.struck() {
            break;
        }
        struck += 1;
        let daemon = world.daemon();
        assert_eq!(daemon.state, State::Active, "{moment}");
        assert!(daemon.is_enabled, "{moment}");
        assert_eq!(daemon.port.as_deref(), Some("1"), "{moment}");
    }
    assert!(struck > 40, "only {struck} kills");
}

/// Runs what there is to run until the process is killed.
fn run_until_killed(sim: &mut Sim, faults: &Faults) {
    while !faults.struck()
        && let Some(operation) = sim.poll()
    {
        sim.run(&operation, faults);
    }
}

/// The kills leave a service that runs with what no committed hook knows of.
#[test]
fn a_change_that_is_taken_back_between_kills_is_taken_back_by_the_service_too() {
    let world = World::default();
    let mut sim = deployed(&world);
    let to = |sim: &Sim, port: &str| {
        let options = [("port".to_owned(), port.to_owned())].into();
        sim.model().set_config("services", &options).unwrap();
    };
    to(&sim, "2");
    let counted = Faults::none();
    run_until_killed(&mut sim.copied(), &counted);
    run_until_killed(&mut sim, &Faults::at(counted.moments() - 1));
    to(&sim, "1");
    let mut struck = 0;
    for moment in 0.. {
        let mut sim = sim.copied();
        let world = world.copied();
        sim.install(world.clone());
        assert_eq!(world.daemon().port.as_deref(), Some("2"));
        let faults = Faults::at(moment);
        run_until_killed(&mut sim, &faults);
        if !faults.struck() {
            break;
        }
        struck += 1;
        sim.settle().unwrap();
        assert_eq!(world.daemon().port.as_deref(), Some("1"), "{moment}");
    }
    assert!(struck > 20, "only {struck} kills");
}
