//! The order in which handlers of one iteration run (D2).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use super::Handler;
use super::instance::instance_id;
use crate::error::{Error, ErrorKind, Result};

/// What `before` and `after` ask for: pairs of places in the registry, the first to run before the second.
#[derive(Debug, Default)]
pub(super) struct Demands {
    pairs: Vec<(usize, usize)>,
}

/// The places of a template's instances.
fn instances(handlers: &[&'static Handler], template: &str) -> Vec<usize> {
    let is_one = |h: &Handler| h.endpoint.is_some_and(|e| h.id == instance_id(template, e));
    let all = handlers.iter().enumerate();
    all.filter(|(_, h)| is_one(h)).map(|(i, _)| i).collect()
}

impl Demands {
    /// Reads them; `place` finds a handler by its id. `templates` are ids that stand for all instances of a handler
    /// of an interface layer, however many there are.
    pub(super) fn of<'a>(
        handlers: &[&'static Handler],
        templates: &[&str],
        place: impl Fn(&'a str) -> Option<usize>,
    ) -> Result<Self> {
        let mut pairs = Vec::new();
        for (i, handler) in handlers.iter().enumerate() {
            let find = |id: &&'static str, word: &str| match place(id) {
                Some(place) => Ok(vec![place]),
                None if templates.contains(id) => Ok(instances(handlers, id)),
                None => Err(Error::new(
                    ErrorKind::Invalid,
                    format!(
                        "`{}` is to run {word} `{id}`, but no handler has that id",
                        handler.id
                    ),
                )
                .hint("ids are `crate::module::function`; `BINARY --describe` lists them")),
            };
            for id in handler.before {
                pairs.extend(find(id, "before")?.into_iter().map(|other| (i, other)));
            }
            for id in handler.after {
                pairs.extend(find(id, "after")?.into_iter().map(|other| (other, i)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        Ok(Self { pairs })
    }

    /// Refuses demands that contradict each other.
    pub(super) fn refuse_loops(&self, handlers: &[&'static Handler]) -> Result {
        let mut graph: DiGraph<usize, ()> = DiGraph::new();
        let mut nodes = BTreeMap::new();
        for (first, second) in &self.pairs {
            let mut node = |i: usize| *nodes.entry(i).or_insert_with(|| graph.add_node(i));
            let (first, second) = (node(*first), node(*second));
            graph.add_edge(first, second, ());
        }
        let stuck = tarjan_scc(&graph)
            .into_iter()
            .find(|c| c.len() > 1 || graph.contains_edge(c[0], c[0]));
        let Some(stuck) = stuck else {
            return Ok(());
        };
        let mut ids: Vec<&str> = stuck.into_iter().map(|n| handlers[graph[n]].id).collect();
        ids.sort_unstable();
        Err(Error::new(
            ErrorKind::Loop,
            format!(
                "`before` and `after` contradict each other among `{}`",
                ids.join("`, `")
            ),
        ))
    }

    /// The rank of each of `count` handlers, a stable topological sort: of those that nothing holds back, the
    /// one with the least `key` first. There is no loop among the demands.
    pub(super) fn ranks<K: Ord>(&self, count: usize, key: impl Fn(usize) -> K) -> Vec<usize> {
        let mut waits = vec![0_usize; count];
        for (_, second) in &self.pairs {
            waits[*second] += 1;
        }
        let mut free: BinaryHeap<Reverse<(K, usize)>> = (0..count)
            .filter(|i| waits[*i] == 0)
            .map(|i| Reverse((key(i), i)))
            .collect();
        let mut ranks = vec![usize::MAX; count];
        let mut next = 0;
        while let Some(Reverse((_, i))) = free.pop() {
            ranks[i] = next;
            next += 1;
            let from = self.pairs.partition_point(|(first, _)| *first < i);
            let followers = self.pairs[from..].iter().take_while(|(f, _)| *f == i);
            for (_, follower) in followers {
                waits[*follower] -= 1;
                if waits[*follower] == 0 {
                    free.push(Reverse((key(*follower), *follower)));
                }
            }
        }
        ranks
    }
}
