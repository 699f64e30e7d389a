//! What a unit has not yet run hooks for in one relation, unit by unit.
//!
//! Kept up with what the relation's journal notes, so that the next hook costs no look at every member. It can be made anew
//! from the relation at any time, and is after a restart of the controller.

use std::collections::BTreeSet;

use super::LocalRelation;
use crate::UnitName;
use crate::world::Relation;

/// News by kind, each in the order the hooks run in.
#[derive(Debug, Clone, Default)]
pub(crate) struct News {
    /// The relation's generation they were last brought up to.
    at: u64,
    departed: BTreeSet<UnitName>,
    joined: BTreeSet<UnitName>,
    changed: BTreeSet<UnitName>,
    /// Units a hook has run for since.
    doubtful: Vec<UnitName>,
}

/// The first unit, by name, of each kind of news.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct First<'a> {
    pub(crate) departed: Option<&'a UnitName>,
    pub(crate) joined: Option<&'a UnitName>,
    pub(crate) changed: Option<&'a UnitName>,
}

impl News {
    /// A hook has run for a unit: what was to be told of it may have been.
    pub(crate) fn doubt(&mut self, unit: &UnitName) {
        self.doubtful.push(unit.clone());
    }

    /// The first of each kind, if the news are those of that generation.
    pub(crate) fn first(&self, generation: u64) -> Option<First<'_>> {
        (self.at == generation && self.doubtful.is_empty()).then(|| First {
            departed: self.departed.first(),
            joined: self.joined.first(),
            changed: self.changed.first(),
        })
    }

    fn forget(&mut self, unit: &UnitName) {
        self.departed.remove(unit);
        self.joined.remove(unit);
        self.changed.remove(unit);
    }
}

impl LocalRelation {
    /// Brings the news up to the relation as it is, for the unit that `self` belongs to.
    pub(crate) fn catch_up(&mut self, unit: &UnitName, relation: &Relation) {
        let mut looked_at = std::mem::take(&mut self.news.doubtful);
        looked_at.extend(relation.noted_since(self.news.at).cloned());
        self.news.at = relation.generation;
        for remote in looked_at {
            self.news.forget(&remote);
            let version = relation.visible(unit, &remote);
            match (self.members.get(&remote), version) {
                (Some(_), None) => drop(self.news.departed.insert(remote)),
                (None, Some(_)) => drop(self.news.joined.insert(remote)),
                (Some(seen), Some(now)) if *seen != now => drop(self.news.changed.insert(remote)),
                _ => {}
            }
        }
    }

    /// The first of each kind of news, by comparing all that is known with all there is: both in order, so one walk does.
    pub(crate) fn walk<'a>(&'a self, unit: &'a UnitName, relation: &'a Relation) -> First<'a> {
        let mut first = First::default();
        let mut members = self.members.iter().peekable();
        for (remote, bag) in relation.remote_units(unit) {
            while let Some((gone, _)) = members.next_if(|(member, _)| *member < remote) {
                first.departed.get_or_insert(gone);
            }
            match members.next_if(|(member, _)| *member == remote) {
                None => {
                    first.joined.get_or_insert(remote);
                }
                Some((_, version)) if *version != bag.version => {
                    first.changed.get_or_insert(remote);
                }
                Some(_) => {}
            }
        }
        if first.departed.is_none() {
            first.departed = members.next().map(|(gone, _)| gone);
        }
        first
    }
}
