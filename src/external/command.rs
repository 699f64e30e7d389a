//! The `charms.reactive` command.

use crate::error::Result;

/// Runs it with these arguments; returns the exit code.
pub(crate) fn main(arguments: &[String], crates: &[&str]) -> Result<u8> {
    let _ = (arguments, crates);
    Err(crate::Error::new(crate::ErrorKind::Unavailable, "pending"))
}
