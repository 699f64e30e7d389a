//! What can go wrong with a hook tool, told apart by what the caller can do about it.

use std::fmt;

use super::transport::TransportError;
use crate::error::{ErrorKind, Kind};

/// A hook tool that is missing, failed, or gave an answer that cannot be used.
///
/// Arguments, input and output of calls marked secret never appear in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum ToolError {
    /// This Juju does not have the tool, or nothing here is run by Juju.
    Missing {
        /// The tool's name.
        tool: String,
    },
    /// The tool ran and said no.
    Failed {
        /// The tool's name.
        tool: String,
        /// The call as it may be shown.
        shown: String,
        /// 1 failed, 2 the arguments are wrong.
        code: i32,
        /// The tool's words, without `ERROR `; shortened in secret calls.
        stderr: String,
        /// What the words mean for the caller.
        kind: ErrorKind,
    },
    /// The tool succeeded but its output is not what it documents.
    Garbled {
        /// The tool's name.
        tool: String,
        /// What is wrong and where; never the output itself.
        problem: String,
    },
    /// There was no answer.
    Transport {
        /// The tool's name.
        tool: String,
        /// The call as it may be shown.
        shown: String,
        /// [`ErrorKind::Unknown`] if the call was a write that may have happened.
        kind: ErrorKind,
        /// Why.
        source: TransportError,
    },
    /// `collect-metrics` and `meter-status-changed` hooks cannot use this tool.
    Restricted {
        /// The tool's name.
        tool: String,
    },
    /// Refused before the tool was called, because it would have damaged or rejected the argument.
    Invalid {
        /// The tool's name.
        tool: String,
        /// What is wrong, and what to do.
        problem: String,
    },
}

impl ToolError {
    /// Whether the tool does not exist here, as `leader-get` and `leader-set` do not on Juju 4.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    /// The tool's name.
    #[must_use]
    pub fn tool(&self) -> &str {
        match self {
            Self::Missing { tool }
            | Self::Failed { tool, .. }
            | Self::Garbled { tool, .. }
            | Self::Transport { tool, .. }
            | Self::Restricted { tool }
            | Self::Invalid { tool, .. } => tool,
        }
    }

    pub(super) fn invalid(tool: &str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            tool: tool.to_owned(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { tool } => write!(f, "hook tool `{tool}` does not exist here"),
            Self::Failed {
                shown,
                code,
                stderr,
                ..
            } if stderr.is_empty() => {
                write!(f, "`{shown}` failed with exit code {code} and said nothing")
            }
            Self::Failed {
                shown,
                code,
                stderr,
                ..
            } => {
                write!(f, "`{shown}` failed with exit code {code}: {stderr}")
            }
            Self::Garbled { tool, problem } => {
                write!(f, "cannot read the answer of `{tool}`: {problem}")
            }
            Self::Transport { shown, source, .. } => {
                write!(f, "`{shown}` gave no answer: {source}")
            }
            Self::Restricted { tool } => {
                write!(f, "hook tool `{tool}` cannot be used in this kind of hook")
            }
            Self::Invalid { tool, problem } => write!(f, "`{tool}` was not called: {problem}"),
        }
    }
}

impl std::error::Error for ToolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl Kind for ToolError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Failed { kind, .. } | Self::Transport { kind, .. } => *kind,
            Self::Missing { .. } | Self::Garbled { .. } => ErrorKind::Tool,
            Self::Restricted { .. } => ErrorKind::Unavailable,
            Self::Invalid { .. } => ErrorKind::Invalid,
        }
    }

    fn advice(&self) -> Option<String> {
        let text = match self {
            Self::Missing { tool } => match tool.as_str() {
                "leader-get" | "leader-set" => {
                    "Juju 4 has no leadership settings: declare a peer endpoint, its application data takes their place"
                }
                "add-metric" | "payload-register" | "payload-unregister" | "payload-status-set" => {
                    "Juju 4 dropped this tool: ask `HookEnv::juju_at_least(4, 0)` first"
                }
                _ => {
                    "Juju puts its tools on the PATH of hooks, actions and `juju exec`: run this there, or with `ensign run`"
                }
            },
            Self::Restricted { .. } => {
                "`collect-metrics` and `meter-status-changed` may only log and add metrics: do this in another hook"
            }
            Self::Failed {
                kind: ErrorKind::NotLeader,
                ..
            } => "only the leader may do this: require the flag `leadership.is_leader`",
            Self::Failed {
                kind: ErrorKind::Unknown,
                ..
            }
            | Self::Transport {
                kind: ErrorKind::Unknown,
                ..
            } => "the write may or may not have happened: read the value again before writing",
            Self::Failed { stderr, .. } if stderr.starts_with("dial ") => {
                "the unit agent does not listen: a hook tool works only as long as its hook, action or `juju exec` runs"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }
}
