//! One operation that runs, and what is known of it.

use std::time::Duration;

use ensign_model::UnitName;

use super::event::Inside;
use super::ghost::Write;

/// What a step does, as far as faults care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepKind {
    /// A hook tool that only reads.
    Read,
    /// A hook tool that writes.
    Tool,
    /// A write to the disk.
    Write,
    /// The process has ended; the flush comes next.
    End,
}

/// One operation that runs.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) unit: UnitName,
    /// Moments that have passed.
    pub(super) moment: usize,
    /// What comes after the present one.
    pub(super) kind: StepKind,
    /// What a script wants to happen.
    pub(super) script: Vec<Inside>,
    /// What has happened.
    pub(super) recorded: Vec<Inside>,
    /// The process was killed.
    pub(super) dead: bool,
    /// Its agent went away, and the context with it.
    pub(super) orphaned: bool,
    /// Its agent was cut off meanwhile: nothing of it is flushed.
    pub(super) severed: bool,
    /// One of its commands failed or was killed.
    pub(super) cut_short: bool,
    /// When `is-leader` last answered that it leads.
    pub(super) promised: Option<Duration>,
    /// Another unit has led since it began.
    pub(super) deposed: bool,
    /// Leader data that it gave to the tools.
    pub(super) write: Option<Write>,
    /// Some of that counts only once the hook has committed.
    pub(super) buffered: bool,
    /// Namely a secret's content.
    pub(super) secret: bool,
    /// Namely relation data.
    pub(super) bag: bool,
    /// How often leader data had arrived when it began.
    pub(super) landed: u64,
    /// The id of its commit record.
    pub(super) record: Option<String>,
    /// `Some` if an operator asked for it; `true` if for a removal.
    pub(super) operator: Option<bool>,
    /// What it wrote, to Juju or to the disk.
    pub(super) wrote: Vec<String>,
    /// The last answer of `is-leader`.
    pub(super) leads: Option<bool>,
}

impl Frame {
    pub(super) fn new(unit: &UnitName, script: Vec<Inside>, operator: Option<bool>) -> Self {
        Self {
            unit: unit.clone(),
            moment: 0,
            kind: StepKind::Read,
            script,
            recorded: Vec::new(),
            dead: false,
            orphaned: false,
            severed: false,
            cut_short: false,
            promised: None,
            deposed: false,
            write: None,
            buffered: false,
            secret: false,
            bag: false,
            landed: 0,
            record: None,
            operator,
            wrote: Vec::new(),
            leads: None,
        }
    }

    /// Whether its unit may lead again: only if the process looks at its clock before it relies on what it has
    /// read. Nobody can do that between the look and the next call, or once the process has ended.
    pub(super) fn may_regain(&self) -> bool {
        self.dead || (self.kind == StepKind::Read && !self.buffered)
    }

    /// Whether it has to be kept from leading again for now.
    pub(super) fn is_fragile(&self) -> bool {
        self.deposed && !self.may_regain()
    }
}
