//! Who has to be looked at when a flag or a source changes.

use super::condition::{named, source_name, sources};
use crate::context::Changes;
use crate::flags::{ByHash, hash};
use crate::handler::Handler;

/// From what changed to the handlers that name it. Built when the first change is seen: a hook with nothing
/// due never pays for it.
#[derive(Debug, Default)]
pub(super) struct Index {
    readers: ByHash<Vec<u32>>,
}

impl Index {
    pub(super) fn new(handlers: &[&'static Handler]) -> Self {
        let mut readers: ByHash<Vec<u32>> = ByHash::default();
        readers.reserve(handlers.len());
        for (i, handler) in (0_u32..).zip(handlers) {
            let mut add = |key: u64| {
                let list = readers.entry(key).or_default();
                if list.last() != Some(&i) {
                    list.push(i);
                }
            };
            named(handler).for_each(|flag| add(flag.hash()));
            sources(handler).for_each(|source| add(hash(&source_name(source))));
        }
        Self { readers }
    }

    /// The handlers that name anything of `changes`, each once, in no particular order.
    pub(super) fn readers(&self, changes: &Seen<'_>) -> Vec<usize> {
        let mut found: Vec<usize> = changes
            .keys()
            .filter_map(|key| self.readers.get(&key))
            .flatten()
            .map(|i| *i as usize)
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// A part of what changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) changes: &'a Changes,
    /// Where it begins, in flags and in sources.
    pub(super) from: (usize, usize),
}

impl Seen<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.flags.len() <= self.from.0 && self.changes.sources.len() <= self.from.1
    }

    fn keys(&self) -> impl Iterator<Item = u64> {
        let flags = self.changes.flags.iter().skip(self.from.0).map(|c| c.hash);
        let sources = self
            .changes
            .sources
            .iter()
            .skip(self.from.1)
            .map(|s| hash(s));
        flags.chain(sources)
    }
}
