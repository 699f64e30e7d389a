use ensign_build::{Finding, Level};

use crate::style::Style;

/// A mistake in a file, with its line and a mark below it.
pub(crate) fn finding(finding: &Finding, style: Style) -> String {
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "info",
    };
    let label = match finding.code() {
        None => format!("{level}:"),
        Some(code) => format!("{level}[{code}]:"),
    };
    let label = match finding.level {
        Level::Error => style.error(&label),
        Level::Warning => style.warning(&label),
        Level::Info => style.hint(&label),
    };
    format!("{label} {finding}")
}

/// All of them, and how many there are.
pub(crate) fn findings(findings: &[Finding], style: Style) -> String {
    let mut text = String::new();
    for one in findings {
        text.push_str(&finding(one, style));
        text.push_str("\n\n");
    }
    let count = |level: Level, noun: &str| {
        let count = findings.iter().filter(|one| one.level == level).count();
        let plural = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} {noun}{plural}"))
    };
    let counts: Vec<String> = [
        count(Level::Error, "error"),
        count(Level::Warning, "warning"),
        count(Level::Info, "remark"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if counts.is_empty() {
        return style.good("no mistakes found") + "\n";
    }
    text + &counts.join(", ") + "\n"
}
