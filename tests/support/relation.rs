//! A relation as far as endpoints need it: who is there, and everybody's data.

use std::collections::{BTreeMap, BTreeSet};

type Texts = BTreeMap<String, String>;

pub(crate) const OWN_UNIT: &str = "charm/0";
pub(crate) const OWN_APP: &str = "charm";

#[derive(Debug, Default)]
pub(crate) struct Relation {
    /// The application at the other end.
    pub(crate) app: String,
    /// The remote units that have joined.
    pub(crate) members: BTreeSet<String>,
    /// By unit or application.
    bags: BTreeMap<String, Texts>,
    /// What this context has written, likewise.
    pending: BTreeMap<String, Texts>,
    /// How often `relation-set` was called.
    pub(crate) sets: usize,
}

impl Relation {
    /// Changes somebody's data; an empty value removes.
    pub(crate) fn data(&mut self, who: &str, pairs: &[(&str, &str)]) {
        let bag = self.bags.entry(who.to_owned()).or_default();
        for (key, value) in pairs {
            if value.is_empty() {
                bag.remove(*key);
            } else {
                bag.insert((*key).to_owned(), (*value).to_owned());
            }
        }
    }

    /// Somebody's committed data.
    pub(crate) fn bag(&self, who: &str) -> Texts {
        self.bags.get(who).cloned().unwrap_or_default()
    }

    /// As `relation-get` answers, if it does.
    pub(super) fn read(&self, who: &str, leads: bool) -> Option<Texts> {
        if who == OWN_APP && self.app != OWN_APP && !leads {
            return None;
        }
        let mut bag = self.bag(who);
        bag.extend(self.pending.get(who).cloned().unwrap_or_default());
        bag.retain(|_, value| !value.is_empty());
        Some(bag)
    }

    pub(super) fn write(&mut self, who: &str, values: Texts) {
        self.sets += 1;
        self.pending
            .entry(who.to_owned())
            .or_default()
            .extend(values);
    }

    pub(super) fn writes_app(&self) -> bool {
        self.pending.contains_key(OWN_APP)
    }

    pub(super) fn writes(&self) -> bool {
        !self.pending.is_empty()
    }

    pub(super) fn forget_pending(&mut self) {
        self.pending.clear();
    }

    pub(super) fn apply_pending(&mut self) {
        for (who, values) in std::mem::take(&mut self.pending) {
            let pairs: Vec<_> = values
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect();
            self.data(&who, &pairs);
        }
    }
}
