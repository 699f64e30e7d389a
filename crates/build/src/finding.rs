//! A mistake in one of the charm's files: where, what, and what to do.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::yaml::{Place, Source};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Juju or the charm would fail.
    Error,
    /// It may be meant, but looks wrong.
    Warning,
}

/// One mistake in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The text of the line.
    #[serde(skip)]
    pub snippet: String,
}

impl Finding {
    /// An error at a place of a file.
    #[must_use]
    pub fn error(source: &Source, place: Place, message: impl Into<String>) -> Self {
        Self::new(Level::Error, source, place, message.into())
    }

    /// A warning at a place of a file.
    #[must_use]
    pub fn warning(source: &Source, place: Place, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, source, place, message.into())
    }

    /// The same with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn new(level: Level, source: &Source, place: Place, message: String) -> Self {
        Self {
            level,
            file: source.path.clone(),
            line: place.line,
            column: place.column,
            message,
            hint: None,
            snippet: source.line(place.line).to_owned(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file.display(),
            self.line,
            self.column,
            self.message
        )?;
        if !self.snippet.trim().is_empty() {
            let number = self.line.to_string();
            // Tabs stay tabs, so that the mark stands below its place.
            let lead: String = self
                .snippet
                .chars()
                .take(self.column - 1)
                .map(|c| if c == '\t' { c } else { ' ' })
                .collect();
            write!(
                f,
                "\n {number} | {}\n {:width$} | {lead}^",
                self.snippet,
                "",
                width = number.len()
            )?;
        }
        match &self.hint {
            Some(hint) => write!(f, "\n hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// All that was found, in the order of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    all: Vec<Finding>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    /// All of them, by file, line and column.
    #[must_use]
    pub fn sorted(&self) -> Vec<Finding> {
        let mut all = self.all.clone();
        all.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        all
    }

    /// True if one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.all.iter().any(|finding| finding.level == Level::Error)
    }
}
