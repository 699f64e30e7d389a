use std::path::PathBuf;

use clap::Args;

use crate::ops::{self, Kind};
use crate::output::Output;
use crate::progress::Progress;
use crate::report::Report;

/// Make the folder of a new charm that builds, passes its test and runs
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The name, or a folder whose last part is the name
    name: PathBuf,
    /// Make a layer instead: handlers and flags that charms share
    #[arg(long, conflicts_with = "interface")]
    layer: bool,
    /// Make an interface layer instead: one side or both of a relation
    #[arg(long)]
    interface: bool,
}

impl New {
    pub(crate) fn run(self, progress: &mut Progress) -> Result<Output, Report> {
        let kind = match (self.layer, self.interface) {
            (true, _) => Kind::Layer,
            (_, true) => Kind::Interface,
            _ => Kind::Charm,
        };
        let checkout = ops::new(&ops::New {
            dir: self.name.clone(),
            kind,
        })?;
        progress.note(&format!(
            "it depends on the sources of this command by their path, `{}`, until Ensign's crates are published",
            checkout.display()
        ));
        if kind == Kind::Charm {
            progress.note(&format!(
                "go on with `cd {} && cargo test && ensign run`",
                self.name.display()
            ));
        }
        Ok(Output::text(format!("{}\n", self.name.display())))
    }
}
