use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ensign_local::{Home, read_duration};

use crate::ops::{self, Exec, Forwarding, Ssh};
use crate::output::Output;
use crate::report::Report;
use crate::show;

/// The juju-compatible command, on models that `ensign run --keep` left running
#[derive(Debug, Parser)]
#[command(name = "juju")]
pub(crate) struct Juju {
    /// The model
    #[arg(short, long, global = true, display_order = 900)]
    model: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(Status),
    Exec(ExecArgs),
    Ssh(SshArgs),
    Models(Models),
    DestroyModel(DestroyModel),
}

/// Show the model, its applications, units and machines
#[derive(Debug, Args)]
struct Status {
    /// How to print it
    #[arg(long, value_enum, default_value_t = Layout::Tabular)]
    format: Layout,
    /// Show the relations too
    #[arg(long, visible_alias = "integrations")]
    relations: bool,
}

/// Run commands on units, in a hook context
#[derive(Debug, Args)]
struct ExecArgs {
    /// The units, or APP/leader
    #[arg(short, long, value_delimiter = ',')]
    unit: Vec<String>,
    /// All units of the applications
    #[arg(short, long, visible_alias = "app", value_delimiter = ',')]
    application: Vec<String>,
    /// All units of the model
    #[arg(long)]
    all: bool,
    /// How long to wait, in model time
    #[arg(long, default_value = "60s", value_parser = time)]
    wait: Duration,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Results::Plain)]
    format: Results,
    /// The commands
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    commands: Vec<String>,
}

/// A shell, or a command, in a unit's machine: as root, and outside of any hook
///
/// No ssh is involved: this process enters the machine's namespaces. With -L, ports of this host lead into the machine,
/// for ordinary users too, who do not reach it by address.
#[derive(Debug, Args)]
struct SshArgs {
    /// A port of this host, and where it leads as seen from the machine
    #[arg(short = 'L', value_name = "[BIND:]PORT:HOST:HOSTPORT", value_parser = Forwarding::read)]
    forwards: Vec<Forwarding>,
    /// Run nothing: only forward, until it is interrupted
    #[arg(short = 'N', requires = "forwards", conflicts_with = "words")]
    forwards_only: bool,
    /// Taken for compatibility: there are no host keys
    #[arg(long)]
    no_host_key_checks: bool,
    /// Taken for compatibility: a terminal is passed on where there is one
    #[arg(long, num_args = 0..=1, require_equals = true)]
    pty: Option<Option<bool>>,
    /// A unit, APP/leader, or a machine's number
    target: String,
    /// The command; a shell if there is none
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    words: Vec<String>,
}

/// List the models
#[derive(Debug, Args)]
struct Models {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Layout::Tabular)]
    format: Layout,
}

/// End models and remove everything of them
#[derive(Debug, Args)]
struct DestroyModel {
    /// The models
    #[arg(required = true, value_name = "MODEL")]
    names: Vec<String>,
    /// Taken for compatibility: nothing is asked
    #[arg(short = 'y', long)]
    no_prompt: bool,
    /// Taken for compatibility: nothing blocks it
    #[arg(long)]
    force: bool,
    /// Taken for compatibility: storage goes with its model
    #[arg(long)]
    destroy_storage: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layout {
    Tabular,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Results {
    Plain,
    Json,
}

fn time(text: &str) -> Result<Duration, String> {
    read_duration(text).ok_or_else(|| "write a time such as `90s` or `10m`".into())
}

impl Juju {
    pub(crate) fn run(self) -> Result<Output, Report> {
        let home = Home::of_this_user()?;
        let model = self.model.as_deref();
        match self.command {
            Command::Status(status) => status.run(&home, model),
            Command::Exec(exec) => exec.run(&home, model),
            Command::Ssh(ssh) => ssh.run(&home, model),
            Command::Models(models) => models.run(&home),
            Command::DestroyModel(destroy) => {
                ops::destroy(&home, &destroy.names)?;
                Ok(Output::nothing())
            }
        }
    }
}

impl Status {
    fn run(&self, home: &Home, model: Option<&str>) -> Result<Output, Report> {
        let status = ops::connect(home, model)?.status()?;
        match self.format {
            Layout::Tabular => Ok(Output::text(show::status::tabular(&status, self.relations))),
            Layout::Json => Output::json(&show::status::json(&status)),
        }
    }
}

impl ExecArgs {
    fn run(self, home: &Home, model: Option<&str>) -> Result<Output, Report> {
        let exec = Exec {
            units: self.unit,
            applications: self.application,
            all: self.all,
            commands: self.commands.join(" "),
            timeout: self.wait,
        };
        let ran = ops::exec(&mut ops::connect(home, model)?, &exec)?;
        let output = match self.format {
            Results::Json => Output::json(&show::exec::json(&ran))?,
            Results::Plain => {
                let (data, aside) = show::exec::plain(&ran);
                Output {
                    data,
                    aside,
                    ..Output::nothing()
                }
            }
        };
        Ok(output.failing(show::exec::failures(&ran).map(Report::new)))
    }
}

impl SshArgs {
    fn run(self, home: &Home, model: Option<&str>) -> Result<Output, Report> {
        let ssh = Ssh {
            target: self.target,
            words: self.words,
            forwards: self.forwards,
            forwards_only: self.forwards_only,
        };
        let code = ops::ssh(&mut ops::connect(home, model)?, &ssh)?;
        Ok(Output {
            code,
            ..Output::nothing()
        })
    }
}

impl Models {
    fn run(&self, home: &Home) -> Result<Output, Report> {
        let models = home.models()?;
        match self.format {
            Layout::Tabular => Ok(Output::text(show::models::tabular(&models))),
            Layout::Json => Output::json(&show::models::json(&models)),
        }
    }
}
