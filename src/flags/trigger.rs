//! Triggers: a change of one flag sets or clears others at once, before any handler can run (B44).

use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::FlagError;
use super::name::{Flag, valid};
use crate::Context;
use crate::metadata::Interface;

/// What `ensign::trigger!` registers at load time.
#[derive(Debug)]
pub struct TriggerDecl {
    /// Fires when this flag is set …
    pub when: Option<Flag>,
    /// … or when this one is cleared; exactly one of the two.
    pub when_not: Option<Flag>,
    /// Flags to set.
    pub set: &'static [Flag],
    /// Flags to clear.
    pub clear: &'static [Flag],
    /// Of a trigger that names `{endpoint_name}`: the interface whose endpoints it stands for.
    pub interface: Option<Interface>,
    /// The crate it stands in.
    pub krate: &'static str,
    /// Source file, relative to its package.
    pub file: &'static str,
    /// Line of the macro call.
    pub line: u32,
}

/// Every trigger of every linked crate.
#[linkme::distributed_slice]
pub static TRIGGERS: [TriggerDecl];

/// A trigger in force. Made by [`Context::register_trigger`](crate::Context::register_trigger).
#[derive(Debug, Clone)]
pub struct Trigger {
    pub(crate) flag: String,
    pub(crate) on_set: bool,
    pub(crate) set: Vec<String>,
    pub(crate) clear: Vec<String>,
    pub(crate) callback: Option<fn(&mut Context)>,
}

impl Trigger {
    /// Starts a trigger that fires when `flag` is set.
    #[must_use]
    pub fn when(flag: impl AsRef<str>) -> TriggerBuilder {
        TriggerBuilder::default().when(flag)
    }

    /// Starts a trigger that fires when `flag` is cleared (B45).
    #[must_use]
    pub fn when_not(flag: impl AsRef<str>) -> TriggerBuilder {
        TriggerBuilder::default().when_not(flag)
    }

    fn of_decl(decl: &TriggerDecl) -> Result<Self, FlagError> {
        let mut builder = TriggerBuilder::default();
        if let Some(flag) = decl.when {
            builder = builder.when(flag);
        }
        if let Some(flag) = decl.when_not {
            builder = builder.when_not(flag);
        }
        for flag in decl.set {
            builder = builder.set_flag(flag);
        }
        for flag in decl.clear {
            builder = builder.clear_flag(flag);
        }
        builder.build()
    }
}

/// A trigger being described. Whether it is one is decided by `register_trigger` (B43).
#[derive(Debug, Clone, Default)]
pub struct TriggerBuilder {
    when: Option<String>,
    when_not: Option<String>,
    set: Vec<String>,
    clear: Vec<String>,
    callback: Option<fn(&mut Context)>,
}

impl TriggerBuilder {
    /// Fires when `flag` is set.
    #[must_use]
    pub fn when(mut self, flag: impl AsRef<str>) -> Self {
        self.when = Some(flag.as_ref().to_owned());
        self
    }

    /// Fires when `flag` is cleared.
    #[must_use]
    pub fn when_not(mut self, flag: impl AsRef<str>) -> Self {
        self.when_not = Some(flag.as_ref().to_owned());
        self
    }

    /// Sets `flag` when it fires.
    #[must_use]
    pub fn set_flag(mut self, flag: impl AsRef<str>) -> Self {
        self.set.push(flag.as_ref().to_owned());
        self
    }

    /// Clears `flag` when it fires; after all that it sets (B46).
    #[must_use]
    pub fn clear_flag(mut self, flag: impl AsRef<str>) -> Self {
        self.clear.push(flag.as_ref().to_owned());
        self
    }

    /// Calls `callback` last; it sees the result of the sets and clears (B46).
    #[must_use]
    pub fn callback(mut self, callback: fn(&mut Context)) -> Self {
        self.callback = Some(callback);
        self
    }

    pub(crate) fn build(self) -> Result<Trigger, FlagError> {
        let (flag, on_set) = match (self.when, self.when_not) {
            (Some(flag), None) => (flag, true),
            (None, Some(flag)) => (flag, false),
            (Some(_), Some(_)) => {
                return Err(FlagError::Trigger(
                    "it names both `when` and `when_not`".to_owned(),
                ));
            }
            (None, None) => {
                return Err(FlagError::Trigger(
                    "it names neither `when` nor `when_not`".to_owned(),
                ));
            }
        };
        if self.set.is_empty() && self.clear.is_empty() && self.callback.is_none() {
            return Err(FlagError::Trigger(
                "it needs at least one flag to set or to clear, or a callback".to_owned(),
            ));
        }
        let names = self.set.iter().chain(&self.clear).chain([&flag]);
        if let Some(bad) = names.into_iter().find(|name| !valid(name)) {
            return Err(FlagError::Name(bad.clone()));
        }
        Ok(Trigger {
            flag,
            on_set,
            set: self.set,
            clear: self.clear,
            callback: self.callback,
        })
    }
}

/// What follows from one change: all that its triggers set, then all that they clear, then what they call (B46).
#[derive(Debug, Clone, Default)]
pub(crate) struct Effects {
    pub(crate) set: Vec<String>,
    pub(crate) clear: Vec<String>,
    pub(crate) callbacks: Vec<fn(&mut Context)>,
}

