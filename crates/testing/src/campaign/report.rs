//! What came of a campaign.

use std::fmt;

use serde_json::{Value, json};

use super::counts::Counts;
use super::violation::Violation;

/// Campaigns of at least so many hooks have to inject each kind of fault [`FLOOR`] times, or in one schedule of
/// [`SCHEDULES`] where these are long: some kinds strike between hooks, a few times in a schedule at most.
const FULL: u64 = 100_000;

/// How often, at least.
const FLOOR: u64 = 100;
const SCHEDULES: u64 = 20;

/// What came of a campaign.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// One for each Juju version.
    pub parts: Vec<Part>,
}

/// What came of it on one Juju version.
#[derive(Debug, Clone)]
pub struct Part {
    /// The version, such as `3.6`.
    pub juju: String,
    /// The seed of the campaign.
    pub seed: u64,
    /// Hooks, actions and `juju exec`s that ran.
    pub hooks: u64,
    /// Schedules that were played.
    pub schedules: u64,
    /// Schedules that broke a rule.
    pub violations: u64,
    /// The first of them, made short.
    pub found: Vec<Found>,
    /// How often each kind of fault was injected.
    pub counts: Counts,
}

/// A schedule that breaks a rule.
#[derive(Debug, Clone)]
pub struct Found {
    /// The rule, and how.
    pub violation: Violation,
    /// The seed of the schedule as it was found.
    pub seed: u64,
    /// After how many hooks of its part of the campaign.
    pub hooks: u64,
    /// The schedule, made short: it replays.
    pub script: String,
}

impl Part {
    /// Kinds of faults that a campaign of this size should have injected more often.
    pub fn rare(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.rare(self.floor())
    }

    fn floor(&self) -> u64 {
        if self.hooks < FULL {
            return 0;
        }
        FLOOR.min(self.schedules / SCHEDULES)
    }
}

impl Report {
    /// Whether every rule held, and every kind of fault was injected often enough.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.parts
            .iter()
            .all(|part| part.violations == 0 && part.rare().next().is_none())
    }

    /// `3.6: H hooks, S schedules, V violations; 4.0: …`
    #[must_use]
    pub fn line(&self) -> String {
        let parts: Vec<String> = self
            .parts
            .iter()
            .map(|part| {
                format!(
                    "{}: {} hooks, {} schedules, {} violations",
                    part.juju, part.hooks, part.schedules, part.violations
                )
            })
            .collect();
        parts.join("; ")
    }

    /// For the `ensign` command, which runs tests as processes.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let parts = self.parts.iter().map(|part| {
            json!({
                "juju": part.juju,
                "hooks": part.hooks,
                "schedules": part.schedules,
                "violations": part.violations,
                "passed": part.violations == 0 && part.rare().next().is_none(),
            })
        });
        json!({"parts": parts.collect::<Vec<_>>(), "text": self.details()})
    }
}

impl Report {
    /// Everything but the last line.
    fn details(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` cannot fail.
        let _written = self.write_details(&mut text);
        text
    }

    fn write_details(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        for part in &self.parts {
            writeln!(f, "Juju {}, seed {}: faults injected", part.juju, part.seed)?;
            write!(f, "{}", part.counts)?;
            for (kind, count) in part.rare() {
                writeln!(
                    f,
                    "too rare in {} hooks: {kind}, {count} times instead of {}",
                    part.hooks,
                    part.floor()
                )?;
            }
            for found in &part.found {
                writeln!(
                    f,
                    "\n{}\nfound after {} hooks by the schedule of seed {}; made short, it replays:\n",
                    found.violation, found.hooks, found.seed
                )?;
                writeln!(f, "{}", found.script)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_details(f)?;
        writeln!(f, "{}", self.line())
    }
}
