//! What a schedule is made of.

use ensign_model::{Profile, UnitName};

/// One schedule, from an empty model to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) profile: Profile,
    /// Decides what the model leaves to chance, and every unit's random bytes.
    pub(super) seed: u64,
    /// How many units the application begins with.
    pub(super) units: u32,
    pub(super) events: Vec<Event>,
}

/// Something that happens, between hooks or at a moment of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// The unit runs what it has to run next, and this happens meanwhile.
    Run {
        unit: UnitName,
        /// Its name, once it has run; for people.
        what: String,
        inside: Vec<Inside>,
    },
    /// Time passes until something happens by itself.
    Idle,
    /// So many seconds pass.
    Wait(u64),
    /// Leadership moves to this unit; if a hook of the old leader runs, not before Juju's promise to it has passed.
    Elect(UnitName),
    /// The lease ends as if its time had run out.
    Expire,
    /// The unit's agent is cut off from the controller.
    Cut(UnitName),
    /// And reaches it again.
    Heal(UnitName),
    /// The unit's agent starts anew; what it runs is killed.
    Restart(UnitName),
    /// The unit's machine is lost.
    Lose(UnitName),
    /// A unit more.
    Add,
    /// A unit less.
    Remove(UnitName),
    /// The operator sets an option.
    Config(String, String),
    /// The operator refreshes the charm.
    Refresh,
    /// The model moves to a controller of Juju 4.0.
    Migrate,
    /// And its agents become that version.
    UpgradeAgents,
    /// The operator's step of this name, on this unit.
    Operator(String, UnitName),
    /// The controller refuses the unit's next flush, after so many of its parts.
    Refuse(UnitName, usize),
    /// The controller takes the unit's next flush, and the agent never hears of it.
    LoseAnswer(UnitName),
    /// The unit's next flush stays under way.
    Delay(UnitName),
    /// And arrives.
    Arrive(UnitName),
    /// The answer to the unit's next `leader-set` is lost; whether the controller has made the change.
    LoseSet(UnitName, bool),
    /// What runs is killed.
    Kill,
    /// Nothing goes wrong any more until everything is at rest; then everything has to be right.
    Settle,
}

/// What happens at a moment of a running hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inside {
    /// Which: each tool call and each write to the disk has one before it, and so has the end.
    pub(super) moment: usize,
    /// What comes after that moment, for people.
    pub(super) step: String,
    pub(super) event: Event,
}
