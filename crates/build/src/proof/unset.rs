//! Flags that handlers name and nobody sets.

use std::collections::BTreeSet;

use super::charm::Charm;
use super::handler::{Condition, Handler};
use super::setters::{Origin, Setters};
use crate::finding::{Finding, Findings, Level};
use crate::yaml::nearest;

/// Looks at each flag of each condition, and at what triggers wait for.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    let setters = Setters::of(charm);
    let known: Vec<&str> = setters.known().into_iter().collect();
    for handler in &charm.handlers {
        let mut told = BTreeSet::new();
        for condition in handler.conditions.iter().filter(|c| c.names_flags()) {
            for flag in &condition.args {
                if let Some(origin) = lacking(&setters, flag)
                    && told.insert(flag)
                {
                    findings.push(finding(charm, handler, condition, flag, origin, &known));
                }
            }
        }
    }
    for trigger in charm.triggers.iter().filter(|trigger| trigger.on_set) {
        let flag = &trigger.cause;
        if let Some(origin) = lacking(&setters, flag) {
            let message = format!("nobody sets `{flag}`: this trigger never fires");
            let finding = charm.at_trigger(level(origin), trigger, message);
            findings.push(advised(finding, flag, origin, &known));
        }
    }
}

/// Where the flag comes from, if nobody sets it.
fn lacking(setters: &Setters<'_>, flag: &str) -> Option<Origin> {
    if !setters.handlers(flag).is_empty() || setters.is_triggered(flag) {
        return None;
    }
    Some(setters.origin(flag)).filter(|origin| *origin != Origin::Elsewhere)
}

/// What a handler writes through other functions cannot be seen; automatic flags are all known.
fn level(origin: Origin) -> Level {
    match origin {
        Origin::Nowhere => Level::Error,
        _ => Level::Warning,
    }
}

fn finding(
    charm: &Charm,
    handler: &Handler,
    condition: &Condition,
    flag: &str,
    origin: Origin,
    known: &[&str],
) -> Finding {
    let id = &handler.id;
    let what = match (condition.kind.as_str(), condition.args.len()) {
        ("when", _) | ("when_any", 1) => format!("`{id}` waits for it and can never run"),
        ("when_any", _) => format!("`{id}` can never run for its sake"),
        ("when_not_all", 2..) => format!("`{id}` always runs, as far as these flags go"),
        ("not_unless", _) => format!("`{id}` always warns"),
        _ => format!("`{id}` never waits for it to be cleared"),
    };
    let message = format!("nobody sets `{flag}`: {what}");
    let finding = charm.at_handler(level(origin), handler, message);
    advised(finding, flag, origin, known)
}

fn advised(finding: Finding, flag: &str, origin: Origin, known: &[&str]) -> Finding {
    let hint = match (nearest(flag, known), origin) {
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Origin::Nowhere) => "this namespace belongs to automatic flags: see the conditions in Ensign's documentation".into(),
        (None, _) => format!("where a function sets it that is no handler, declare that: `#[sets(\"{flag}\")]` on the handler that calls it"),
    };
    finding.numbered(401).hint(hint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::proof::sample::{Sample, handler};

    fn setting(id: &str, sets: &[&str]) -> serde_json::Value {
        let mut record = handler(id, &[("hook", &["install"])]);
        record["sets"] = json!(sets);
        record
    }

    #[test]
    fn a_misspelt_flag_is_told_with_a_guess() {
        let sample = Sample::new().registered(&[
            setting("tiny::install", &["tiny.installed"]),
            handler("tiny::start", &[("when", &["tiny.instaled"])]),
        ]);
        let found = sample.found(check);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code().as_deref(), Some("W401"));
        assert_eq!(
            found[0].message,
            "nobody sets `tiny.instaled`: `tiny::start` waits for it and can never run"
        );
        assert_eq!(
            found[0].hint.as_deref(),
            Some("did you mean `tiny.installed`?")
        );
        assert_eq!(
            (found[0].line, found[0].file.to_str()),
            (7, Some("reactive/tiny.rs"))
        );
    }

    #[test]
    fn flags_are_set_by_handlers_triggers_scripts_programs_and_the_library() {
        let trigger = json!({"schema": 1, "kind": "trigger", "when": "a", "set": ["b"], "clear": [], "file": "f.rs", "line": 1});
        let provider = json!({"schema": 1, "kind": "provider", "prefix": "apt."});
        let names = [
            "a",
            "b",
            "c.d",
            "apt.installed.x",
            "s",
            "p",
            "leadership.set.k",
            "config.changed",
            "endpoint.db.joined",
        ];
        let sample = Sample::new()
            .file(
                "reactive/s.sh",
                "#!/bin/bash\nhelper() {\n  charms.reactive set_flag s\n}\nreactive_handler_main\n",
            )
            .file("reactive/p", "#!/usr/bin/perl\nsystem('set', 'p')\n")
            .registered(&[
                setting("tiny::install", &["a", "c.*"]),
                trigger,
                provider,
                handler("tiny::start", &[("when", &names)]),
            ]);
        assert_eq!(sample.codes(check), [""; 0]);
    }

    #[test]
    fn a_name_that_is_no_automatic_flag_is_an_error() {
        let sample = Sample::new().registered(&[
            handler("tiny::a", &[("when", &["leadership.is_leadr"])]),
            handler("tiny::b", &[("when_not", &["config.st.port"])]),
        ]);
        let found = sample.found(check);
        assert_eq!(sample.codes(check), ["E401", "E401"]);
        assert_eq!(
            found[0].hint.as_deref(),
            Some("did you mean `leadership.is_leader`?")
        );
    }

    #[test]
    fn a_trigger_on_a_flag_that_nobody_sets_never_fires() {
        let trigger = |cause: &str| json!({"schema": 1, "kind": "trigger", cause: "never", "set": ["b"], "clear": [], "file": "f.rs", "line": 1});
        assert_eq!(
            Sample::new().registered(&[trigger("when")]).codes(check),
            ["W401"]
        );
        assert_eq!(
            Sample::new()
                .registered(&[trigger("when_not")])
                .codes(check),
            [""; 0]
        );
    }
}
