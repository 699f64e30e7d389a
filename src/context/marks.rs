//! Marks of handlers across renames and upgrades of the charm.

use super::Context;
use crate::store::Document;

impl Context {
    /// Whether another build of the charm committed last.
    pub(crate) fn is_upgraded(&self) -> bool {
        let build = self.metadata.build.as_str();
        !build.is_empty()
            && self
                .document
                .build
                .as_deref()
                .is_some_and(|last| last != build)
    }

    /// Moves marks of earlier ids (`was`) to the handlers that have replaced them.
    pub(crate) fn inherit_marks(
        &mut self,
        handlers: impl Iterator<Item = (&'static str, &'static [&'static str])>,
    ) {
        for (id, was) in handlers {
            for old in was {
                self.inherit_doubt(id, old);
                if self.document.marks.contains_key(id) {
                    continue;
                }
                if let Some(mark) = self.document.marks.remove(*old) {
                    self.touched = true;
                    self.document.marks.insert(id.to_owned(), mark);
                }
            }
        }
    }

    /// Remembers which build commits. With another build, marks whose handler is gone are orphaned; those
    /// orphaned before are dropped: they survive one upgrade, in case a downgrade follows.
    pub(crate) fn remember_build(&mut self, known: impl Fn(&str) -> bool) {
        let build = self.metadata.build.clone();
        if !self.consumes() || build.is_empty() || self.document.build.as_ref() == Some(&build) {
            return;
        }
        self.touched = true;
        if self.document.build.replace(build).is_none() {
            return;
        }
        self.document.marks.retain(|id, mark| {
            let gone = !known(id);
            let keep = !(gone && mark.orphan);
            mark.orphan = gone;
            keep
        });
    }

    /// Keeps what was loaded, to tell at the end whether anything differs.
    pub(crate) fn remember_loaded(&mut self) {
        self.loaded = Some(self.document.clone());
    }

    /// Whether the finished document differs from the one that was loaded.
    pub(crate) fn differs(&self, finished: &Document) -> bool {
        // The working copy keeps its flags apart, and so does the loaded one.
        self.loaded.as_ref() != Some(&self.document) || finished.flags != self.loaded_flags
    }
}
