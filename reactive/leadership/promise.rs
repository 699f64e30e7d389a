//! The 30-second promise: how long a positive `is-leader` may be relied on.

use std::time::Duration;

use ensign::{Context, Result, tools};

/// What Juju promises from a positive answer on. Counted from before the question, it errs on the safe side.
const PROMISE: Duration = Duration::from_secs(30);

/// After this the question is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(20);

/// What is known of this unit's leadership in this context.
#[derive(Debug, Default)]
pub(super) struct Promise {
    /// The last answer; `None` before the first.
    answer: Option<bool>,
    /// When the last positive answer was asked for.
    asked: Option<Duration>,
    /// Two positive answers lay so far apart that another unit may have led in between.
    broken: bool,
}

impl Promise {
    /// Goes on from an earlier process of this very context.
    pub(super) fn resume(&mut self, asked: Option<Duration>) {
        if self.answer.is_none() {
            self.asked = asked;
        }
    }

    /// Whether this unit leads and what was read in this context may be acted on.
    pub(super) fn holds(&self) -> bool {
        self.answer == Some(true) && !self.broken
    }

    /// Whether the promise was broken although the last answer is positive.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// When the last positive answer was asked for.
    pub(super) fn asked(&self) -> Option<Duration> {
        self.asked
    }

    /// Whether Juju was asked in this context.
    pub(super) fn is_known(&self) -> bool {
        self.answer.is_some()
    }

    /// Whether the last positive answer is old enough to be asked for again. A negative one is not: Juju
    /// repeats it until the context ends.
    pub(super) fn is_stale(&self, ctx: &Context) -> bool {
        self.holds() && self.age(ctx) >= ASK_AGAIN
    }

    /// Whether more time has passed since the last answer than Juju promises.
    pub(super) fn is_exceeded(&self, ctx: &Context) -> bool {
        self.holds() && self.age(ctx) > PROMISE
    }

    fn age(&self, ctx: &Context) -> Duration {
        let now = ctx.uptime();
        self.asked
            .map_or(Duration::MAX, |asked| now.saturating_sub(asked))
    }

    /// Asks Juju. A gap of more than the promise between two positive answers breaks it.
    pub(super) fn ask(&mut self, ctx: &mut Context) -> Result {
        let asked = ctx.uptime();
        let leads = tools::is_leader(ctx.tools())?;
        if leads {
            let answered = ctx.uptime();
            self.broken |= self
                .asked
                .is_some_and(|last| answered.saturating_sub(last) > PROMISE);
            self.asked = Some(asked);
        }
        self.answer = Some(leads);
        Ok(())
    }

    /// Juju refused a write of the leader's.
    pub(super) fn refused(&mut self) {
        self.answer = Some(false);
    }
}
