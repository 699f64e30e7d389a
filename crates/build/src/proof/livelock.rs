//! Handlers that may wake each other for ever: the hook would fail after 100 iterations.

use std::collections::BTreeSet;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::charm::Charm;
use super::effects::{Changes, effects};
use super::handler::Handler;
use crate::finding::{Findings, Level};

/// A handler with what it changes.
struct Member<'c> {
    handler: &'c Handler,
    changes: Changes<'c>,
}

/// Looks for circles of handlers in which every flag that keeps them going is both set and cleared.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    let members: Vec<Member<'_>> = charm
        .handlers
        .iter()
        .filter(|handler| repeats(handler))
        .map(|handler| Member {
            handler,
            changes: effects(charm, handler),
        })
        .collect();
    for group in groups(&members) {
        let ids: Vec<String> = group
            .iter()
            .map(|member| format!("`{}`", member.handler.id))
            .collect();
        let Some(first) = group.first() else { continue };
        let flags: BTreeSet<String> = alternating(&group)
            .into_iter()
            .map(|flag| format!("`{flag}`"))
            .collect();
        let flags: Vec<String> = flags.into_iter().collect();
        let message = if group.len() == 1 {
            format!(
                "{} may wake itself for ever: it sets and clears {}",
                ids[0],
                flags.join(", ")
            )
        } else {
            format!(
                "{} may wake each other for ever: between them they set and clear {}",
                ids.join(" and "),
                flags.join(", ")
            )
        };
        let finding = charm.at_handler(Level::Warning, first.handler, message);
        findings.push(
            finding.numbered(404).hint(
                "let one of them leave a flag alone, or wait for something that happens once",
            ),
        );
    }
}

/// Whether it can run more than once in a hook.
fn repeats(handler: &Handler) -> bool {
    !handler.has_occasion() && !handler.has("only_once") && !handler.has("when_changed")
}

/// Circles of handlers that may not end.
fn groups<'m, 'c>(members: &'m [Member<'c>]) -> Vec<Vec<&'m Member<'c>>> {
    let mut found = Vec::new();
    let mut left: Vec<Vec<usize>> = vec![(0..members.len()).collect()];
    while let Some(set) = left.pop() {
        let inside: Vec<&Member<'_>> = set.iter().map(|i| &members[*i]).collect();
        let flags = alternating(&inside);
        let mut graph: DiGraph<usize, ()> = DiGraph::new();
        let nodes: Vec<NodeIndex> = set.iter().map(|i| graph.add_node(*i)).collect();
        for (from, waker) in inside.iter().enumerate() {
            for (to, woken) in inside.iter().enumerate() {
                if wakes(waker, woken, &flags) && !apart(waker, woken, &flags) {
                    graph.add_edge(nodes[from], nodes[to], ());
                }
            }
        }
        for component in tarjan_scc(&graph) {
            let looped = component.len() > 1 || graph.contains_edge(component[0], component[0]);
            let mut part: Vec<usize> = component.iter().map(|node| graph[*node]).collect();
            part.sort_unstable();
            if looped && part.len() == set.len() {
                found.push(part.iter().map(|i| &members[*i]).collect());
            } else if looped {
                left.push(part);
            }
        }
    }
    found.sort_by(|a: &Vec<&Member<'_>>, b| a[0].handler.id.cmp(&b[0].handler.id));
    found
}

/// Flags that some of them set and some clear.
fn alternating<'c>(members: &[&Member<'c>]) -> BTreeSet<&'c str> {
    let all = |set: bool| -> BTreeSet<&'c str> {
        let changes = members.iter().flat_map(|member| member.changes.iter());
        changes
            .filter(|change| change.1 == set)
            .map(|change| change.0)
            .collect()
    };
    all(true).intersection(&all(false)).copied().collect()
}

/// Whether a change of one makes a condition of the other true.
fn wakes(waker: &Member<'_>, woken: &Member<'_>, flags: &BTreeSet<&str>) -> bool {
    let conditions = woken
        .handler
        .conditions
        .iter()
        .filter(|c| c.names_flags() && c.kind != "not_unless");
    conditions.into_iter().any(|condition| {
        condition.args.iter().any(|flag| {
            flags.contains(flag.as_str())
                && waker
                    .changes
                    .contains(&(flag.as_str(), condition.is_positive()))
        })
    })
}

/// Whether a flag that none of them changes keeps the two from ever running in one hook.
fn apart(one: &Member<'_>, other: &Member<'_>, flags: &BTreeSet<&str>) -> bool {
    let contrary = |a: &Handler, b: &Handler| {
        let refused = b.refused();
        a.required()
            .iter()
            .any(|flag| refused.contains(flag) && !flags.contains(flag))
    };
    contrary(one.handler, other.handler) || contrary(other.handler, one.handler)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::proof::sample::{Sample, doing};

    fn codes(records: &[Json]) -> Vec<String> {
        Sample::new().registered(records).codes(check)
    }

    #[test]
    fn handlers_that_undo_each_other_are_named() {
        let sample = Sample::new().registered(&[
            doing(
                "t::down",
                &[("when", &["up", "config.changed"])],
                &[],
                &["up"],
            ),
            doing("t::up", &[("when_not", &["up"])], &["up"], &[]),
        ]);
        let found = sample.found(check);
        assert_eq!(sample.codes(check), ["W404"]);
        assert_eq!(
            found[0].message,
            "`t::down` and `t::up` may wake each other for ever: between them they set and clear `up`"
        );
    }

    #[test]
    fn what_ends_by_itself_is_no_finding() {
        // Nobody sets `up` again once it is cleared.
        assert_eq!(
            codes(&[doing("t::a", &[("when", &["up"])], &[], &["up"])]),
            [""; 0]
        );
        // A flag that is only ever set.
        assert_eq!(
            codes(&[
                doing("t::a", &[("when", &["x"])], &["y"], &[]),
                doing("t::b", &[("when", &["y"])], &["x"], &[]),
            ]),
            [""; 0]
        );
        // The usual way to render a file again: the first does not wait for the flag.
        assert_eq!(
            codes(&[
                doing("t::a", &[("when", &["config.changed"])], &[], &["rendered"]),
                doing("t::b", &[("when_not", &["rendered"])], &["rendered"], &[]),
            ]),
            [""; 0]
        );
        // Once in a hook, or once in a life.
        for once in [
            ("hook", &["install"][..]),
            ("only_once", &[]),
            ("when_changed", &["file=/x"]),
        ] {
            assert_eq!(
                codes(&[
                    doing("t::a", &[("when", &["up"]), once], &[], &["up"]),
                    doing("t::b", &[("when_not", &["up"])], &["up"], &[]),
                ]),
                [""; 0],
                "{once:?}"
            );
        }
        // Leader and follower never meet.
        assert_eq!(
            codes(&[
                doing(
                    "t::a",
                    &[("when", &["up", "leadership.is_leader"])],
                    &[],
                    &["up"]
                ),
                doing(
                    "t::b",
                    &[("when_not", &["up", "leadership.is_leader"])],
                    &["up"],
                    &[]
                ),
            ]),
            [""; 0]
        );
    }

    #[test]
    fn triggers_carry_the_change_on() {
        let trigger = json!({"schema": 1, "kind": "trigger", "when": "b", "set": [], "clear": ["a"], "file": "f.rs", "line": 1});
        assert_eq!(
            codes(&[
                doing("t::a", &[("when", &["a"])], &["b"], &[]),
                doing("t::c", &[("when_not", &["a"])], &["a"], &["b"]),
                trigger,
            ]),
            ["W404"]
        );
    }
}
