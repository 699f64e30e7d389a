//! What the commit record keeps of leader data, and the proof that a write was lost.

use std::collections::BTreeMap;

use ensign::{Context, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::contents::{BAG, SECRET};
use super::generation::Generation;
use super::vault::Reading;
use super::{LeadershipFlags, PREFIX};

/// What the commit record keeps until it is settled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// When the last positive `is-leader` was asked for, in seconds since the machine was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answered: Option<f64>,
    /// The writes, by store. Settings are none of them: they are written at once, so no commit can lose them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) wrote: BTreeMap<String, Wrote>,
}

/// A write to a store of leader data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wrote {
    /// What the store said before this context wrote anything: found again, it proves the loss.
    pub(super) base: Option<String>,
    /// What it says with the write.
    pub(super) generation: Option<String>,
}

impl Wrote {
    /// Whether what the store says now proves that the write never arrived: it says what it said before, or something
    /// that was written without knowledge of it, such as a commit that came late. Whoever writes after it counts on.
    pub(super) fn is_lost(&self, now: Option<&str>) -> bool {
        if now == self.base.as_deref() {
            return true;
        }
        let (base, ours) = (
            parts(self.base.as_deref()),
            parts(self.generation.as_deref()),
        );
        let now = parts(now);
        ours.iter().enumerate().any(|(place, ours)| {
            let at = |all: &[Option<Generation>]| all.get(place).cloned().flatten();
            match (ours, at(&now)) {
                (Some(ours), Some(now)) if at(&base).as_ref() != Some(ours) => {
                    now != *ours && now.number <= ours.number
                }
                _ => false,
            }
        })
    }
}

/// The generations in a mark.
fn parts(mark: Option<&str>) -> Vec<Option<Generation>> {
    let mark = mark.unwrap_or_default();
    mark.split(' ').map(Generation::parse).collect()
}

impl LeadershipFlags {
    /// What a store says now; `None` where it is out of reach.
    pub(super) fn mark(
        &mut self,
        ctx: &mut Context,
        store: &str,
    ) -> Result<Option<Option<String>>> {
        Ok(match store {
            BAG => self.open_bag(ctx)?.map(|bag| bag.contents.mark()),
            SECRET => match self.vault.read(ctx)? {
                Reading::There(content) => Some(Some(content.generation.to_string())),
                Reading::Absent => Some(None),
                _ => None,
            },
            _ => None,
        })
    }

    /// Notes a write for the commit record: what it was based on is what this context did not write itself.
    pub(super) fn wrote(
        &mut self,
        ctx: &Context,
        store: &str,
        base: Option<String>,
        generation: Option<String>,
    ) -> Result {
        let earlier = recorded(ctx)?;
        let before = self.wrote.get(store).or_else(|| earlier.wrote.get(store));
        let base = match before {
            // The secret is read as Juju has it; own writes of this process are not in there.
            Some(wrote) if wrote.generation == base || self.wrote.contains_key(store) => {
                wrote.base.clone()
            }
            _ => base,
        };
        let wrote = Wrote { base, generation };
        self.wrote.insert(store.to_owned(), wrote);
        Ok(())
    }
}

/// What an earlier process of this context recorded.
pub(super) fn recorded(ctx: &Context) -> Result<Record> {
    match ctx.recorded(PREFIX) {
        None => Ok(Record::default()),
        Some(record) => read_record(record),
    }
}

pub(super) fn read_record(record: &serde_json::Value) -> Result<Record> {
    serde_json::from_value(record.clone()).map_err(|e| {
        Error::new(
            ErrorKind::Store,
            format!("the leadership layer's commit record cannot be read: {e}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrote(base: Option<&str>, generation: &str) -> Wrote {
        Wrote {
            base: base.map(str::to_owned),
            generation: Some(generation.to_owned()),
        }
    }

    #[test]
    fn a_write_is_lost_where_the_store_says_what_it_said_before() {
        assert!(wrote(None, "1.aa").is_lost(None));
        assert!(wrote(Some("1.aa"), "2.bb").is_lost(Some("1.aa")));
        assert!(!wrote(Some("1.aa"), "2.bb").is_lost(Some("2.bb")));
        assert!(
            !wrote(Some("1.aa"), "2.bb").is_lost(Some("3.cc")),
            "superseded"
        );
    }

    #[test]
    fn a_write_is_lost_where_somebody_wrote_who_did_not_know_it() {
        assert!(
            wrote(None, "1.aa").is_lost(Some("1.bb")),
            "a commit that came late"
        );
        assert!(wrote(Some("3.cc"), "4.aa").is_lost(Some("4.bb")));
        // Of the two parts of a bag only the one that was written counts.
        let bell = wrote(Some("5.aa 1.aa"), "5.aa 2.bb");
        assert!(bell.is_lost(Some("5.ab 2.cc")));
        assert!(!bell.is_lost(Some("5.ab 2.bb")));
        assert!(!bell.is_lost(Some("6.ab 3.dd")));
    }
}
