//! A charm of several parts, in an in-process model of Juju.

#![allow(missing_docs, clippy::unwrap_used)]

use ensign::prelude::*;
use ensign_testing::{Charm, Faults, Profile, Sim};
use layer_status::PartStatus;
use serde_json::Map;

#[when_not("config.set.license")]
fn ask_for_a_license(ctx: &mut Context) -> Result {
    let status = Status::Blocked("set `license`".into());
    ctx.part_status("license", status, &["!config.set.license"])
}

#[when_changed(config = "step")]
fn step(ctx: &mut Context) -> Result {
    let step = ctx.config()?.string("step")?.unwrap_or_default();
    match step.as_str() {
        "wait" => {
            ctx.set_flag("database.missing")?;
            let status = Status::Waiting("no database".into());
            ctx.part_status("database", status, &["database.missing"])
        }
        "two" => {
            ctx.part_status("web", Status::Waiting("no web".into()), &[])?;
            ctx.part_status("app", Status::Waiting("no app".into()), &[])
        }
        "come" => ctx.clear_flag("database.missing"),
        "clear" => {
            ctx.part_clear("web")?;
            ctx.part_clear("app")
        }
        _ => Ok(()),
    }
}

fn deployed() -> Sim {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charm");
    let charm = Charm::linked(folder, &["layer_status", "status"]).unwrap();
    let mut sim = Sim::new(Profile::V3_6, 1);
    sim.deploy("parts", &charm, 1).unwrap();
    sim.settle().unwrap();
    sim
}

fn set(sim: &mut Sim, key: &str, value: &str) {
    let options = [(key.to_owned(), value.to_owned())].into();
    sim.model().set_config("parts", &options).unwrap();
    sim.settle().unwrap();
}

fn status(sim: &Sim) -> String {
    let status = sim.model().status();
    let workload = &status.applications["parts"].units[0].workload;
    format!("{} {}", workload.status, workload.message)
}

#[test]
fn the_worst_is_shown_and_a_status_leaves_with_its_flags() {
    let mut sim = deployed();
    assert_eq!(status(&sim), "blocked set `license`");
    set(&mut sim, "step", "wait");
    assert_eq!(status(&sim), "blocked set `license`", "waiting is less bad");
    set(&mut sim, "license", "mit");
    assert_eq!(
        status(&sim),
        "waiting no database",
        "nobody took `blocked` back"
    );
    set(&mut sim, "step", "come");
    assert_eq!(status(&sim), "active ", "the flag went in this very hook");
}

#[test]
fn equals_are_shown_together_and_can_be_taken_back() {
    let mut sim = deployed();
    set(&mut sim, "license", "mit");
    set(&mut sim, "step", "two");
    assert_eq!(status(&sim), "waiting no app; no web");
    set(&mut sim, "step", "clear");
    assert_eq!(status(&sim), "active ");
}

#[test]
fn a_hook_killed_at_any_moment_leaves_the_status_that_is_due() {
    for (step, shown) in [
        ("wait", "waiting no database"),
        ("two", "waiting no app; no web"),
    ] {
        let mut struck = 0;
        for moment in 0..60 {
            let mut sim = deployed();
            set(&mut sim, "license", "mit");
            let options = [("step".to_owned(), step.to_owned())].into();
            sim.model().set_config("parts", &options).unwrap();
            let mut faults = Some(Faults::at(moment));
            let ran = sim.settle_with(|_| faults.take().unwrap_or_else(Faults::none));
            struck += usize::from(ran.unwrap().len() > 1);
            assert_eq!(status(&sim), shown, "killed at {moment}");
        }
        assert!(struck > 10, "{step}: only {struck} kills");
    }
}

#[test]
fn the_action_tells_of_every_part() {
    let mut sim = deployed();
    set(&mut sim, "step", "two");
    let unit = sim.files("parts", "/none").into_keys().next().unwrap();
    let id = sim
        .model()
        .run_action(&unit, "show-parts", Map::new())
        .unwrap();
    sim.settle().unwrap();
    let model = sim.model();
    let results = &model.action(id).unwrap().results;
    assert_eq!(results["license"], "blocked: set `license`");
    assert_eq!(results["web"], "waiting: no web");
}
