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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    fn log(expected: &str, message: &str) {
        let calls = [on(&["juju-log", "-l", "INFO", "--", expected])];
        play(calls, |t| juju_log(t, Level::Info, message)).unwrap();
    }

    #[test]
    fn any_message_is_logged_as_it_is() {
        log("--help", "--help");
        log("", "");
        log("two\nlines é", "two\nlines é");
        log("a\u{2400}b", "a\0b");
        play([on(&["juju-log", "-l", "ERROR", "--", "x"])], |t| {
            juju_log(t, Level::Error, "x")
        })
        .unwrap();
    }

    #[test]
    fn a_message_longer_than_an_argument_is_cut_between_characters() {
        log(&"x".repeat(131_071), &"x".repeat(131_071));
        // An odd start puts the limit into the middle of a character.
        let message = format!("x{}", "é".repeat(70_000));
        let cut = call::fitting(&message, call::LONGEST_ARG);
        log(&cut, &message);
        assert!(cut.len() <= call::LONGEST_ARG && cut.len() > call::LONGEST_ARG - 100);
        let kept = cut.split(' ').next().unwrap();
        assert!(message.starts_with(kept));
        assert!(
            cut.ends_with(&format!("({} bytes cut)", message.len() - kept.len())),
            "{}",
            &cut[131_000..]
        );
    }
}
