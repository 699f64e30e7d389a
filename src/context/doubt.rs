//! Handlers in doubt: they ran, and their hook is not known to have committed.

use std::collections::{BTreeMap, BTreeSet};

use super::Context;
use crate::error::Result;

/// A handler with a `when_changed` is written down before it runs, outside the transaction: if its hook fails
/// after it wrote a file, it has to look again, even if the value is back to what was delivered last.
#[derive(Debug, Default)]
pub(crate) struct Doubt {
    /// What the file on disk says.
    pub(crate) on_disk: BTreeSet<String>,
    /// Those of earlier contexts that have not succeeded since.
    pub(crate) earlier: BTreeSet<String>,
    /// Those that succeeded in this context: promotion takes them out.
    pub(crate) succeeded: BTreeSet<String>,
    /// New id → earlier ids under which the handler was written down.
    renamed: BTreeMap<String, BTreeSet<String>>,
}

impl Context {
    /// Whether an earlier run may have left something behind.
    pub(crate) fn is_in_doubt(&self, id: &str) -> bool {
        self.doubt.earlier.contains(id)
    }

    /// Writes the handler down, if it is not yet.
    pub(crate) fn put_in_doubt(&mut self, id: &str) -> Result {
        let Some(store) = &self.store else {
            return Ok(());
        };
        if self.doubt.on_disk.insert(id.to_owned()) {
            store.write_doubt(self.disk.as_mut(), &self.doubt.on_disk)?;
        }
        Ok(())
    }

    /// A doubt about `old` is now one about `id`; success ends both.
    pub(super) fn inherit_doubt(&mut self, id: &str, old: &str) {
        if self.doubt.earlier.remove(old) {
            self.doubt.earlier.insert(id.to_owned());
            let renamed = self.doubt.renamed.entry(id.to_owned()).or_default();
            renamed.insert(old.to_owned());
        }
    }

    /// The handler succeeded: the commit takes it out of doubt.
    pub(crate) fn succeeded_with_sources(&mut self, id: &str) {
        self.doubt.earlier.remove(id);
        if let Some(old) = self.doubt.renamed.remove(id) {
            self.doubt.succeeded.extend(old);
        }
        self.doubt.succeeded.insert(id.to_owned());
    }
}
