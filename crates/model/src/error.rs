//! Why an operator's command or a driver's report was refused.

use std::fmt;

use crate::{ContextId, UnitName};

/// Why a command was refused. The texts of the first six are Juju's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ModelError {
    /// There is no such application.
    NoApplication(String),
    /// There is no such unit.
    NoUnit(String),
    /// An application of that name exists.
    ApplicationExists(String),
    /// A name that cannot be an application's.
    BadName(String),
    /// Juju would refuse this; its text.
    Refused(String),
    /// `resolved` for a unit without an error.
    NotInError(UnitName),
    /// No operation with that context runs.
    NotRunning(ContextId),
    /// The unit's agent is not in the state this needs.
    Agent {
        /// The unit.
        unit: UnitName,
        /// What it is, and is needed to be.
        problem: &'static str,
    },
}

impl fmt::Display for ModelError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoApplication(name) => write!(out, "application {name:?} not found"),
            Self::NoUnit(name) => write!(out, "unit {name:?} not found"),
            Self::ApplicationExists(name) => write!(
                out,
                "cannot add application {name:?}: application already exists"
            ),
            Self::BadName(name) => write!(out, "invalid application name {name:?}"),
            Self::Refused(text) => out.write_str(text),
            Self::NotInError(unit) => write!(out, "unit \"{unit}\" is not in an error state"),
            Self::NotRunning(context) => write!(out, "nothing runs as `{context}`"),
            Self::Agent { unit, problem } => write!(out, "the agent of `{unit}` {problem}"),
        }
    }
}

impl std::error::Error for ModelError {}
