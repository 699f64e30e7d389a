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
    /// Good to know.
    Info,
}

/// One mistake in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// Which mistake it is; 0 where only `ensign proof` gives it a number.
    #[serde(skip)]
    pub number: u16,
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; 0 where it is about the whole file.
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

    /// A finding about a whole file.
    #[must_use]
    pub fn about(level: Level, file: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            level,
            number: 0,
            file: file.into(),
            line: 0,
            column: 1,
            message: message.into(),
            hint: None,
            snippet: String::new(),
        }
    }

    /// The same with the number that `ensign proof` lists it under.
    #[must_use]
    pub const fn numbered(mut self, number: u16) -> Self {
        self.number = number;
        self
    }

    /// Level and number as one word, such as `E301`; none without a number.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let letter = match self.level {
            Level::Error => 'E',
            Level::Warning => 'W',
            Level::Info => 'I',
        };
        (self.number > 0).then(|| format!("{letter}{}", self.number))
    }

    fn new(level: Level, source: &Source, place: Place, message: String) -> Self {
        Self {
            level,
            number: 0,
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
        write!(f, "{}:", self.file.display())?;
        if self.line > 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        write!(f, " {}", self.message)?;
        if !self.snippet.trim().is_empty() {
            let number = self.line.to_string();
            // Tabs stay tabs, so that the mark stands below its place.
            let lead: String = self
                .snippet
                .chars()
                .take(self.column.saturating_sub(1))
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
            // What goes on over several lines, such as YAML to add, stays below its beginning.
            Some(hint) => write!(f, "\n hint: {}", hint.replace('\n', "\n       ")),
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

    /// Adds several.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.all.extend(findings);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_of_several_lines_is_indented_as_one() {
        let finding = Finding::about(Level::Error, "metadata.yaml", "no peers")
            .hint("add to metadata.yaml:\npeers:\n  cluster: {}");
        assert_eq!(
            finding.to_string(),
            "metadata.yaml: no peers\n hint: add to metadata.yaml:\n       peers:\n         cluster: {}"
        );
    }
}
