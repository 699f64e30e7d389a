use ensign_build::{Finding, Level};

use crate::style::Style;

/// A mistake in a file, with its line and a mark below it.
pub(crate) fn finding(finding: &Finding, style: Style) -> String {
    let level = match finding.level {
        Level::Error => style.error("error:"),
        Level::Warning => style.warning("warning:"),
    };
    format!("{level} {finding}")
}
