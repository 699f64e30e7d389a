use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::commands::Cli;
use crate::output::Output;

/// Print what a shell needs to complete this command's arguments
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Output {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "ensign", &mut script);
        Output::text(String::from_utf8_lossy(&script))
    }
}
