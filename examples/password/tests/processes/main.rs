//! The charm as a real process, killed by a real SIGKILL at every moment of its bootstrap: before and after each
//! hook tool, before and after each step of the commit. Juju is the model; each hook is a process of its own.
//!
//! This program is both sides: without arguments the test, with a socket in its environment the charm.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic)]

mod charm;
mod units;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Instant;

use ensign_testing::Profile;
use units::Units;

fn main() -> ExitCode {
    if let Some(task) = charm::Task::from_environment() {
        return charm::run(&task);
    }
    let mut failed = 0;
    let mut passed = 0;
    for profile in [Profile::V3_6, Profile::V4_0] {
        let start = Instant::now();
        let mut units = Units::new(profile);
        let moments = units
            .settle(None)
            .unwrap_or_else(|e| panic!("{profile:?} without a kill: {e}"));
        check(&units).unwrap_or_else(|e| panic!("{profile:?} without a kill: {e}"));
        assert!(moments > 50, "{profile:?}: only {moments} moments");
        for moment in 0..moments {
            let mut units = Units::new(profile);
            let result = units.settle(Some(moment)).and_then(|_| check(&units));
            let result = result.and_then(|()| {
                units
                    .killed()
                    .then_some(())
                    .ok_or_else(|| "the moment never came".to_owned())
            });
            match result {
                Ok(()) => passed += 1,
                Err(why) => {
                    failed += 1;
                    println!("{profile:?}, killed at moment {moment}: {why}");
                }
            }
        }
        println!(
            "{profile:?}: {moments} moments in {:.1} s",
            start.elapsed().as_secs_f64()
        );
    }
    println!("{passed} passed, {failed} failed");
    ExitCode::from(u8::from(failed > 0))
}

/// One password of 32 characters on every unit.
fn check(units: &Units) -> Result<(), String> {
    let files = units.files("etc/foopass");
    let different: BTreeSet<&Option<String>> = files.values().collect();
    match (different.len(), different.first()) {
        (1, Some(Some(password))) if password.len() == 32 => Ok(()),
        (1, _) => Err("no unit has a password".to_owned()),
        (n, _) => Err(format!("{n} different passwords among {:?}", files.keys())),
    }
}
