//! A charm with options, in an in-process model of Juju.

#![allow(missing_docs, clippy::unwrap_used)]

use ensign::prelude::*;
use ensign_testing::{Charm, Faults, Profile, Sim};
use layer_options::{Check, GoodOptions, Options};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Wanted {
    port: i64,
    log_level: Level,
    name: Option<String>,
    fixed: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Info,
    Debug,
}

impl Options for Wanted {
    fn check(&self, ctx: &mut Context) -> Result<Check> {
        let chosen: Option<String> = ctx.kv().get("fixed")?;
        Ok(Check::default()
            .within("port", self.port, 1..=65_535)
            .fixed("fixed", &self.fixed, chosen.as_deref()))
    }
}

#[hook("config-changed")]
fn configure(ctx: &mut Context) -> Result {
    let wanted: Wanted = ctx.options()?;
    ctx.kv().set("fixed", &wanted.fixed)?;
    let name = wanted.name.unwrap_or_default();
    let text = format!("{} {:?} {name}", wanted.port, wanted.log_level);
    ctx.write_file("/etc/wanted", text.trim_end())
}

fn set(sim: &mut Sim, key: &str, value: &str) {
    let options = [(key.to_owned(), value.to_owned())].into();
    sim.model().set_config("wanted", &options).unwrap();
}

fn deployed(options: &[(&str, &str)]) -> Sim {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/charm");
    let crates = ["layer_status", "layer_options", "options"];
    let charm = Charm::linked(folder, &crates).unwrap();
    let mut sim = Sim::new(Profile::V4_0, 1);
    sim.deploy("wanted", &charm, 1).unwrap();
    for (key, value) in options {
        set(&mut sim, key, value);
    }
    sim.settle().unwrap();
    sim
}

/// The unit's status, and what it was configured with.
fn now(sim: &Sim) -> (String, String) {
    let status = sim.model().status();
    let workload = &status.applications["wanted"].units[0].workload;
    let status = format!("{} {}", workload.status, workload.message);
    let files = sim.files("wanted", "/etc/wanted");
    let text = files.into_values().next().unwrap();
    (status.trim_end().to_owned(), text.unwrap())
}

fn pair(status: &str, text: &str) -> (String, String) {
    (status.to_owned(), text.to_owned())
}

#[test]
fn with_a_wrong_option_the_last_good_ones_hold_and_the_status_names_it() {
    let mut sim = deployed(&[]);
    // There is no status as long as no part has one.
    assert_eq!(now(&sim).1, "80 Info");
    set(&mut sim, "port", "8080");
    set(&mut sim, "name", "me");
    sim.settle().unwrap();
    assert_eq!(now(&sim).1, "8080 Info me");
    for (key, value, complaint) in [
        ("port", "70000", "`port` must be between 1 and 65535"),
        (
            "log-level",
            "loud",
            "`log-level` has a value of the wrong type",
        ),
        (
            "fixed",
            "b",
            "`fixed` cannot be changed after deployment: set it back to a",
        ),
    ] {
        set(&mut sim, key, value);
        set(&mut sim, "name", "you");
        sim.settle().unwrap();
        assert_eq!(
            now(&sim),
            pair(&format!("blocked {complaint}"), "8080 Info me")
        );
        set(&mut sim, "name", "me");
        let good = if key == "port" {
            "8080"
        } else if key == "fixed" {
            "a"
        } else {
            "info"
        };
        set(&mut sim, key, good);
        sim.settle().unwrap();
        assert_eq!(now(&sim), pair("active", "8080 Info me"));
    }
}

#[test]
fn before_there_were_good_ones_the_defaults_hold() {
    let mut sim = deployed(&[("port", "0"), ("log-level", "debug")]);
    let complaint = "blocked `port` must be between 1 and 65535";
    assert_eq!(now(&sim), pair(complaint, "80 Info"));
    set(&mut sim, "port", "81");
    sim.settle().unwrap();
    assert_eq!(now(&sim), pair("active", "81 Debug"));
}

#[test]
fn a_hook_killed_at_any_moment_leaves_what_is_wanted() {
    for (port, status, text) in [
        (
            "70000",
            "blocked `port` must be between 1 and 65535",
            "80 Info",
        ),
        ("81", "active", "81 Info"),
    ] {
        let mut struck = 0;
        for moment in 0..60 {
            let mut sim = deployed(&[]);
            set(&mut sim, "port", "0");
            sim.settle().unwrap();
            set(&mut sim, "port", port);
            let faults = Faults::at(moment);
            sim.settle_under(&faults).unwrap();
            struck += usize::from(faults.struck());
            assert_eq!(now(&sim), pair(status, text), "killed at {moment}");
        }
        assert!(struck > 8, "only {struck} kills");
    }
}
