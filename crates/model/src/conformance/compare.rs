//! Comparing answers with recorded ones.

use std::fmt;

use serde_json::Value;

use super::case::{RecordedCall, RecordedHelp};
use super::scratch::DIR;
use crate::ToolResult;

/// How a replayed case differs from its recording.
#[derive(Debug, Clone, PartialEq)]
pub enum Difference {
    /// The context describes what the model cannot be put into.
    Context(String),
    /// A call's answer differs.
    Answer {
        /// Which one, from 0.
        call: usize,
        /// Expected and found.
        what: String,
    },
    /// What the calls changed differs.
    Effects {
        /// As recorded.
        expected: Value,
        /// As replayed.
        found: Value,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Context(problem) => write!(out, "context: {problem}"),
            Self::Answer { call, what } => write!(out, "call {call}: {what}"),
            Self::Effects { expected, found } => {
                write!(out, "effects: expected {expected}, found {found}")
            }
        }
    }
}

impl std::error::Error for Difference {}

impl RecordedCall {
    /// Compares an answer; the error says what differs.
    pub(super) fn compare(&self, result: &ToolResult) -> Result<(), String> {
        let stdout = shown(&result.stdout);
        let stderr = shown(&result.stderr);
        differ("exit code", &self.code, &result.code)?;
        differ("stderr", &self.stderr, &stderr)?;
        match (&self.help, &self.stdout) {
            (Some(help), _) => help.compare(&stdout),
            (None, Some(expected)) if self.unordered => {
                differ("stdout", &sorted(expected), &sorted(&stdout))
            }
            (None, expected) => differ("stdout", expected.as_deref().unwrap_or_default(), &stdout),
        }
    }
}

impl RecordedHelp {
    fn compare(&self, stdout: &str) -> Result<(), String> {
        differ(
            "usage",
            self.usage.as_str(),
            stdout.lines().next().unwrap_or_default(),
        )?;
        let options = stdout
            .lines()
            .skip_while(|line| *line != "Options:")
            .take_while(|line| *line != "Details:");
        let options: Vec<String> = options
            .filter(|line| line.starts_with('-'))
            .map(str::to_owned)
            .collect();
        differ("options", &self.options, &options)
    }
}

fn differ<T: PartialEq + fmt::Debug + ?Sized>(
    what: &str,
    expected: &T,
    found: &T,
) -> Result<(), String> {
    if expected == found {
        Ok(())
    } else {
        Err(format!("{what}: expected {expected:?}, found {found:?}"))
    }
}

/// Bytes as a recording shows them.
pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(DIR, "@DIR@")
}

/// Lines, and the items of a JSON list, in alphabetical order.
fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = match serde_json::from_str::<Vec<Value>>(text) {
        Ok(items) => items.iter().map(Value::to_string).collect(),
        Err(_) => text.lines().map(str::to_owned).collect(),
    };
    lines.sort();
    lines
}
