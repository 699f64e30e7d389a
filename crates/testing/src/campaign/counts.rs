//! How often each kind of fault was injected.

use std::collections::BTreeMap;
use std::fmt;

use ensign_model::Profile;

/// Kinds of faults, and how often each was injected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    kinds: BTreeMap<String, u64>,
    /// How often each step was taken.
    steps: BTreeMap<String, u64>,
}

/// What a charm does more rarely than this in a whole campaign, such as a write of leader data that it hardly ever
/// makes, cannot be hit as often as everything else.
const SELDOM: u64 = 1_000;

/// What hits one step in so many is not rare, however seldom the charm takes it.
const OFTEN: u64 = 100;

/// Kinds that every profile has; those that depend on what the charm calls are added when it does.
const EVERYWHERE: [&str; 18] = [
    "action",
    "agent restarted",
    "charm refreshed",
    "commands",
    "election before a write to the disk",
    "election between hooks",
    "election while a hook ends",
    "flush late",
    "flush refused",
    "flush taken and answer lost",
    "hook tried again",
    "kill while a hook ends",
    "leadership regained within a hook",
    "lease expired",
    "partition",
    "unit added",
    "unit lost",
    "unit removed",
];

impl Counts {
    /// Nothing yet, with the kinds that the profile has.
    pub(super) fn of(profile: Profile) -> Self {
        let kinds = EVERYWHERE.iter().map(|kind| ((*kind).to_owned(), 0));
        let mut counts = Self {
            kinds: kinds.collect(),
            steps: BTreeMap::new(),
        };
        if profile.differences().leader_settings {
            counts.list("answer of leader-set lost");
        } else {
            // 3.6 has parts too, but only secrets can stay behind.
            counts.list("flush taken in part");
        }
        counts
    }

    /// One more.
    pub(super) fn add(&mut self, kind: &str) {
        self.more(kind, 1);
    }

    fn more(&mut self, kind: &str, count: u64) {
        match self.kinds.get_mut(kind) {
            Some(number) => *number += count,
            None => {
                self.kinds.insert(kind.to_owned(), count);
            }
        }
    }

    /// A step that may be hit by these.
    pub(super) fn taken(&mut self, step: &str, electable: bool) {
        if !self.steps.contains_key(step) {
            self.list(&format!("kill before {step}"));
            if electable {
                self.list(&format!("election before {step}"));
            }
        }
        *self.steps.entry(step.to_owned()).or_default() += 1;
    }

    /// The kind can happen, whether or not it does.
    pub(super) fn list(&mut self, kind: &str) {
        self.more(kind, 0);
    }

    /// A kind that this charm cannot have.
    pub(super) fn strike(&mut self, kind: &str) {
        self.kinds.remove(kind);
    }

    /// Those of another part of the campaign, too.
    pub(super) fn join(&mut self, other: &Self) {
        for (kind, count) in &other.kinds {
            self.more(kind, *count);
        }
        for (step, count) in &other.steps {
            *self.steps.entry(step.clone()).or_default() += count;
        }
    }

    /// How often the step was taken that the kind hits; `None` for other kinds.
    fn chances(&self, kind: &str) -> Option<u64> {
        let (_, step) = kind.split_once(" before ")?;
        self.steps.get(step).copied()
    }

    /// How often a kind was injected.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> u64 {
        self.kinds.get(kind).copied().unwrap_or(0)
    }

    /// Kinds below `floor`, but for those that hit what the charm itself does seldom.
    pub fn rare(&self, floor: u64) -> impl Iterator<Item = (&str, u64)> {
        let kinds = self.kinds.iter().map(|(kind, count)| (&**kind, *count));
        kinds.filter(move |(kind, count)| {
            let expected = |chances| chances >= SELDOM && count * OFTEN < chances;
            *count < floor && self.chances(kind).is_none_or(expected)
        })
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.kinds.keys().map(String::len).max().unwrap_or(0);
        self.kinds
            .iter()
            .try_for_each(|(kind, count)| match self.chances(kind) {
                Some(chances) => writeln!(f, "  {kind:width$} {count:>8} of {chances}"),
                None => writeln!(f, "  {kind:width$} {count:>8}"),
            })
    }
}
