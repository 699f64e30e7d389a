//! Runs the tests of a charm's crate.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use ensign_build::owner;
use ensign_model::Profile;
use serde::Deserialize;

use super::charm::package;
use crate::report::Report;

/// Which tests, and how.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// The folder of the charm.
    pub(crate) dir: PathBuf,
    /// Decides what chance decides.
    pub(crate) seed: Option<u64>,
    /// The Juju versions that tests behave as; all that they know if empty.
    pub(crate) profiles: Vec<Profile>,
    /// For `cargo test`.
    pub(crate) arguments: Vec<String>,
}

/// What came of the fault campaigns.
#[derive(Debug)]
pub(crate) struct Explored {
    /// What they say, and last how much they played.
    pub(crate) text: String,
    /// Why that is not good enough.
    pub(crate) failed: Option<Report>,
}

/// A campaign's report, as it stands in a line of the file that the tests write.
#[derive(Debug, Deserialize)]
struct Campaign {
    parts: Vec<Part>,
    text: String,
}

#[derive(Debug, Deserialize)]
struct Part {
    juju: String,
    hooks: u64,
    schedules: u64,
    violations: u64,
    passed: bool,
}

/// A campaign runs hooks by the hundred thousand: what it runs is worth optimising, in a profile of its own, so that
/// the tests' usual one stays as it is.
const OPTIMISED: [&str; 7] = [
    "--profile=explore",
    "--config=profile.explore.inherits='dev'",
    "--config=profile.explore.opt-level=2",
    "--config=profile.explore.debug=false",
    "--config=profile.explore.debug-assertions=true",
    "--config=profile.explore.overflow-checks=true",
    "--config=profile.explore.incremental=false",
];

/// Runs them. Cargo and the tests speak for themselves.
pub(crate) fn test(test: &Test) -> Result<(), Report> {
    let (mut command, name) = command(test, &[])?;
    if status(&mut command)? {
        return Ok(());
    }
    Err(Report::new(format!("the tests of `{name}` failed")))
}

/// Runs them with fault campaigns of that many hooks on each Juju version.
pub(crate) fn explore(test: &Test, hooks: u64) -> Result<Explored, Report> {
    let cannot = |error| Report::new("cannot exchange a file with the tests").because(error);
    let file = tempfile::NamedTempFile::new().map_err(cannot)?;
    // Under `sudo` the tests run as the user who typed it.
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o666)).map_err(cannot)?;
    let (mut command, name) = command(test, &OPTIMISED)?;
    command
        .env("ENSIGN_TEST_EXPLORE", hooks.to_string())
        .env("ENSIGN_TEST_REPORT", file.path());
    let good = status(&mut command)?;
    let mut text = String::new();
    let mut sums = BTreeMap::new();
    let mut passed = true;
    for line in fs::read_to_string(file.path()).map_err(cannot)?.lines() {
        let campaign: Campaign = serde_json::from_str(line)
            .map_err(|error| Report::new("cannot read a campaign's report").because(error))?;
        text.push_str(&campaign.text);
        for part in campaign.parts {
            passed &= part.passed;
            let sum = sums.entry(part.juju).or_insert((0, 0, 0));
            sum.0 += part.hooks;
            sum.1 += part.schedules;
            sum.2 += part.violations;
        }
    }
    if sums.is_empty() {
        let report = if good {
            Report::new(format!("the tests of `{name}` play no fault campaign")).hint(
                "a test that does: `let report = Campaign::new(Subject::new(\"app\", &charm)).as_asked().run(); \
                 assert!(report.passed(), \"{report}\");`, with `ensign_testing::campaign::{Campaign, Subject}`",
            )
        } else {
            Report::new(format!("the tests of `{name}` failed"))
        };
        return Err(report);
    }
    let line: Vec<String> = sums
        .iter()
        .map(|(juju, (hooks, schedules, violations))| {
            format!("{juju}: {hooks} hooks, {schedules} schedules, {violations} violations")
        })
        .collect();
    text.push_str(&line.join("; "));
    text.push('\n');
    let failed = (!passed || !good).then(|| {
        if passed {
            Report::new(format!("the tests of `{name}` failed"))
        } else {
            Report::new(format!("the fault campaigns of `{name}` failed")).hint(
                "a script that was printed is played again with `ENSIGN_TEST_REPLAY=FILE ensign test`",
            )
        }
    });
    Ok(Explored { text, failed })
}

/// `cargo test` of the charm's crate, and the crate's name.
fn command(test: &Test, more: &[&str]) -> Result<(Command, String), Report> {
    let package = package(&test.dir)?;
    let mut command = owner::command("cargo");
    command
        .args(["test", "--package", &package.name, "--manifest-path"])
        .arg(&package.manifest)
        .args(more)
        .args(&test.arguments);
    command.current_dir(package.manifest.parent().unwrap_or(&package.workspace));
    if let Some(seed) = test.seed {
        command.env("ENSIGN_TEST_SEED", seed.to_string());
    }
    if !test.profiles.is_empty() {
        let names: Vec<String> = test.profiles.iter().map(ToString::to_string).collect();
        command.env("ENSIGN_TEST_JUJU", names.join(","));
    }
    Ok((command, package.name))
}

fn status(command: &mut Command) -> Result<bool, Report> {
    let status = command
        .status()
        .map_err(|error| Report::new("cannot start `cargo`").because(error))?;
    Ok(status.success())
}
