use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use ensign_local::{Wanted, read_duration, read_steps};
use ensign_model::Profile;

use crate::ops::{self, Setting, Steps};
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::report::Report;
use crate::show;
use crate::style::Style;

/// Build a charm, deploy it into a local model, play steps and show the result
///
/// The model settles before the first step, after each, and at the end: every live agent is idle, nothing is pending,
/// due or in error. Its units are real processes, each in a machine of its own.
#[derive(Debug, Args)]
#[command(after_long_help = STEPS)]
pub(crate) struct Run {
    /// Folders of charms, built directories or .charm files
    #[arg(default_value = ".", value_name = "CHARM")]
    charms: Vec<PathBuf>,
    /// How many units: of the first charm, or of the application that is named
    #[arg(long, value_name = "[APP=]N", value_parser = units)]
    units: Vec<Units>,
    /// An option to deploy with, of the first charm or of the application that is named; or a YAML file with the
    /// options of each application, for values that nobody should see on a command line
    #[arg(long, value_name = "[APP.]K=V|FILE", value_parser = setting)]
    config: Vec<Setting>,
    /// The Juju versions to behave as, one after the other
    #[arg(
        long,
        value_name = "VERSION",
        value_delimiter = ',',
        default_value = "3.6"
    )]
    juju: Vec<Profile>,
    /// A step to play once the model has settled; `a, b` plays both without settling between
    #[arg(long = "do", value_name = "STEP", value_parser = steps)]
    steps: Vec<Steps>,
    /// A file whose bytes must be the same on all live units
    #[arg(long, value_name = "FILE")]
    same: Vec<String>,
    /// How long settling may take, in model time: 90s, 10m, 1h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time)]
    timeout: Duration,
    /// Leave the model running, for `ensign juju` and `ensign shell`
    #[arg(long)]
    keep: bool,
    /// Run units as plain processes on this host: they write to its files and use its network
    #[arg(long)]
    no_machines: bool,
    /// Decides what chance decides: who wins an election, which unit goes first
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

const STEPS: &str = "\
Steps:
  kill-leader [APP]         the leader's machine is lost for good
  partition-leader [APP]    the leader reaches neither the controller nor its peers
  cut UNIT                  the unit reaches neither the controller nor its peers
  heal                      every unit reaches them again
  add-unit [APP]            one unit more
  remove-unit UNIT          the unit leaves in order
  remove-unit --force UNIT  the unit is gone, lost or not
  config [APP] K=V …        options are set
  integrate A B             two applications are related
  action UNIT NAME K=V …    an action is run and waited for
  crash-next-hook UNIT      the charm is killed at its next hook tool
  upgrade [APP]             the charm is upgraded to a new revision
  migrate VERSION           the model becomes one of another Juju
  advance TIME              model time goes on: 60s, 10m
  wait                      nothing but settling

APP is the first charm where none is named.";

/// The value of `--units`.
#[derive(Debug, Clone)]
struct Units {
    app: Option<String>,
    count: u32,
}

fn units(text: &str) -> Result<Units, String> {
    let (app, count) = match text.split_once('=') {
        Some((app, count)) => (Some(app.to_owned()), count),
        None => (None, text),
    };
    match count.parse() {
        Ok(count @ 1..) => Ok(Units { app, count }),
        _ => Err("write a number of units, such as `3`, or `APP=3`".into()),
    }
}

fn steps(text: &str) -> Result<Steps, String> {
    let steps = read_steps(text).map_err(|error| error.to_string())?;
    Ok(Steps {
        text: text.trim().to_owned(),
        steps,
    })
}

fn setting(text: &str) -> Result<Setting, Infallible> {
    Ok(Setting::of(text))
}

fn time(text: &str) -> Result<Duration, String> {
    read_duration(text).ok_or_else(|| "write a time such as `90s`, `10m` or `1h30m`".into())
}

impl Run {
    pub(crate) fn run(self, progress: &mut Progress) -> Result<Output, Report> {
        let mut count = 1;
        let mut units_of = BTreeMap::new();
        for units in self.units {
            match units.app {
                None => count = units.count,
                Some(app) => drop(units_of.insert(app, units.count)),
            }
        }
        let run = ops::Run {
            charms: self.charms,
            units: count,
            units_of,
            settings: self.config,
            profiles: self.juju,
            steps: self.steps,
            same: self.same,
            timeout: self.timeout,
            keep: self.keep,
            wanted: if self.no_machines {
                Wanted::Processes
            } else {
                Wanted::Machines
            },
            seed: self.seed,
        };
        let outcomes = ops::run(&run, progress)?;
        let output = match self.format {
            Format::Json => Output::json(
                &outcomes
                    .iter()
                    .map(|outcome| &outcome.report)
                    .collect::<Vec<_>>(),
            )?,
            Format::Text => {
                let style = Style::of_stdout();
                let parts: Vec<String> = outcomes
                    .iter()
                    .map(|outcome| show::outcome(outcome, style))
                    .collect();
                Output::text(parts.join("\n"))
            }
        };
        let complaints: Vec<String> = outcomes
            .iter()
            .filter_map(ops::Outcome::complaint)
            .collect();
        Ok(output.failing((!complaints.is_empty()).then(|| Report::new(complaints.join("; ")))))
    }
}
