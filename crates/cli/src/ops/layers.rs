//! What a charm is made of.

use std::path::Path;

use ensign_build::Paths;
use ensign_build::contents::{Contents, contents};

use crate::progress::Progress;
use crate::report::Report;
use crate::show;
use crate::style::Style;

/// Reads the layers of the charm in `dir`, telling about mistakes in them.
pub(crate) fn layers(dir: &Path, progress: &mut Progress) -> Result<Contents, Report> {
    let found = contents(dir, &Paths::of_environment())?;
    for finding in &found.findings {
        progress.say(&show::finding(finding, Style::of_stderr()));
    }
    Ok(found)
}
