//! Pairs of handlers whose order decides what happens, and `before` and `after` that name nobody.

use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::charm::Charm;
use super::effects::{Changes, effects};
use super::handler::Handler;
use crate::finding::{Findings, Level};
use crate::yaml::nearest;

/// Looks at every two handlers of one crate that may be due together.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    for handler in &charm.handlers {
        strangers(charm, handler, findings);
    }
    loops(charm, findings);
    // Who changes nothing and waits for nothing takes nothing from anybody.
    let members: Vec<Member<'_>> = charm
        .handlers
        .iter()
        .map(|handler| (handler, effects(charm, handler)))
        .filter(|(handler, changes)| !changes.is_empty() || handler.flags().next().is_some())
        .collect();
    for (place, one) in members.iter().enumerate() {
        for other in &members[place + 1..] {
            let (a, b) = (one.0, other.0);
            // Between crates the order is that of the layers, which somebody chose.
            if a.krate == b.krate && !ordered(a, b) && !a.excludes(b) {
                pair(charm, one, other, findings);
            }
        }
    }
}

/// A handler with what it changes.
type Member<'c> = (&'c Handler, Changes<'c>);

/// Demands that contradict each other are an error at start.
fn loops(charm: &Charm, findings: &mut Findings) {
    let mut graph: DiGraph<&Handler, ()> = DiGraph::new();
    let nodes: BTreeMap<&str, NodeIndex> = charm
        .handlers
        .iter()
        .map(|handler| (handler.id.as_str(), graph.add_node(handler)))
        .collect();
    for handler in &charm.handlers {
        let Some(own) = nodes.get(handler.id.as_str()) else {
            continue;
        };
        for later in handler
            .before
            .iter()
            .filter_map(|id| nodes.get(id.as_str()))
        {
            graph.update_edge(*own, *later, ());
        }
        for earlier in handler.after.iter().filter_map(|id| nodes.get(id.as_str())) {
            graph.update_edge(*earlier, *own, ());
        }
    }
    for component in tarjan_scc(&graph) {
        if component.len() == 1 && !graph.contains_edge(component[0], component[0]) {
            continue;
        }
        let mut members: Vec<&Handler> = component.iter().map(|node| graph[*node]).collect();
        members.sort_by(|a, b| a.id.cmp(&b.id));
        let ids: Vec<String> = members
            .iter()
            .map(|member| format!("`{}`", member.id))
            .collect();
        let message = format!(
            "`before` and `after` contradict each other among {}",
            ids.join(", ")
        );
        if let Some(first) = members.first() {
            let finding = charm.at_handler(Level::Error, first, message);
            findings.push(finding.numbered(412).hint("remove one of them"));
        }
    }
}

fn ordered(one: &Handler, other: &Handler) -> bool {
    let names = |a: &Handler, b: &Handler| a.before.contains(&b.id) || a.after.contains(&b.id);
    names(one, other) || names(other, one)
}

/// `before` and `after` of handlers that do not exist are an error at start.
fn strangers(charm: &Charm, handler: &Handler, findings: &mut Findings) {
    let ids: Vec<&str> = charm
        .handlers
        .iter()
        .map(|handler| handler.id.as_str())
        .collect();
    for (word, names) in [("before", &handler.before), ("after", &handler.after)] {
        for name in names.iter().filter(|name| !ids.contains(&name.as_str())) {
            let message = format!(
                "`{}` runs {word} `{name}`, which no handler is called",
                handler.id
            );
            let hint = match nearest(name, &ids) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a handler by its id, such as `my_charm::install`".into(),
            };
            let finding = charm.at_handler(Level::Error, handler, message);
            findings.push(finding.numbered(412).hint(hint));
        }
    }
}

