//! Handlers that are gone since an earlier build, and what units remember of them.

use std::collections::BTreeSet;

use super::charm::Charm;
use super::handler::Handler;
use crate::finding::{Finding, Findings, Level};
use crate::yaml::nearest;

/// Looks for ids with a memory that no handler has or had.
pub(super) fn check(charm: &Charm, before: &Charm, findings: &mut Findings) {
    let known: BTreeSet<&str> = charm
        .handlers
        .iter()
        .flat_map(|handler| handler.was.iter().chain([&handler.id]))
        .map(String::as_str)
        .collect();
    let old: BTreeSet<&str> = before
        .handlers
        .iter()
        .map(|handler| handler.id.as_str())
        .collect();
    let new: Vec<&Handler> = charm
        .handlers
        .iter()
        .filter(|handler| remembers(handler) && !old.contains(handler.id.as_str()))
        .collect();
    let ids: Vec<&str> = new.iter().map(|handler| handler.id.as_str()).collect();
    for gone in before.handlers.iter().filter(|handler| remembers(handler)) {
        if known.contains(gone.id.as_str()) {
            continue;
        }
        let heir = nearest(&gone.id, &ids).or_else(|| same_conditions(gone, &new));
        let heir = new.iter().find(|handler| Some(handler.id.as_str()) == heir);
        findings.push(finding(charm, gone, heir.copied()));
    }
}

/// Whether units keep marks under the handler's id.
fn remembers(handler: &Handler) -> bool {
    handler.has("only_once") || handler.has("when_changed")
}

/// A new handler under the same conditions has probably been renamed.
fn same_conditions<'h>(gone: &Handler, new: &[&'h Handler]) -> Option<&'h str> {
    let heir = new
        .iter()
        .find(|handler| handler.conditions == gone.conditions);
    heir.map(|handler| handler.id.as_str())
}

fn finding(charm: &Charm, gone: &Handler, heir: Option<&Handler>) -> Finding {
    let what = if gone.has("only_once") {
        "that it has run"
    } else {
        "what it has handled"
    };
    let message = format!(
        "`{}` is gone since the last build, and units remember {what}",
        gone.id
    );
    match heir {
        Some(heir) if gone.krate.is_empty() => charm
            .at_handler(Level::Warning, heir, message)
            .hint("if this is the same function, give it its old name back: it would run once more on every unit"),
        Some(heir) => charm.at_handler(Level::Warning, heir, message).hint(format!(
            "if this is the same handler, add `#[was(\"{}\")]` to it, or it runs once more on every unit",
            gone.id
        )),
        None => Finding::about(Level::Warning, &gone.file, message)
            .hint("if it has another name now, add `#[was(\"…\")]` there; if it is meant to go, build once more"),
    }
    .numbered(410)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::proof::sample::{Sample, handler};

    fn found(before: &[Json], after: &[Json]) -> Vec<Finding> {
        let (before, after) = (
            Sample::new().registered(before),
            Sample::new().registered(after),
        );
        let mut findings = Findings::default();
        check(&after.charm(), &before.charm(), &mut findings);
        findings.sorted()
    }

    #[test]
    fn a_renamed_handler_says_who_it_was() {
        let old = handler("t::store_secret", &[("when_changed", &["leader=k"])]);
        let mut new = handler("t::write_secret", &[("when_changed", &["leader=k"])]);
        let told = found(std::slice::from_ref(&old), std::slice::from_ref(&new));
        assert_eq!(told[0].code().as_deref(), Some("W410"));
        assert_eq!(told[0].line, 7, "at the one it has become");
        assert!(
            told[0]
                .hint
                .as_deref()
                .unwrap()
                .contains("#[was(\"t::store_secret\")]")
        );
        new["was"] = json!(["t::store_secret"]);
        assert_eq!(found(&[old], &[new]), []);
    }

    #[test]
    fn a_removed_handler_is_told_if_units_remember_it() {
        let once = handler("t::once", &[("only_once", &[]), ("when", &["x"])]);
        let other = handler("t::other", &[("when", &["x"])]);
        assert_eq!(
            found(std::slice::from_ref(&once), std::slice::from_ref(&other)).len(),
            1
        );
        assert_eq!(found(std::slice::from_ref(&other), &[]), []);
        assert_eq!(
            found(std::slice::from_ref(&once), std::slice::from_ref(&once)),
            []
        );
    }
}
