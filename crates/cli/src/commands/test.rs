use std::path::PathBuf;

use clap::Args;
use ensign_model::Profile;

use crate::ops;
use crate::output::Output;
use crate::report::Report;

/// Run the tests of a charm's crate
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The folder of the charm
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Play the fault campaigns of the tests, with at least this many hooks on each Juju version
    #[arg(long, value_name = "HOOKS")]
    explore: Option<u64>,
    /// Decides what chance decides, for tests that ask for it
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// The Juju versions to behave as, for tests that ask for them
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    juju: Vec<Profile>,
    /// Arguments for `cargo test`, such as the name of a test
    #[arg(last = true)]
    arguments: Vec<String>,
}

impl Test {
    pub(crate) fn run(self) -> Result<Output, Report> {
        let test = ops::Test {
            dir: self.dir,
            seed: self.seed,
            profiles: self.juju,
            arguments: self.arguments,
        };
        let Some(hooks) = self.explore else {
            ops::test(&test)?;
            return Ok(Output::nothing());
        };
        let explored = ops::explore(&test, hooks)?;
        Ok(Output::text(explored.text).failing(explored.failed))
    }
}
