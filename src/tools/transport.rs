//! The seam between the typed functions and whatever carries a call to Juju.

use std::fmt;
use std::io;

/// Carries one call of a hook tool to Juju and its answer back.
///
/// [`Wire`](super::Wire) speaks to the unit agent itself, [`Exec`](super::Exec) starts the tool as a process; tests
/// answer in-process. An implementation must not interpret the exit code: a tool that
/// ran and failed is an answer, not a [`TransportError`].
pub trait Transport {
    /// Runs the tool to its end.
    ///
    /// # Errors
    /// If there is no answer: the tool does not exist, could not be started, or ended without one.
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError>;

    /// Whether other processes of the machine can see the arguments of calls, as they can see a process's.
    fn shows_arguments(&mut self) -> bool {
        true
    }
}

impl Transport for Box<dyn Transport> {
    fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, TransportError> {
        (**self).call(call)
    }

    fn shows_arguments(&mut self) -> bool {
        (**self).shows_arguments()
    }
}

/// One call of a hook tool.
#[derive(Clone, Copy)]
pub struct ToolCall<'a> {
    /// The tool's name, such as `relation-get`.
    pub tool: &'a str,
    /// Its arguments, without the name.
    pub args: &'a [String],
    /// What the tool finds on its standard input; none is an empty one.
    pub stdin: Option<&'a str>,
    /// Arguments, input and output must not appear in errors, logs or traces.
    pub secret: bool,
}

impl fmt::Debug for ToolCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("ToolCall");
        out.field("tool", &self.tool);
        if self.secret {
            return out.finish_non_exhaustive();
        }
        out.field("args", &self.args)
            .field("stdin", &self.stdin)
            .finish()
    }
}

/// What a hook tool answered.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ToolOutput {
    /// 0 done, 1 failed, 2 the arguments are wrong (Juju facts, hook tools §1.2).
    pub code: i32,
    /// The answer.
    pub stdout: Vec<u8>,
    /// Error text, after `ERROR `.
    pub stderr: Vec<u8>,
}

/// Lengths only: the content may be secret.
impl fmt::Debug for ToolOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolOutput")
            .field("code", &self.code)
            .field("stdout", &format_args!("{} bytes", self.stdout.len()))
            .field("stderr", &format_args!("{} bytes", self.stderr.len()))
            .finish()
    }
}

/// Why a call has no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum TransportError {
    /// No such tool: this Juju does not have it, or nothing here is run by Juju.
    Missing,
    /// It could not be started, so nothing happened.
    NotStarted {
        /// What the system said.
        source: io::Error,
    },
    /// The tool was ended by a signal before it could answer.
    Killed {
        /// The signal's number, such as 9.
        signal: i32,
    },
    /// The operating system failed while the tool ran.
    Io {
        /// What was being done, such as `read its answer`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The other side went away, or answered what is no answer.
    Lost {
        /// What happened, in a few words.
        problem: String,
    },
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no such tool"),
            Self::NotStarted { source } => write!(f, "it cannot be started: {source}"),
            Self::Killed { signal } => {
                write!(f, "it was killed by signal {signal} before it answered")
            }
            Self::Io { doing, source } => write!(f, "cannot {doing}: {source}"),
            Self::Lost { problem } => f.write_str(problem),
        }
    }
}

impl std::error::Error for TransportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } | Self::NotStarted { source } => Some(source),
            Self::Missing | Self::Killed { .. } | Self::Lost { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printing_a_call_shows_no_secret_and_printing_an_answer_nothing_at_all() {
        let args = ["k=hunter2".to_owned()];
        let mut call = ToolCall {
            tool: "leader-set",
            args: &args,
            stdin: Some("hunter3"),
            secret: true,
        };
        assert_eq!(format!("{call:?}"), "ToolCall { tool: \"leader-set\", .. }");
        call.secret = false;
        assert!(format!("{call:?}").contains("hunter2"));
        let answer = ToolOutput {
            stdout: b"hunter2".to_vec(),
            ..ToolOutput::default()
        };
        assert!(!format!("{answer:?}").contains("hunter2"));
    }
}