/// The triggers in force, by the change they wait for.
#[derive(Debug, Default)]
pub(crate) struct Triggers {
    by_event: BTreeMap<(String, bool), Effects>,
}

impl Triggers {
    /// The declared triggers; a loop among them is an error (D21).
    pub(crate) fn declared(decls: &[&TriggerDecl]) -> Result<Self, FlagError> {
        let mut all = Self::default();
        for decl in decls {
            all.add(Trigger::of_decl(decl)?);
        }
        all.refuse_loops()?;
        Ok(all)
    }

    /// Adds to what follows already that which does not (B47).
    pub(crate) fn add(&mut self, trigger: Trigger) {
        fn extend(flags: &mut Vec<String>, more: Vec<String>) {
            for flag in more {
                if !flags.contains(&flag) {
                    flags.push(flag);
                }
            }
        }
        let event = (trigger.flag, trigger.on_set);
        let effects = self.by_event.entry(event).or_default();
        extend(&mut effects.set, trigger.set);
        extend(&mut effects.clear, trigger.clear);
        if let Some(callback) = trigger.callback {
            let known = |c: &fn(&mut Context)| std::ptr::fn_addr_eq(*c, callback);
            if !effects.callbacks.iter().any(known) {
                effects.callbacks.push(callback);
            }
        }
    }

    /// What follows when `flag` was set (or cleared). None at all costs no allocation.
    pub(crate) fn fired(&self, flag: &str, set: bool) -> Option<Effects> {
        if self.by_event.is_empty() {
            return None;
        }
        self.by_event.get(&(flag.to_owned(), set)).cloned()
    }

    /// Nodes are changes ("`a` set", "`a` cleared"); an edge leads to each change that a trigger makes.
    fn refuse_loops(&self) -> Result<(), FlagError> {
        let mut graph: DiGraph<String, ()> = DiGraph::new();
        let mut nodes: BTreeMap<(&str, bool), NodeIndex> = BTreeMap::new();
        let mut edges = Vec::new();
        for ((flag, on_set), effects) in &self.by_event {
            let sets = effects.set.iter().map(|f| (f, true));
            for (effect, set) in sets.chain(effects.clear.iter().map(|f| (f, false))) {
                edges.push(((flag.as_str(), *on_set), (effect.as_str(), set)));
            }
        }
        for &event in edges.iter().flat_map(|(from, to)| [from, to]) {
            nodes.entry(event).or_insert_with(|| {
                graph.add_node(format!(
                    "`{}` {}",
                    event.0,
                    if event.1 { "set" } else { "cleared" }
                ))
            });
        }
        for (from, to) in &edges {
            graph.update_edge(nodes[from], nodes[to], ());
        }
        for component in tarjan_scc(&graph) {
            let looped = component.len() > 1 || graph.contains_edge(component[0], component[0]);
            if looped {
                return Err(FlagError::Loop(walk(&graph, &component)));
            }
        }
        Ok(())
    }
}

/// One way round a strongly connected component, beginning with its smallest name.
fn walk(graph: &DiGraph<String, ()>, component: &[NodeIndex]) -> Vec<String> {
    let Some(&start) = component.iter().min_by_key(|n| &graph[**n]) else {
        return Vec::new();
    };
    let mut path = vec![start];
    let mut seen = vec![start];
    while let Some(&here) = path.last() {
        if path.len() > 1 && graph.contains_edge(here, start)
            || graph.contains_edge(here, here) && here == start
        {
            break;
        }
        let mut next: Vec<NodeIndex> = graph
            .neighbors(here)
            .filter(|n| component.contains(n) && !seen.contains(n))
            .collect();
        next.sort_by_key(|n| &graph[*n]);
        match next.first() {
            Some(&n) => {
                seen.push(n);
                path.push(n);
            }
            None => {
                path.pop();
            }
        }
    }
    path.push(start);
    path.into_iter().map(|n| graph[n].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn triggers(list: Vec<TriggerBuilder>) -> Triggers {
        let mut all = Triggers::default();
        for one in list {
            all.add(one.build().expect("a trigger"));
        }
        all
    }

    #[test]
    fn a_loop_is_told_step_by_step() {
        let all = triggers(vec![
            Trigger::when("a").set_flag("b"),
            Trigger::when("b").clear_flag("c"),
            Trigger::when_not("c").set_flag("a"),
        ]);
        let error = all.refuse_loops().expect_err("a loop");
        assert_eq!(
            error.to_string(),
            "triggers cause each other: `a` set → `b` set → `c` cleared → `a` set"
        );
    }

    #[test]
    fn setting_and_clearing_the_same_flag_is_no_loop() {
        let all = triggers(vec![
            Trigger::when("a").set_flag("b"),
            Trigger::when("b").clear_flag("a"),
        ]);
        assert_eq!(all.refuse_loops(), Ok(()));
    }

    #[test]
    fn a_trigger_of_itself_is_a_loop() {
        let all = triggers(vec![Trigger::when("a").set_flag("a")]);
        assert_eq!(
            all.refuse_loops().expect_err("a loop").to_string(),
            "triggers cause each other: `a` set → `a` set"
        );
    }
}
