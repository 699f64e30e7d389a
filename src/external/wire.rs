//! What goes over the socket: one line of JSON there, one back.

use serde::{Deserialize, Serialize};

/// The most a request may take, in bytes: more than a command line can carry.
pub(super) const REQUEST_LIMIT: u64 = 4 << 20;

/// The most an answer may take, in bytes: 64 KiB flags of 1 KiB each would fit.
pub(super) const ANSWER_LIMIT: u64 = 64 << 20;

/// A call of the command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The arguments, without the program's name.
    pub(super) args: Vec<String>,
}

/// What the command prints, and how it exits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// 0 done or true, 1 failed or false, 2 wrongly used.
    pub(super) code: u8,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) stdout: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) stderr: String,
}

impl Answer {
    /// Done, with nothing to say.
    pub(super) fn done() -> Self {
        Self::default()
    }

    /// The answer to a question: an exit code.
    pub(super) fn truth(holds: bool) -> Self {
        Self {
            code: u8::from(!holds),
            ..Self::default()
        }
    }

    /// One line each.
    pub(super) fn lines<T: AsRef<str>>(lines: impl IntoIterator<Item = T>) -> Self {
        let mut stdout = String::new();
        for line in lines {
            stdout.push_str(line.as_ref());
            stdout.push('\n');
        }
        Self {
            stdout,
            ..Self::default()
        }
    }

    /// Failed, and why.
    pub(super) fn failed(code: u8, why: &str) -> Self {
        Self {
            code,
            stdout: String::new(),
            stderr: format!("charms.reactive: {why}\n"),
        }
    }
}

impl From<&crate::Error> for Answer {
    fn from(error: &crate::Error) -> Self {
        let mut why = error.line();
        if let Some(advice) = error.advice() {
            why.push_str("\nhint: ");
            why.push_str(advice);
        }
        Self::failed(1, &why)
    }
}
