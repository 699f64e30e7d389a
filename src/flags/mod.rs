//! Flags: names that are set or not, and what follows at once when one changes.

mod name;
mod set;
mod trigger;

use std::fmt;

pub(crate) use name::hash;
pub use name::{Flag, valid};
pub(crate) use set::{ByHash, FlagSet};
pub(crate) use trigger::{Effects, Triggers};
pub use trigger::{TRIGGERS, Trigger, TriggerBuilder, TriggerDecl};

use crate::error::{ErrorKind, Kind};

/// A flag or a trigger that breaks its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FlagError {
    /// Not a flag name.
    Name(String),
    /// A trigger without exactly one of `when`/`when_not`, or with nothing to do (B43).
    Trigger(String),
    /// Triggers that cause each other (D21): the flags, in order.
    Loop(Vec<String>),
}

impl fmt::Display for FlagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                f,
                "`{}` is not a flag name: use letters, digits, `.`, `_` and `-`",
                name.escape_debug()
            ),
            Self::Trigger(why) => write!(f, "not a trigger: {why}"),
            Self::Loop(steps) => write!(f, "triggers cause each other: {}", steps.join(" → ")),
        }
    }
}

impl std::error::Error for FlagError {}

impl Kind for FlagError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Name(_) | Self::Trigger(_) => ErrorKind::Invalid,
            Self::Loop(_) => ErrorKind::Loop,
        }
    }
}
