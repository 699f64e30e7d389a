//! Handlers that are executables of any language, and the `charms.reactive` command they use.

pub(crate) mod command;

use std::path::Path;

use crate::dispatch::External;
use crate::error::Result;

/// Finds the executables in a charm's `reactive/` folder (B94).
pub(crate) fn discover(charm_dir: &Path) -> Result<Vec<Box<dyn External>>> {
    let _ = charm_dir;
    Ok(Vec::new())
}
