//! Builds one charm.

use ensign_build::{Built, Options, Step};

use crate::progress::Progress;
use crate::report::Report;
use crate::show;
use crate::style::Style;

/// Builds, telling about progress and warnings.
pub(crate) fn build(options: &Options, progress: &mut Progress) -> Result<Built, Report> {
    let built = ensign_build::build(options, &mut |step| match step {
        // Cargo shows its own progress.
        Step::Compile(package) => progress.pause(&format!("cargo builds `{package}`")),
        Step::Write => progress.resume("writing the charm"),
        _ => {}
    });
    progress.clear();
    let built = built?;
    for warning in &built.warnings {
        progress.say(&show::finding(warning, Style::of_stderr()));
    }
    for note in &built.notes {
        progress.warn(note);
    }
    Ok(built)
}
