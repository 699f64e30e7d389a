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
    /// Play a campaign of this many faults against the charm
    #[arg(long, value_name = "N")]
    explore: Option<u32>,
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
        if self.explore.is_some() {
            return Err(Report::new("this version of Ensign has no fault campaigns")
                .hint("leave `--explore` out: `ensign test` runs the tests that the charm has"));
        }
        ops::test(&ops::Test {
            dir: self.dir,
            seed: self.seed,
            profiles: self.juju,
            arguments: self.arguments,
        })?;
        Ok(Output::nothing())
    }
}
