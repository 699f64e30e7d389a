//! Hooks a second in the in-process model, start to commit: `cargo bench -p password --bench model`; and how the time and
//! memory to settle grow with the units. `PASSWORD_UNITS=200,2000` says how many; between peers hooks grow with their
//! square, as they do under Juju, so it is the time a hook takes that should stay the same.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, missing_docs)]

use std::time::{Duration, Instant};

use ensign_testing::{Charm, Profile, Sim};
use password as _;

/// Hooks a second on one core.
const BUDGET: f64 = 20_000.0;

/// How many units, smallest first.
const UNITS: &str = "50,100,200";

/// After so many operations `settle` gives up; here they are only many.
const AT_ONCE: usize = 10_000;

/// Seconds this process has been on a processor: what others run beside does not count.
fn busy() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    let nanoseconds: f64 = text.split_whitespace().next().unwrap().parse().unwrap();
    nanoseconds / 1e9
}

/// The most memory this process has had, in MiB.
fn peak() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .next()
        .unwrap()
        .parse::<f64>()
        .unwrap()
        / 1024.0
}

/// From deployment to rest.
fn grow(name: &str, profile: Profile, units: u32) {
    let charm = Charm::linked(env!("CARGO_MANIFEST_DIR"), &["password"]).unwrap();
    let mut sim = Sim::new(profile, 7);
    let start = busy();
    sim.deploy("password", &charm, units).unwrap();
    let mut hooks = 0;
    for _ in 0..10_000 {
        if let Ok(rest) = sim.settle() {
            hooks += rest.len();
            break;
        }
        hooks += AT_ONCE;
    }
    let hooks = f64::from(u32::try_from(hooks).unwrap());
    let seconds = busy() - start;
    println!(
        "{units:5} units settled, {name}: {hooks:8.0} hooks, {seconds:7.1} s, {:5.1} µs a hook, {:6.0} MiB at most so far",
        seconds * 1e6 / hooks,
        peak()
    );
}

fn main() {
    let check = std::env::args().any(|a| a == "--check");
    let mut missed = false;
    for (name, profile) in [("3.6", Profile::V3_6), ("4.0", Profile::V4_0)] {
        let charm = Charm::linked(env!("CARGO_MANIFEST_DIR"), &["password"]).unwrap();
        let mut sim = Sim::new(profile, 7);
        sim.deploy("password", &charm, 3).unwrap();
        sim.settle().unwrap();
        let mut hooks = 0;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(2) {
            // The next update-status of every unit.
            sim.advance(Duration::from_secs(360));
            hooks += sim.settle().unwrap().len();
        }
        let rate = f64::from(u32::try_from(hooks).unwrap()) / start.elapsed().as_secs_f64();
        let verdict = if rate < BUDGET { "MISSED" } else { "met" };
        missed |= rate < BUDGET;
        println!("in-process model, {name}: {rate:.0} hooks/s  budget ≥ {BUDGET} {verdict}");
    }
    let units = std::env::var("PASSWORD_UNITS").unwrap_or_else(|_| UNITS.to_owned());
    for units in units.split(',').filter_map(|units| units.parse().ok()) {
        grow("4.0", Profile::V4_0, units);
    }
    if check && missed {
        std::process::exit(1);
    }
}
