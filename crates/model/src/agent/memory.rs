//! What an agent keeps in memory: lost when it restarts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::{RelationId, Time, UnitName};

/// The first wait before a failed hook is tried again.
const RETRY_FIRST: Duration = Duration::from_secs(5);

/// The longest.
const RETRY_MOST: Duration = Duration::from_secs(300);

/// State of one run of the agent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(crate) tracker: Tracker,
    /// The version of the leader settings when the agent began to watch them.
    pub(crate) settings_base: u64,
    /// How many of their changes it has dealt with.
    pub(crate) settings_handled: u64,
    /// Ticks of the `update-status` timer.
    pub(crate) ticks: Versions,
    /// When the next one comes.
    pub(crate) tick_at: Option<Time>,
    pub(crate) retry: Retry,
    /// Revisions it has been told nobody tracks.
    pub(crate) obsolete: BTreeMap<String, BTreeSet<u32>>,
    /// Remote units' data as last read; see [`crate::context`].
    #[serde(with = "cache")]
    pub(crate) cache: Cache,
}

/// Remote members' data bags, by relation and unit.
pub(crate) type Cache = BTreeMap<(RelationId, UnitName), Arc<BTreeMap<String, String>>>;

/// Keys that are no strings, as pairs.
mod cache {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::Cache;

    pub(super) fn serialize<S: Serializer>(
        cache: &Cache,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        cache.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Cache, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

/// How often something happened, and up to where it has been dealt with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Versions {
    pub(crate) seen: u64,
    pub(crate) handled: u64,
}

impl Memory {
    /// How often the leader settings, now at `version`, have changed; the watcher's first event counts as one.
    pub(crate) const fn settings_seen(&self, version: u64) -> u64 {
        1 + version.saturating_sub(self.settings_base)
    }

    /// Begins to watch anew, as after a start or an upgrade.
    pub(crate) const fn watch(&mut self, settings_version: u64) {
        self.settings_base = settings_version;
        self.settings_handled = 0;
    }
}

impl Versions {
    pub(crate) const fn is_due(self) -> bool {
        self.seen != self.handled
    }
}

/// What the agent believes about leadership.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tracker {
    /// It believes that its unit leads.
    pub(crate) leader: bool,
    /// When it renews its claim; past that it does not answer "leader" without having done so.
    pub(crate) renew_at: Option<Time>,
    /// A stand-in for a tracker that cannot answer, with its text; for the conformance recordings.
    pub(crate) broken: Option<String>,
}

/// The timer that tries a failed hook again: 5 s, 10, 20, … 300.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Retry {
    wait: Duration,
    /// When it goes off.
    pub(crate) at: Option<Time>,
    /// It has gone off, and the hook not yet been tried.
    pub(crate) due: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            wait: RETRY_FIRST,
            at: None,
            due: false,
        }
    }
}

impl Retry {
    /// Starts it, and makes the next wait longer.
    pub(crate) fn start(&mut self, now: Time, random: &mut Random) -> Time {
        let at = now + self.wait;
        self.at = Some(at);
        let doubled = self
            .wait
            .mul_f64(2.0 * random.symmetric().mul_add(0.03, 1.0));
        self.wait = doubled.min(RETRY_MOST);
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_five_seconds_to_five_minutes() {
        let (mut retry, mut random) = (Retry::default(), Random::new(1));
        let mut now = Time::START;
        let mut waits = Vec::new();
        for _ in 0..10 {
            let at = retry.start(now, &mut random);
            waits.push(at.since(now).as_secs_f64());
            now = at;
        }
        assert_eq!(waits[0], 5.0);
        for (wait, expected) in waits
            .iter()
            .zip([5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0])
        {
            assert!((wait / expected - 1.0).abs() < 0.2, "{wait} {expected}");
        }
        assert!(
            waits
                .windows(2)
                .take(5)
                .all(|pair| (pair[1] / pair[0] / 2.0 - 1.0).abs() <= 0.0301)
        );
    }
}
