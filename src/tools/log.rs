//! Juju's log (Juju facts, hook tools §7).

use std::fmt;

use super::call::{self, Call};
use super::{ToolError, Tools};

/// How important a line of the log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every step.
    Trace,
    /// For whoever looks for a fault; what a hook prints is logged here and hidden by default.
    Debug,
    /// What a model's operator likes to know.
    Info,
    /// Something is not as it should be.
    Warning,
    /// Something failed.
    Error,
}

impl Level {
    /// The name Juju has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Writes to the log, at once. A message longer than a process can be given (128 KiB) is cut and says so.
///
/// # Errors
/// If the tool fails.
pub fn juju_log(tools: &mut Tools, level: Level, message: &str) -> Result<(), ToolError> {
    Call::read("juju-log")
        .value("-l", level.name())
        .dashes()
        .arg(call::fitting(message, call::LONGEST_ARG))
        .run(tools)?;
    Ok(())
}
