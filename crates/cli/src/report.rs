//! What went wrong, for the person who typed the command.

use std::error::Error;
use std::fmt::Write;

use crate::style::Style;

/// An error with its causes, what it is about in full, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Report {
    message: String,
    causes: Vec<String>,
    details: Vec<String>,
    hints: Vec<String>,
    code: u8,
}

impl Report {
    /// Something failed: exit code 1.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            causes: Vec::new(),
            details: Vec::new(),
            hints: Vec::new(),
            code: 1,
        }
    }

    /// The command was typed wrongly: exit code 2.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            ..Self::new(message)
        }
    }

    /// An error with its chain of causes.
    pub(crate) fn of(error: &dyn Error) -> Self {
        let mut report = Self::new(error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            report.add_cause(cause.to_string());
            source = cause.source();
        }
        report
    }

    /// The same with a cause.
    pub(crate) fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.add_cause(cause.to_string());
        self
    }

    /// The same with lines that say what it is about.
    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// The same with advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        let hint = hint.into();
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
        self
    }

    pub(crate) const fn code(&self) -> u8 {
        self.code
    }

    /// Many errors repeat their cause in their own text.
    fn add_cause(&mut self, cause: String) {
        if !self.message.contains(&cause) && !self.causes.contains(&cause) {
            self.causes.push(cause);
        }
    }

    /// `error: …`, its causes, its details, then `hint: …`.
    pub(crate) fn render(&self, style: Style) -> String {
        let mut text = format!("{} {}\n", style.error("error:"), self.message);
        for cause in &self.causes {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "  {} {cause}", style.error("caused by:"));
        }
        for detail in &self.details {
            let _ = writeln!(text, "\n{}", detail.trim_end());
        }
        if !self.hints.is_empty() {
            text.push('\n');
        }
        for hint in &self.hints {
            let _ = writeln!(text, "{} {hint}", style.hint("hint:"));
        }
        text
    }
}

impl From<ensign_build::Error> for Report {
    fn from(error: ensign_build::Error) -> Self {
        let mut report = Self::of(&error);
        if let ensign_build::Error::Files(findings) = &error {
            for finding in findings {
                report = report.detail(crate::show::finding(finding, Style::of_stderr()));
            }
        }
        match error.hint() {
            Some(hint) => report.hint(hint),
            None => report,
        }
    }
}

impl From<ensign_local::Error> for Report {
    fn from(error: ensign_local::Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_from_error_to_hint() {
        let report = Report::new("cannot fly")
            .because("no wings")
            .detail("bird.rs:1")
            .hint("walk")
            .hint("walk");
        let text = report.render(Style::default());
        assert_eq!(
            text,
            "error: cannot fly\n  caused by: no wings\n\nbird.rs:1\n\nhint: walk\n"
        );
    }

    #[test]
    fn a_cause_that_the_message_repeats_is_said_once() {
        let report = Report::new("could not read: not found").because("not found");
        assert_eq!(
            report.render(Style::default()),
            "error: could not read: not found\n"
        );
    }
}
