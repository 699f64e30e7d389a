use clap::Args;
use ensign_local::Home;

use crate::ops;
use crate::output::Output;
use crate::report::Report;

/// Start a shell in which `juju` is the juju-compatible command, on a kept model
#[derive(Debug, Args)]
pub(crate) struct Shell {
    /// The model
    #[arg(short, long)]
    model: Option<String>,
}

impl Shell {
    pub(crate) fn run(&self) -> Result<Output, Report> {
        let code = ops::shell(&Home::of_this_user()?, self.model.as_deref())?;
        Ok(Output {
            code,
            ..Output::nothing()
        })
    }
}
