//! Model time: at real pace, and forward in jumps while every unit is idle.

use std::time::{Duration, Instant};

use ensign_model::Time;

/// Where model time is now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    at: Time,
    since: Instant,
}

impl Clock {
    /// Goes on from `at`.
    pub(super) fn new(at: Time) -> Self {
        Self {
            at,
            since: Instant::now(),
        }
    }

    /// The present moment of the model.
    pub(super) fn now(&self) -> Time {
        self.at + self.since.elapsed()
    }

    /// Jumps forward to `to`; gives back how far that was.
    pub(super) fn jump(&mut self, to: Time) -> Duration {
        let now = self.now();
        let far = to.since(now);
        *self = Self::new(now.max(to));
        far
    }

    /// Real time until the model reaches `time`.
    pub(super) fn until(&self, time: Time) -> Duration {
        time.since(self.now())
    }
}
