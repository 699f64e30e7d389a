//! What a command gives back.

use serde::Serialize;

use crate::report::Report;

/// What goes to stdout, and how the command ended.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// The data, with its final line break.
    pub(crate) data: String,
    /// What somebody else wrote to stderr.
    pub(crate) aside: String,
    /// Why it failed although there is data.
    pub(crate) failed: Option<Report>,
    /// The exit code where it is somebody else's: that of a shell.
    pub(crate) code: u8,
}

impl Output {
    /// No data.
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    /// A text.
    pub(crate) fn text(data: impl Into<String>) -> Self {
        Self {
            data: data.into(),
            ..Self::default()
        }
    }

    /// A value as JSON.
    pub(crate) fn json(value: &impl Serialize) -> Result<Self, Report> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Report::new("cannot write JSON").because(error))?;
        Ok(Self::text(text + "\n"))
    }

    /// The same; the command failed.
    pub(crate) fn failing(mut self, report: Option<Report>) -> Self {
        self.failed = report;
        self
    }
}

/// How data is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}
