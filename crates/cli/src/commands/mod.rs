//! The commands: what can be typed, and which work it asks for.

mod build;
mod completions;
pub(crate) mod juju;
mod layers;
mod new;
mod proof;
mod run;
mod shell;
mod test;

use clap::{Parser, Subcommand};

use crate::output::Output;
use crate::progress::Progress;
use crate::report::Report;
use crate::version;

/// Write, build and try Juju charms in Rust
#[derive(Debug, Parser)]
#[command(name = "ensign", version = version::long(), max_term_width = 110)]
pub(crate) struct Cli {
    /// Say more about what is being done
    // Behind what a command has of its own.
    #[arg(short, long, global = true, display_order = 901)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::New),
    Build(build::Build),
    Proof(proof::Proof),
    Layers(layers::Layers),
    Run(run::Run),
    Test(test::Test),
    Juju(juju::Juju),
    Shell(shell::Shell),
    Completions(completions::Completions),
}

impl Cli {
    /// Does what was asked for.
    pub(crate) fn run(self) -> Result<Output, Report> {
        let mut progress = Progress::start(self.verbose);
        match self.command {
            Command::New(command) => command.run(&mut progress),
            Command::Build(command) => command.run(&mut progress),
            Command::Proof(command) => command.run(&mut progress),
            Command::Layers(command) => command.run(&mut progress),
            Command::Run(command) => command.run(&mut progress),
            Command::Test(command) => command.run(),
            Command::Juju(command) => command.run(),
            Command::Shell(command) => command.run(),
            Command::Completions(command) => Ok(command.run()),
        }
    }
}