fn pair(charm: &Charm, one: &Member<'_>, other: &Member<'_>, findings: &mut Findings) {
    for ((first, changes), (second, _)) in [(one, other), (other, one)] {
        let (required, refused) = (second.required(), second.refused());
        let taken = changes.iter().find(|(flag, set)| match set {
            true => refused.contains(flag),
            false => required.contains(flag),
        });
        // Who takes the flag from the other runs as a matter of course after it, or the other never does.
        if let Some((flag, set)) = taken {
            let (done, wanted) = if *set {
                ("sets", "to be unset")
            } else {
                ("clears", "")
            };
            let message = format!(
                "`{}` {done} `{flag}`, and `{}` waits for it {wanted}",
                first.id, second.id
            );
            let message = format!(
                "{}: the second is dropped where the first runs before it, and only their names decide which does",
                message.trim_end()
            );
            let hint = format!(
                "say what you want, with `#[before(\"{}\")]` or `#[after(\"{}\")]` on `{}`",
                second.id, second.id, first.id
            );
            let finding = charm.at_handler(Level::Info, first, message);
            findings.push(finding.numbered(411).hint(hint));
            return;
        }
    }
    let ((one, changes), (other, undone)) = (one, other);
    let mut changes = changes.iter();
    let contrary = changes.find(|(flag, set)| undone.contains(&(flag, !set)));
    if let Some((flag, set)) = contrary {
        let words = |set: bool| if set { "sets" } else { "clears" };
        let message = format!(
            "`{}` {} `{flag}` and `{}` {} it: where both run, only their names decide which comes last",
            one.id,
            words(*set),
            other.id,
            words(!*set)
        );
        let hint = format!(
            "say what you want, with `#[before(\"{}\")]` or `#[after(\"{}\")]` on `{}`",
            other.id, other.id, one.id
        );
        let finding = charm.at_handler(Level::Info, one, message);
        findings.push(finding.numbered(411).hint(hint));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::proof::sample::{Sample, doing, handler};

    fn codes(records: &[Json]) -> Vec<String> {
        Sample::new().registered(records).codes(check)
    }

    #[test]
    fn one_that_takes_what_the_other_waits_for_is_told() {
        let eats = doing("t::eats", &[("when", &["new"])], &[], &["new"]);
        let reads = doing("t::reads", &[("when", &["new"])], &[], &[]);
        assert_eq!(codes(&[eats.clone(), reads.clone()]), ["I411"]);
        let mut said = reads.clone();
        said["before"] = json!(["t::eats"]);
        assert_eq!(codes(&[eats.clone(), said]), [""; 0]);
        let mut elsewhere = reads;
        elsewhere["crate"] = json!("layer_x");
        assert_eq!(codes(&[eats, elsewhere]), [""; 0]);
    }

    #[test]
    fn contrary_changes_of_two_that_may_meet_are_told() {
        let sets = doing("t::a", &[("when", &["x"])], &["busy"], &[]);
        let clears = doing("t::b", &[("when", &["y"])], &[], &["busy"]);
        assert_eq!(codes(&[sets.clone(), clears]), ["I411"]);
        let never = doing("t::b", &[("when_not", &["x"])], &[], &["busy"]);
        assert_eq!(codes(&[sets, never]), [""; 0]);
        assert_eq!(
            codes(&[
                doing("t::a", &[("hook", &["start"])], &["busy"], &[]),
                doing("t::b", &[("hook", &["stop"])], &[], &["busy"]),
            ]),
            [""; 0]
        );
    }

    #[test]
    fn before_and_after_that_contradict_each_other_are_an_error() {
        let asking = |id: &str, before: &str| {
            let mut record = handler(id, &[("hook", &["install"])]);
            record["before"] = json!([before]);
            record
        };
        let circle = [
            asking("t::a", "t::b"),
            asking("t::b", "t::c"),
            asking("t::c", "t::a"),
        ];
        assert_eq!(codes(&circle), ["E412"]);
        assert_eq!(
            codes(&[
                asking("t::a", "t::b"),
                handler("t::b", &[("hook", &["install"])])
            ]),
            [""; 0]
        );
    }

    #[test]
    fn before_and_after_name_handlers_that_exist() {
        let mut lost = handler("t::a", &[("when", &["x"])]);
        lost["after"] = json!(["t::instal"]);
        let found = Sample::new()
            .registered(&[lost, handler("t::install", &[("hook", &["install"])])])
            .found(check);
        assert_eq!(found[0].code().as_deref(), Some("E412"));
        assert_eq!(found[0].hint.as_deref(), Some("did you mean `t::install`?"));
    }
}
