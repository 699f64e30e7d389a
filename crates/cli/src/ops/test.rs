//! Runs the tests of a charm's crate.

use std::path::PathBuf;

use ensign_build::owner;
use ensign_model::Profile;

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

/// Runs them. Cargo and the tests speak for themselves.
pub(crate) fn test(test: &Test) -> Result<(), Report> {
    let package = package(&test.dir)?;
    let mut command = owner::command("cargo");
    command
        .args(["test", "--package", &package.name, "--manifest-path"])
        .arg(&package.manifest)
        .args(&test.arguments);
    command.current_dir(package.manifest.parent().unwrap_or(&package.workspace));
    if let Some(seed) = test.seed {
        command.env("ENSIGN_TEST_SEED", seed.to_string());
    }
    if !test.profiles.is_empty() {
        let names: Vec<String> = test.profiles.iter().map(ToString::to_string).collect();
        command.env("ENSIGN_TEST_JUJU", names.join(","));
    }
    let status = command
        .status()
        .map_err(|error| Report::new("cannot start `cargo`").because(error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Report::new(format!(
            "the tests of `{}` failed",
            package.name
        )))
    }
}
