//! Secrets: whose they are, who reads them, what is due.

mod access;
mod changes;
mod commit;
mod due;
mod labels;
mod read;
mod removal;
mod secret;
mod user;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher as _;

use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;

pub(crate) use access::Metadata;
pub(crate) use changes::{GrantChange, NewSecret, RevokeChange, SecretChanges, SecretUpdate};
pub(crate) use read::Read;
pub(crate) use secret::{
    Consumer, Content, Grant, Owner, Revision, Rotate, Secret, application_tag,
};

use crate::UnitName;

/// The letters of ids.
const LETTERS: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";

/// All secrets of a model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Secrets {
    all: BTreeMap<String, Secret>,
    /// Ids by the owner's tag.
    owned: BTreeMap<String, BTreeSet<String>>,
    /// Ids by the unit that has read them.
    consumed: BTreeMap<UnitName, BTreeSet<String>>,
    /// What every id begins with.
    prefix: [u8; 9],
    /// How many ids have been given out.
    allocated: u32,
    /// Revisions that have become obsolete and whose owners have not been told.
    pub(crate) obsoleted: Vec<(String, u32)>,
    /// What is due next may have changed.
    pub(crate) rescheduled: bool,
}

impl Secrets {
    pub(crate) fn new(uuid: &str) -> Self {
        let half = |key| {
            let mut hasher = SipHasher13::new_with_keys(key, 0);
            hasher.write(uuid.as_bytes());
            hasher.finish().to_be_bytes()
        };
        let (first, second) = (half(0), half(1));
        let mut prefix = [second[0]; 9];
        prefix[..8].copy_from_slice(&first);
        Self {
            prefix,
            ..Self::default()
        }
    }

    /// Ids come in the order of the recordings.
    pub(crate) fn fix_ids(&mut self) {
        self.prefix = *b"newsecret";
        self.allocated = u32::from_be_bytes(*b"\x00000");
    }

    /// A new id.
    pub(crate) fn allocate(&mut self) -> String {
        let [_, count @ ..] = self.allocated.to_be_bytes();
        self.allocated = self.allocated.wrapping_add(1);
        let mut bits = 0_u128;
        for byte in self.prefix.iter().chain(&count) {
            bits = bits << 8 | u128::from(*byte);
        }
        // 96 bits, 5 a letter.
        bits <<= 4;
        (0..20)
            .rev()
            .map(|at| char::from(LETTERS[usize::try_from(bits >> (5 * at) & 31).unwrap_or(0)]))
            .collect()
    }

    /// Whether that can be an id: twenty letters, of which the last holds a single bit.
    pub(crate) fn is_id(text: &str) -> bool {
        text.len() == 20
            && text.bytes().all(|byte| LETTERS.contains(&byte))
            && text.ends_with(['0', 'g'])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Secret> {
        self.all.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Secret> {
        self.all.get_mut(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Secret)> {
        self.all.iter()
    }

    /// The ids of an owner's secrets.
    pub(crate) fn owned_by(&self, tag: &str) -> impl Iterator<Item = &String> {
        self.owned.get(tag).into_iter().flatten()
    }

    /// The ids of what a unit and its application own.
    pub(crate) fn owned_around(&self, unit: &UnitName) -> impl Iterator<Item = &String> {
        let (own, shared) = if self.all.is_empty() {
            (None, None)
        } else {
            (
                self.owned.get(&unit.tag()),
                self.owned.get(&application_tag(unit.application())),
            )
        };
        shared.into_iter().chain(own).flatten()
    }

    /// The ids of what a unit has read.
    pub(crate) fn consumed_by(&self, unit: &UnitName) -> impl Iterator<Item = &String> {
        self.consumed.get(unit).into_iter().flatten()
    }

    pub(crate) fn insert(&mut self, id: String, secret: Secret) {
        let owned = self.owned.entry(secret.owner.tag()).or_default();
        owned.insert(id.clone());
        for unit in secret.consumers.keys() {
            let consumed = self.consumed.entry(unit.clone()).or_default();
            consumed.insert(id.clone());
        }
        self.rescheduled |= secret.next_rotate.is_some() || secret.expires.is_some();
        self.all.insert(id, secret);
    }

    pub(crate) fn remove(&mut self, id: &str) {
        let Some(secret) = self.all.remove(id) else {
            return;
        };
        let tag = secret.owner.tag();
        if let Some(owned) = self.owned.get_mut(&tag) {
            owned.remove(id);
            if owned.is_empty() {
                self.owned.remove(&tag);
            }
        }
        for unit in secret.consumers.keys() {
            if let Some(consumed) = self.consumed.get_mut(unit) {
                consumed.remove(id);
                if consumed.is_empty() {
                    self.consumed.remove(unit);
                }
            }
        }
        self.obsoleted.retain(|(other, _)| other != id);
        self.rescheduled = true;
    }

    /// The unit as a consumer of the secret; `None` if there is no such secret.
    pub(crate) fn consumer(&mut self, id: &str, unit: &UnitName) -> Option<&mut Consumer> {
        let secret = self.all.get_mut(id)?;
        let consumed = self.consumed.entry(unit.clone()).or_default();
        consumed.insert(id.to_owned());
        Some(secret.consumers.entry(unit.clone()).or_default())
    }

    /// Marks revisions that are neither the latest nor tracked by anybody.
    pub(crate) fn mark_obsolete(&mut self, id: &str) {
        let Some(secret) = self.all.get_mut(id) else {
            return;
        };
        let tracked: BTreeSet<u32> = secret
            .consumers
            .values()
            .map(|consumer| consumer.tracked)
            .collect();
        for (number, revision) in &mut secret.revisions {
            let unused = *number != secret.latest && !tracked.contains(number);
            if unused && !revision.obsolete {
                revision.obsolete = true;
                self.obsoleted.push((id.to_owned(), *number));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_count_up_and_are_valid() {
        let mut secrets = Secrets::default();
        secrets.fix_ids();
        let ids: Vec<String> = (0..3).map(|_| secrets.allocate()).collect();
        let recorded = [
            "dpinesr5cdp6at1g60o0",
            "dpinesr5cdp6at1g60og",
            "dpinesr5cdp6at1g60p0",
        ];
        assert_eq!(ids, recorded);
        assert!(ids.iter().all(|id| Secrets::is_id(id)));
        for wrong in ["", "dpinesr5cdp6at1g60o1", "dpinesr5cdp6at1g60z0", "d0"] {
            assert!(!Secrets::is_id(wrong), "{wrong}");
        }
    }

    #[test]
    fn models_have_ids_of_their_own() {
        assert_ne!(
            Secrets::new("one").allocate(),
            Secrets::new("two").allocate()
        );
    }
}
