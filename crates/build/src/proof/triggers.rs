//! Triggers that cause each other: the charm would refuse to start.

use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::charm::Charm;
use crate::finding::{Findings, Level};

/// A flag that is set, or cleared.
type Change<'c> = (&'c str, bool);

/// Looks for loops among changes: "`a` set" leads to each change that a trigger on it makes.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    let mut graph: DiGraph<Change<'_>, usize> = DiGraph::new();
    let mut nodes: BTreeMap<Change<'_>, NodeIndex> = BTreeMap::new();
    for (place, trigger) in charm.triggers.iter().enumerate() {
        let cause = (trigger.cause.as_str(), trigger.on_set);
        for effect in trigger.effects() {
            let [from, to] = [cause, effect].map(|change| {
                *nodes
                    .entry(change)
                    .or_insert_with(|| graph.add_node(change))
            });
            graph.update_edge(from, to, place);
        }
    }
    for component in tarjan_scc(&graph) {
        let inside = |node: NodeIndex| component.contains(&node);
        let edges = graph.edge_indices().filter_map(|edge| {
            let (from, to) = graph.edge_endpoints(edge)?;
            (inside(from) && inside(to)).then_some(graph[edge])
        });
        let Some(trigger) = edges.min().and_then(|place| charm.triggers.get(place)) else {
            continue;
        };
        let mut changes: Vec<Change<'_>> = component.iter().map(|node| graph[*node]).collect();
        changes.sort_unstable();
        let changes: Vec<String> = changes
            .into_iter()
            .map(|(flag, set)| format!("`{flag}` {}", if set { "set" } else { "cleared" }))
            .collect();
        let message = format!(
            "triggers cause each other without end: {}",
            changes.join(", ")
        );
        let finding = charm.at_trigger(Level::Error, trigger, message);
        findings.push(
            finding
                .numbered(403)
                .hint("remove one of these triggers, or let a handler do what it does"),
        );
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::proof::sample::Sample;

    fn trigger(cause: &str, flag: &str, set: &[&str], clear: &[&str]) -> Json {
        json!({"schema": 1, "kind": "trigger", cause: flag, "set": set, "clear": clear, "file": "f.rs", "line": 3})
    }

    #[test]
    fn a_loop_of_triggers_is_told_once_with_all_its_changes() {
        let sample = Sample::new().registered(&[
            trigger("when", "a", &["b"], &[]),
            trigger("when", "b", &[], &["c"]),
            trigger("when_not", "c", &["a"], &[]),
        ]);
        let found = sample.found(check);
        assert_eq!(sample.codes(check), ["E403"]);
        assert_eq!(
            found[0].message,
            "triggers cause each other without end: `a` set, `b` set, `c` cleared"
        );
        assert_eq!(found[0].line, 3);
        let own = Sample::new().registered(&[trigger("when", "a", &["a"], &[])]);
        assert_eq!(own.codes(check), ["E403"]);
    }

    #[test]
    fn setting_and_clearing_one_flag_is_no_loop() {
        let sample = Sample::new().registered(&[
            trigger("when", "a", &["b"], &[]),
            trigger("when", "b", &[], &["a"]),
        ]);
        assert_eq!(sample.codes(check), [""; 0]);
    }
}
