//! What changed since the dispatcher looked last.

use crate::flags::hash;

/// A real change of a flag (B24).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) hash: u64,
    pub(crate) name: Box<str>,
    pub(crate) set: bool,
}

/// Changes of the batch that is running (B23).
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) flags: Vec<Change>,
    /// `kind=key` of sources whose value may have changed, and the bare names of flags that mean something new.
    pub(crate) sources: Vec<String>,
    /// Flag changes in this hook altogether, for the report.
    pub(crate) total: usize,
    /// Handlers run in this hook: what one of them does to files and tools shows in no flag.
    pub(crate) runs: usize,
    /// Flags whose triggers are being followed, outermost first.
    pub(crate) chain: Vec<String>,
}

impl Changes {
    pub(crate) fn flag(&mut self, name: &str, set: bool) {
        self.total += 1;
        self.flags.push(Change {
            hash: hash(name),
            name: name.into(),
            set,
        });
    }

    pub(crate) fn source(&mut self, kind: &str, key: &str) {
        self.sources.push(format!("{kind}={key}"));
    }

    /// The flag is set and stays so, and what it tells has happened once more.
    pub(crate) fn renewed(&mut self, flag: &str) {
        self.sources.push(flag.to_owned());
    }

    /// The flags that handlers are to be looked at for: those that changed and those that were renewed.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let renewed = self.sources.iter().filter(|s| !s.contains('='));
        let changed = self.flags.iter().map(|c| &*c.name);
        changed.chain(renewed.map(String::as_str))
    }

    /// Where the batch is now, to tell later what came since.
    pub(crate) fn marker(&self) -> (usize, usize) {
        (self.flags.len(), self.sources.len())
    }

    /// Forgets the batch (B27).
    pub(crate) fn reset(&mut self) {
        self.flags.clear();
        self.sources.clear();
    }
}
