use std::path::PathBuf;

use clap::Args;
use ensign_build::{Options, Purpose};
use serde_json::json;

use crate::ops;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::report::Report;

/// Build a charm: its directory, and the .charm file for `juju deploy`
///
/// Layers are the crates that the charm depends on, and folders of LAYER_PATH and INTERFACE_PATH
/// (CHARM_LAYERS_DIR, CHARM_INTERFACES_DIR). Prints two lines: the charm directory and the .charm file.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The folder of the charm
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// Where to write; target/ensign/release of the charm's workspace by default
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Build for another processor, such as aarch64-unknown-linux-musl
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Make conflicts between layers errors
    #[arg(long)]
    strict: bool,
    /// Take layers in folders as they are now, whatever layer.lock says
    #[arg(long)]
    update: bool,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Build {
    pub(crate) fn run(self, progress: &mut Progress) -> Result<Output, Report> {
        let options = Options {
            dir: self.dir,
            out: self.output,
            purpose: Purpose::Release,
            target: self.target,
            pack: true,
            strict: self.strict,
            update: self.update,
            ..ops::building()
        };
        let built = ops::build(&options, progress)?;
        let charm = built.charm.unwrap_or_default();
        match self.format {
            Format::Text => Ok(Output::text(format!(
                "{}\n{}\n",
                built.dir.display(),
                charm.display()
            ))),
            Format::Json => Output::json(
                &json!({"dir": built.dir, "charm": charm, "binary": built.binary, "bytes": built.bytes}),
            ),
        }
    }
}
