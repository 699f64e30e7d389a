//! The phases of a dispatch.

use std::fmt;

/// What part of a run it is: conditions hold in one phase only (B10, D24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Handlers bound to the running hook.
    Hooks,
    /// Flag handlers, in iterations.
    Other,
    /// Handlers of the running action (D29).
    Action,
    /// `collect-metrics` and `meter-status-changed` (B8).
    Restricted,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hooks => "hooks",
            Self::Other => "other",
            Self::Action => "action",
            Self::Restricted => "restricted",
        })
    }
}
