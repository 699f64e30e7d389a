//! Why a message could not be read.

use std::fmt;
use std::io;

/// The other side broke off, or said what is no message of this protocol.
#[derive(Debug)]
#[non_exhaustive]
pub enum WireError {
    /// The system failed.
    Io(io::Error),
    /// The other side hung up in the middle.
    Closed,
    /// It said what this protocol does not allow.
    Malformed(&'static str),
}

impl From<io::Error> for WireError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(source) => write!(f, "the connection to the unit agent broke: {source}"),
            Self::Closed => f.write_str("the unit agent hung up before it had answered"),
            Self::Malformed(what) => write!(f, "the unit agent's answer cannot be read: {what}"),
        }
    }
}

impl std::error::Error for WireError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(source) => Some(source),
            Self::Closed | Self::Malformed(_) => None,
        }
    }
}
