use std::path::PathBuf;

use clap::Args;

use crate::ops;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::report::Report;
use crate::show;

/// Show which layer every key and file of a charm comes from
#[derive(Debug, Args)]
pub(crate) struct Layers {
    /// The folder of the charm, built or not
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Layers {
    pub(crate) fn run(self, progress: &mut Progress) -> Result<Output, Report> {
        let contents = ops::layers(&self.dir, progress)?;
        match self.format {
            Format::Text => Ok(Output::text(show::layers(&contents))),
            Format::Json => Output::json(&contents),
        }
    }
}
