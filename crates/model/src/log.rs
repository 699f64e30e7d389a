//! The model's log, and what each unit has run.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ContextId, Outcome, Time, UnitName};

/// How much a log record matters, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// Step by step.
    Trace,
    /// What a hook prints on stdout, and the agent's details.
    Debug,
    /// What is good to know.
    Info,
    /// What a hook prints on stderr, and what should not be.
    Warning,
    /// A failure.
    Error,
    /// The worst.
    Critical,
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
        })
    }
}

/// One line of the model's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// When.
    pub time: Time,
    /// Whose agent wrote it; `None` for the controller.
    pub unit: Option<UnitName>,
    /// How much it matters.
    pub level: Level,
    /// The logger, such as `unit.redis/0.juju-log`.
    pub logger: String,
    /// The message.
    pub message: String,
}

/// The log since it was last drained.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Log {
    /// The least severe level that is kept; `None` keeps nothing.
    threshold: Option<Level>,
    records: Vec<LogRecord>,
}

impl Log {
    pub(crate) const fn new(threshold: Option<Level>) -> Self {
        Self {
            threshold,
            records: Vec::new(),
        }
    }

    /// Whether records of that level are kept.
    pub(crate) fn keeps(&self, level: Level) -> bool {
        self.threshold.is_some_and(|threshold| level >= threshold)
    }

    pub(crate) fn write(
        &mut self,
        time: Time,
        unit: Option<&UnitName>,
        level: Level,
        logger: impl Into<String>,
        message: String,
    ) {
        if self.keeps(level) {
            self.records.push(LogRecord {
                time,
                unit: unit.cloned(),
                level,
                logger: logger.into(),
                message,
            });
        }
    }

    /// What has not been drained.
    pub(crate) fn records(&self) -> &[LogRecord] {
        &self.records
    }

    pub(crate) fn drain(&mut self) -> Vec<LogRecord> {
        std::mem::take(&mut self.records)
    }
}

/// Which of a process's two streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stream {
    /// Logged at DEBUG.
    Stdout,
    /// Logged at WARNING.
    Stderr,
}

/// One operation a unit has run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HookRecord {
    /// The hook's or action's name, or `run-commands`.
    pub hook: String,
    /// Its context.
    pub context: ContextId,
    /// When it began.
    pub started: Time,
    /// When it ended.
    pub ended: Time,
    /// Its exit code; `None` if it had none (missing, killed, not executable).
    pub exit: Option<i32>,
    /// What became of it.
    pub outcome: Outcome,
    /// The names of the tools it called, in order.
    pub tools: Vec<String>,
}
