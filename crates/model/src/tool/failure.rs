//! How a tool fails.

/// A tool's failure; the texts are Juju's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Wrong options or arguments: exit code 2.
    Usage(String),
    /// It could not do what it was asked to: exit code 1.
    Run(String),
    /// It reads its stdin, which the client has not sent.
    Stdin,
    /// The command could not even be built.
    BadRequest(String),
    /// No failure: the help was asked for.
    Help(String),
}

impl Failure {
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    pub(crate) fn run(text: impl Into<String>) -> Self {
        Self::Run(text.into())
    }

    /// The text without what kind it is.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Usage(text) | Self::Run(text) | Self::BadRequest(text) | Self::Help(text) => text,
            Self::Stdin => "hook tool requires stdin, none supplied",
        }
    }
}
