//! What the charm does itself in a hook in which nothing happens: `cargo bench -p redis --bench steady [-- --check]`.
//!
//! Hook tools, `systemctl` and `redis-cli` answer in this process, and their time counts: the charm's own is below what
//! is printed. What a process adds to start is measured with the password charm.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs
)]

#[path = "../tests/units/fake/mod.rs"]
mod fake;
#[path = "../tests/units/world.rs"]
mod world;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use world::{PROFILES, World};

/// In milliseconds: with the one that a process may take to start, a hook takes three.
const BUDGET: f64 = 2.0;
const ROUNDS: usize = 50;

fn main() -> ExitCode {
    let mut exceeded = false;
    for profile in PROFILES {
        for (what, units, options) in [
            ("a primary and two replicas", 3, &[][..]),
            ("a cluster of six", 6, &[("cluster-enabled", "true")][..]),
        ] {
            let took = steady(&mut World::deployed(profile, units, options));
            let took = took.as_secs_f64() * 1e3;
            let over = took > BUDGET;
            exceeded |= over;
            let verdict = if over { "EXCEEDED" } else { "met" };
            println!(
                "steady hook of redis, {what}, Juju {profile:<4} {took:>7.2} ms  budget ≤ {BUDGET} {verdict}"
            );
        }
    }
    let check = std::env::args().any(|arg| arg == "--check");
    ExitCode::from(u8::from(exceeded && check))
}

/// The median of rounds of one `update-status` of every unit, by hook.
fn steady(world: &mut World) -> Duration {
    world.settle();
    world.pass(2);
    let mut rounds: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            world.fleet.look().runs.clear();
            world.sim.advance(Duration::from_secs(400));
            let start = Instant::now();
            let hooks = world.settle().len();
            start.elapsed() / u32::try_from(hooks).unwrap()
        })
        .collect();
    rounds.sort_unstable();
    rounds[ROUNDS / 2]
}
