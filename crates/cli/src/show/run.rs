//! The result of `ensign run` for people.

use ensign_local::Comparison;

use crate::ops::Outcome;
use crate::style::Style;

/// The model, who leads, and the files compared.
pub(crate) fn outcome(outcome: &Outcome, style: Style) -> String {
    let mut text = super::status::tabular(&outcome.status, false);
    text.push('\n');
    for (app, leader) in &outcome.report.leaders {
        text += &format!("{leader} leads {app}\n");
    }
    for comparison in &outcome.compared {
        text += &format!("{}\n", compared(comparison, style));
    }
    if outcome.report.settled {
        text += &format!(
            "{} on Juju {}\n",
            style.good("settled"),
            outcome.report.juju
        );
    } else {
        text += &format!(
            "{} on Juju {}:\n",
            style.error("not settled"),
            outcome.report.juju
        );
        for why in &outcome.report.unsettled {
            text += &format!("  {why}\n");
        }
    }
    text
}

fn compared(comparison: &Comparison, style: Style) -> String {
    let path = &comparison.path;
    let names = |units: &[ensign_model::UnitName]| {
        units
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    if comparison.is_same() {
        let count = comparison.groups.iter().map(Vec::len).sum::<usize>();
        let units = if count == 1 { "unit" } else { "units" };
        return format!("{path} is {} on {count} {units}", style.good("the same"));
    }
    let mut parts: Vec<String> = comparison
        .groups
        .iter()
        .map(|units| format!("one on {}", names(units)))
        .collect();
    if comparison.groups.len() > 1 {
        parts
            .iter_mut()
            .skip(1)
            .for_each(|part| *part = part.replacen("one", "another", 1));
    }
    if !comparison.missing.is_empty() {
        parts.push(format!("none on {}", names(&comparison.missing)));
    }
    if parts.is_empty() {
        parts.push("no live unit".into());
    }
    format!("{path} {}: {}", style.error("differs"), parts.join("; "))
}
