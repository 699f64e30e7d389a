//! Hooks a second in the in-process model, start to commit: `cargo bench -p password --bench model`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::exit, missing_docs)]

use std::time::{Duration, Instant};

use ensign_testing::{Charm, Profile, Sim};
use password as _;

/// Hooks a second on one core.
const BUDGET: f64 = 20_000.0;

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
    if check && missed {
        std::process::exit(1);
    }
}
