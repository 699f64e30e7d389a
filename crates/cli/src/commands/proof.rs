use std::path::PathBuf;

use clap::Args;
use ensign_build::{Finding, Level};
use serde_json::{Value, json};

use crate::ops;
use crate::output::{Format, Output};
use crate::progress::Progress;
use crate::report::Report;
use crate::show;
use crate::style::Style;

/// Find mistakes in a charm before it is deployed
///
/// Prints every finding with its file and line, why, and what to do. Fails if one of them is an error.
#[derive(Debug, Args)]
pub(crate) struct Proof {
    /// The folder of a charm, a built directory or a .charm file
    #[arg(default_value = ".", value_name = "CHARM")]
    charm: PathBuf,
    /// An earlier build whose units are upgraded to this charm; by default the last `ensign build`, if there was one
    #[arg(long, value_name = "CHARM")]
    since: Option<PathBuf>,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Proof {
    pub(crate) fn run(self, progress: &mut Progress) -> Result<Output, Report> {
        let findings = ops::proof(&self.charm, self.since.as_deref(), progress)?;
        progress.clear();
        let output = match self.format {
            Format::Json => Output::json(&findings.iter().map(record).collect::<Vec<_>>())?,
            Format::Text => Output::text(show::findings(&findings, Style::of_stdout())),
        };
        let errors = findings
            .iter()
            .filter(|finding| finding.level == Level::Error)
            .count();
        let noun = if errors == 1 { "error" } else { "errors" };
        let complaint = format!("{errors} {noun} in `{}`", self.charm.display());
        Ok(output.failing((errors > 0).then(|| Report::new(complaint))))
    }
}

fn record(finding: &Finding) -> Value {
    json!({
        "level": finding.level,
        "code": finding.code(),
        "file": finding.file,
        "line": finding.line,
        "message": finding.message,
        "hint": finding.hint,
    })
}
