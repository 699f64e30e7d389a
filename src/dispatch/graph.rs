//! The flag graph: who reads, sets and clears what.

use std::collections::BTreeMap;
use std::fmt;

use petgraph::graph::{DiGraph, NodeIndex};

use super::condition::{named, source_name, sources};
use crate::handler::{Handler, Registry};

/// A node of the flag graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// A flag, by name; `b.*` where a handler declares to set anything below `b.`.
    Flag(String),
    /// A source of `when_changed`: `leader=admin_password`.
    Source(String),
    /// A handler, by id.
    Handler(String),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag:{name}"),
            Self::Source(name) => write!(f, "source:{name}"),
            Self::Handler(id) => write!(f, "handler:{id}"),
        }
    }
}

/// An edge of the flag graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Edge {
    /// From a flag or source to a handler that has it in a condition.
    Reads,
    /// From a handler, or a flag that triggers, to a flag it sets.
    Sets,
    /// From a handler, or a flag that triggers, to a flag it clears.
    Clears,
}

impl Edge {
    /// Its name in `--describe`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Sets => "sets",
            Self::Clears => "clears",
        }
    }
}

/// The graph of a charm: for explanation, drawing and checks. The dispatcher itself does not need it.
#[derive(Debug, Default)]
pub struct FlagGraph {
    graph: DiGraph<Node, Edge>,
    nodes: BTreeMap<Node, NodeIndex>,
}

impl FlagGraph {
    /// The graph of everything that is registered.
    #[must_use]
    pub fn of(registry: &Registry) -> Self {
        let mut graph = Self::default();
        let mut handlers: Vec<&Handler> = registry.handlers.clone();
        handlers.sort_by_key(|h| h.id);
        for handler in handlers {
            graph.handler(handler);
        }
        for trigger in &registry.triggers {
            let Some(cause) = trigger.when.or(trigger.when_not) else {
                continue;
            };
            let cause = Node::Flag(cause.name().to_owned());
            for flag in trigger.set {
                graph.edge(
                    cause.clone(),
                    Node::Flag(flag.name().to_owned()),
                    Edge::Sets,
                );
            }
            for flag in trigger.clear {
                graph.edge(
                    cause.clone(),
                    Node::Flag(flag.name().to_owned()),
                    Edge::Clears,
                );
            }
        }
        graph
    }

    fn handler(&mut self, handler: &Handler) {
        let id = Node::Handler(handler.id.to_owned());
        self.node(id.clone());
        for flag in named(handler) {
            self.edge(Node::Flag(flag.name().to_owned()), id.clone(), Edge::Reads);
        }
        for source in sources(handler) {
            self.edge(Node::Source(source_name(source)), id.clone(), Edge::Reads);
        }
        for flag in handler.sets {
            self.edge(id.clone(), Node::Flag((*flag).to_owned()), Edge::Sets);
        }
        for flag in handler.clears {
            self.edge(id.clone(), Node::Flag((*flag).to_owned()), Edge::Clears);
        }
    }

    fn node(&mut self, node: Node) -> NodeIndex {
        let graph = &mut self.graph;
        *self
            .nodes
            .entry(node)
            .or_insert_with_key(|n| graph.add_node(n.clone()))
    }

    fn edge(&mut self, from: Node, to: Node, edge: Edge) {
        let (from, to) = (self.node(from), self.node(to));
        if !self
            .graph
            .edges_connecting(from, to)
            .any(|e| *e.weight() == edge)
        {
            self.graph.add_edge(from, to, edge);
        }
    }

    /// All nodes, sorted.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.keys()
    }

    /// All edges, sorted by their ends.
    #[must_use]
    pub fn edges(&self) -> Vec<(&Node, &Node, Edge)> {
        let mut edges: Vec<_> = self
            .graph
            .edge_indices()
            .filter_map(|e| {
                let (from, to) = self.graph.edge_endpoints(e)?;
                Some((&self.graph[from], &self.graph[to], self.graph[e]))
            })
            .collect();
        edges.sort();
        edges
    }

    /// The graph itself, for petgraph's algorithms.
    #[must_use]
    pub fn petgraph(&self) -> &DiGraph<Node, Edge> {
        &self.graph
    }
}
