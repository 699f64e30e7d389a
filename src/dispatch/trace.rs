//! What happened in a dispatch, for whoever wants to see it (B111, D5).

use crate::context::Phase;

/// An event of a dispatch. Nothing is evaluated for its sake except the queue's members, and those only while
/// a tracer listens.
#[derive(Debug)]
#[non_exhaustive]
pub enum TraceEvent<'a> {
    /// Dispatch begins, with these flags set.
    Start {
        /// Sorted.
        flags: &'a [&'a str],
    },
    /// An iteration begins with these handlers due, in the order they will run in.
    Queue {
        /// `hooks`, `other`, `action` or `restricted`.
        phase: &'a str,
        /// Counted from 0; phases other than `other` have one.
        iteration: usize,
        /// Ids.
        handlers: &'a [&'a str],
    },
    /// A handler is about to run.
    Run {
        /// Its id.
        handler: &'a str,
    },
    /// A handler changed a flag.
    Flag {
        /// The handler that ran.
        by: &'a str,
        /// The flag.
        flag: &'a str,
        /// Set or cleared.
        set: bool,
        /// Handlers that were due and no longer are.
        left: &'a [&'a str],
    },
    /// A queued handler was dropped before its turn.
    Dropped {
        /// Its id.
        handler: &'a str,
        /// The condition that no longer holds.
        why: &'a str,
    },
    /// Nothing is due any more.
    Settled {
        /// Iterations of phase `other` that ran handlers.
        iterations: usize,
    },
}

/// Listens to a dispatch.
pub trait Tracer {
    /// Called for each event, in order.
    fn event(&mut self, event: &TraceEvent<'_>);

    /// `false` saves making events nobody hears.
    fn listens(&self) -> bool {
        true
    }
}

/// Hears nothing and costs nothing: the default.
#[derive(Debug, Default, Clone, Copy)]
pub struct Silent;

impl Tracer for Silent {
    fn event(&mut self, _event: &TraceEvent<'_>) {}

    fn listens(&self) -> bool {
        false
    }
}

pub(super) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Hooks => "hooks",
        Phase::Other => "other",
        Phase::Action => "action",
        Phase::Restricted => "restricted",
    }
}
