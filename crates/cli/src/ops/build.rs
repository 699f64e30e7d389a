//! Builds one charm.

use ensign_build::{Built, Error, Options, Paths, Step};

use crate::progress::Progress;
use crate::report::Report;
use crate::show;
use crate::style::Style;
use crate::version::CHECKOUT;

/// What all builds have in common: where layers lie, and the library for charms without Rust.
pub(crate) fn building() -> Options {
    Options {
        paths: Paths::of_environment(),
        library: Some(CHECKOUT.into()),
        ..Options::default()
    }
}

/// Builds, telling about progress and warnings.
pub(crate) fn build(options: &Options, progress: &mut Progress) -> Result<Built, Report> {
    let built = compile(options, progress)?;
    for warning in &built.warnings {
        progress.say(&show::finding(warning, Style::of_stderr()));
    }
    for note in &built.notes {
        progress.warn(note);
    }
    Ok(built)
}

/// Builds, telling about progress alone.
pub(super) fn compile(options: &Options, progress: &mut Progress) -> Result<Built, Error> {
    let built = ensign_build::build(options, &mut |step| match step {
        // Cargo shows its own progress.
        Step::Compile(package) => progress.pause(&format!("cargo builds `{package}`")),
        Step::Write => progress.resume("writing the charm"),
        _ => {}
    });
    progress.clear();
    built
}
