//! Fault campaigns: a charm against everything that can go wrong, from a seed.
//!
//! A campaign plays random schedules. Units run their hooks tool call by tool call, and between any two of these, or
//! between any two writes to the disk, anything may happen: another unit is elected and runs its own hooks, the
//! process is killed, the agent restarts, a flush is refused, the leader is cut off until its lease runs out, an
//! operator acts. Now and then everything is healed and comes to rest, and then everything has to be right:
//!
//! | rule | says |
//! |---|---|
//! | comes to rest | the model settles |
//! | settled is quiet | `update-status` then writes nothing, to Juju or to the disk |
//! | one leader | one unit holds the lease, and it alone is told so |
//! | no follower writes | no leader data of another unit was accepted |
//! | units agree | every unit reads the leader's values |
//! | changes are delivered | the handlers of every unit have heard of the last change |
//! | in use is not replaced | only an operator replaces or removes a value that was committed |
//! | revoked stays revoked | a value that was replaced or removed does not come back |
//! | records | a unit keeps the flags of a hook exactly if Juju kept the rest of it |
//! | secrets stay secret | no secret value stands in settings, relation data, state documents or logs |
//! | machines are right | what runs on the machines is as the [subject](Subject::machines) says it has to be |
//!
//! What breaks a rule is made short and printed as a script, which [`Campaign::replay`] plays again.
//!
//! ```
//! use ensign::handler::{CrateOrder, Registry};
//! use ensign_testing::campaign::{Campaign, Subject};
//! use ensign_testing::Charm;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let charm = Charm::with_peers("empty", Registry::new([], []))?;
//! let report = Campaign::new(Subject::new("empty", &charm)).hooks(500).run();
//! assert!(report.passed(), "{report}");
//! # Ok(())
//! # }
//! ```

mod chance;
mod conduct;
mod counts;
mod event;
mod explorer;
mod fate;
mod frame;
mod ghost;
mod invariants;
mod observe;
mod operate;
mod play;
mod ports;
mod report;
mod rest;
mod script;
mod seams;
mod shrink;
mod stage;
mod subject;
mod view;
mod violation;

use std::sync::Arc;

use ensign_model::Profile;

pub use counts::Counts;
pub use report::{Found, Part, Report};
pub use script::BadScript;
pub use seams::{Honest, Process, Seams};
pub use subject::{Look, Machines, Step, Subject, Watch};
pub use violation::Violation;

/// A campaign against a charm.
#[derive(Clone)]
pub struct Campaign {
    subject: Arc<Subject>,
    seams: Arc<dyn Seams>,
    profiles: Vec<Profile>,
    hooks: u64,
    seed: u64,
    migrations: bool,
    /// Only schedules that break one of these rules count, and the first one is the end.
    looking_for: Vec<String>,
}

impl std::fmt::Debug for Campaign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Campaign")
            .field("subject", &self.subject)
            .field("profiles", &self.profiles)
            .field("hooks", &self.hooks)
            .field("seed", &self.seed)
            .finish_non_exhaustive()
    }
}

impl Campaign {
    /// A campaign of 100,000 hooks on each Juju version, from seed 7.
    #[must_use]
    pub fn new(subject: Subject) -> Self {
        Self {
            subject: Arc::new(subject),
            seams: Arc::new(Honest),
            profiles: vec![Profile::V3_6, Profile::V4_0],
            hooks: 100_000,
            seed: 7,
            migrations: false,
            looking_for: Vec::new(),
        }
    }

    /// At least so many hooks on each Juju version.
    #[must_use]
    pub fn hooks(mut self, hooks: u64) -> Self {
        self.hooks = hooks;
        self
    }

    /// Decides everything that chance decides.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The Juju versions to behave as.
    #[must_use]
    pub fn juju(mut self, profiles: impl IntoIterator<Item = Profile>) -> Self {
        self.profiles = profiles.into_iter().collect();
        self
    }

    /// Models that begin on 3.6 may move on to 4.0.
    #[must_use]
    pub fn with_migrations(mut self) -> Self {
        self.migrations = true;
        self
    }

    /// Ends with the first schedule that breaks one of these rules; what else is broken does not count.
    #[must_use]
    pub fn until_broken(mut self, rules: &[&str]) -> Self {
        self.looking_for = rules.iter().map(|&rule| rule.to_owned()).collect();
        self
    }

    /// Puts something faulty between the charm and the world: to see that the campaign would notice.
    #[must_use]
    pub fn seams(mut self, seams: impl Seams + 'static) -> Self {
        self.seams = Arc::new(seams);
        self
    }

    /// Size, seed and Juju versions as `ensign test --explore` asks for them, where it does: by
    /// `ENSIGN_TEST_EXPLORE`, `ENSIGN_TEST_SEED` and `ENSIGN_TEST_JUJU`.
    #[must_use]
    pub fn as_asked(mut self) -> Self {
        let asked = |name: &str| std::env::var(name).ok();
        if let Some(hooks) = asked("ENSIGN_TEST_EXPLORE").and_then(|text| text.parse().ok()) {
            self.hooks = hooks;
        }
        if let Some(seed) = asked("ENSIGN_TEST_SEED").and_then(|text| text.parse().ok()) {
            self.seed = seed;
        }
        if let Some(names) = asked("ENSIGN_TEST_JUJU") {
            let known: Vec<Profile> = names.split(',').filter_map(|n| n.parse().ok()).collect();
            if !known.is_empty() {
                self.profiles = known;
            }
        }
        self
    }

    /// Plays it. Where `ensign test` asks for it, by `ENSIGN_TEST_REPORT`, the report goes to a file, too; and a
    /// script that `ENSIGN_TEST_REPLAY` names is played instead.
    #[must_use]
    pub fn run(&self) -> Report {
        let script = std::env::var_os("ENSIGN_TEST_REPLAY");
        let script = script.and_then(|path| std::fs::read_to_string(path).ok());
        let report = match script.map(|text| self.replay(&text)) {
            Some(Ok(report)) => report,
            _ => self.conduct(),
        };
        if let Some(path) = std::env::var_os("ENSIGN_TEST_REPORT") {
            conduct::append(&path, &report);
        }
        report
    }
}
