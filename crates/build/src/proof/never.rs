//! Handlers that can never run: their conditions contradict each other, or wait for each other in a circle.

use std::collections::BTreeSet;

use super::charm::Charm;
use super::handler::{Condition, Handler};
use super::setters::Setters;
use crate::finding::{Finding, Findings, Level};

/// Looks for contradictions first, then for what remains when everything that can run has run.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    let setters = Setters::of(charm);
    let mut possible = Possible {
        charm,
        setters: &setters,
        running: BTreeSet::new(),
    };
    for handler in &charm.handlers {
        if let Some(flag) = contradiction(handler) {
            let message = format!(
                "`{}` can never run: it waits for `{flag}` to be set, and not to be",
                handler.id
            );
            let finding = charm.at_handler(Level::Error, handler, message);
            findings.push(
                finding
                    .numbered(402)
                    .hint("remove one of the two conditions"),
            );
        }
    }
    possible.grow();
    for handler in &charm.handlers {
        if contradiction(handler).is_none() && !possible.running.contains(handler.id.as_str()) {
            findings.extend(stuck(&possible, handler));
        }
    }
}

fn contradiction(handler: &Handler) -> Option<&str> {
    let refused = handler.refused();
    handler
        .required()
        .into_iter()
        .find(|flag| refused.contains(flag))
}

/// The handlers that can run, grown from those that wait for nobody.
struct Possible<'p> {
    charm: &'p Charm,
    setters: &'p Setters<'p>,
    running: BTreeSet<&'p str>,
}

impl<'p> Possible<'p> {
    fn grow(&mut self) {
        loop {
            let before = self.running.len();
            for handler in &self.charm.handlers {
                if contradiction(handler).is_none() && self.can_run(handler) {
                    self.running.insert(&handler.id);
                }
            }
            if self.running.len() == before {
                return;
            }
        }
    }

    fn can_run(&self, handler: &Handler) -> bool {
        handler
            .conditions
            .iter()
            .all(|condition| self.can_hold(condition))
    }

    fn can_hold(&self, condition: &Condition) -> bool {
        let mut flags = condition.args.iter().map(String::as_str);
        match condition.kind.as_str() {
            "when" => flags.all(|flag| self.can_be_set(flag)),
            "when_any" if !condition.args.is_empty() => flags.any(|flag| self.can_be_set(flag)),
            _ => true,
        }
    }

    /// A flag that nobody sets is another finding: here it counts as possible.
    fn can_be_set(&self, flag: &str) -> bool {
        self.flag(flag, &mut BTreeSet::new())
    }

    fn flag<'f>(&'f self, flag: &'f str, asked: &mut BTreeSet<&'f str>) -> bool {
        if !asked.insert(flag) {
            return false;
        }
        let setters = self.setters.handlers(flag);
        let triggers = &self.charm.triggers;
        let mut causes = triggers
            .iter()
            .filter(|t| t.set.iter().any(|set| set == flag))
            .peekable();
        if setters.is_empty() && causes.peek().is_none() {
            return true;
        }
        setters.iter().any(|setter| self.running.contains(setter.id.as_str()))
            || causes.any(|trigger| !trigger.on_set || self.flag(&trigger.cause, asked))
            // Scripts and programs may set it, too.
            || self.setters.origin(flag) == super::setters::Origin::Elsewhere
    }
}

/// Which flag a handler waits for in vain.
fn stuck(possible: &Possible<'_>, handler: &Handler) -> Option<Finding> {
    let conditions = handler.conditions.iter().filter(|c| c.is_positive());
    let mut flags = conditions.flat_map(|c| c.args.iter().map(String::as_str));
    let flag = flags.find(|flag| !possible.can_be_set(flag))?;
    let setters = possible.setters.handlers(flag);
    let mut ids: Vec<String> = setters
        .iter()
        .map(|setter| format!("`{}`", setter.id))
        .collect();
    ids.sort();
    ids.dedup();
    let message = if setters.iter().all(|setter| setter.id == handler.id) && !setters.is_empty() {
        format!(
            "`{}` can never run: it waits for `{flag}`, which it alone sets",
            handler.id
        )
    } else if ids.is_empty() {
        format!(
            "`{}` can never run: it waits for `{flag}`, which only triggers set that never fire",
            handler.id
        )
    } else {
        let verb = if ids.len() == 1 {
            "itself can never run"
        } else {
            "can never run either"
        };
        format!(
            "`{}` can never run: it waits for `{flag}`, which only {} sets, and that {verb}",
            handler.id,
            ids.join(" and ")
        )
    };
    let finding = possible.charm.at_handler(Level::Warning, handler, message);
    Some(finding.numbered(402).hint("set the flag where something can happen first, such as a hook, or declare who else sets it with `#[sets(…)]`"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::proof::sample::{Sample, handler};

    fn waiting(id: &str, waits: &str, sets: &str) -> Json {
        let mut record = handler(id, &[("when", &[waits])]);
        record["sets"] = json!([sets]);
        record
    }

    #[test]
    fn handlers_that_wait_for_each_other_never_run() {
        let circle =
            Sample::new().registered(&[waiting("t::a", "x", "y"), waiting("t::b", "y", "x")]);
        let found = circle.found(check);
        assert_eq!(circle.codes(check), ["W402", "W402"]);
        assert_eq!(
            found[0].message,
            "`t::a` can never run: it waits for `x`, which only `t::b` sets, and that itself can never run"
        );
        let own = Sample::new()
            .registered(&[waiting("t::a", "x", "x")])
            .found(check);
        assert!(
            own[0].message.ends_with("which it alone sets"),
            "{}",
            own[0].message
        );
    }

    #[test]
    fn one_way_in_opens_the_circle() {
        let mut start = handler("t::c", &[("hook", &["install"])]);
        start["sets"] = json!(["x"]);
        let circle = [waiting("t::a", "x", "y"), waiting("t::b", "y", "x")];
        assert_eq!(
            Sample::new()
                .registered(&circle)
                .registered(&[start])
                .codes(check),
            [""; 0]
        );
        let trigger = json!({"schema": 1, "kind": "trigger", "when": "leadership.is_leader", "set": ["y"], "clear": [], "file": "f.rs", "line": 1});
        assert_eq!(
            Sample::new()
                .registered(&circle)
                .registered(&[trigger])
                .codes(check),
            [""; 0]
        );
        let mut any = handler("t::a", &[("when_any", &["x", "config.changed"])]);
        any["sets"] = json!(["y"]);
        assert_eq!(
            Sample::new()
                .registered(&[any, waiting("t::b", "y", "x")])
                .codes(check),
            [""; 0]
        );
    }

    #[test]
    fn triggers_in_a_circle_open_nothing() {
        let trigger = |when: &str, set: &str| json!({"schema": 1, "kind": "trigger", "when": when, "set": [set], "clear": [], "file": "f.rs", "line": 1});
        let circle = Sample::new().registered(&[
            trigger("x", "y"),
            trigger("y", "x"),
            waiting("t::a", "x", "z"),
        ]);
        let found = circle.found(check);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].message.contains("only triggers set"),
            "{}",
            found[0].message
        );
    }

    #[test]
    fn a_contradiction_is_an_error() {
        let both = handler(
            "t::a",
            &[
                ("when", &["config.changed"]),
                ("when_not", &["config.changed"]),
            ],
        );
        assert_eq!(Sample::new().registered(&[both]).codes(check), ["E402"]);
    }
}
