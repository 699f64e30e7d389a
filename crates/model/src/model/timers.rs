//! What happens by itself, and when.

use serde::{Deserialize, Serialize};

use super::Model;
use crate::agent::Link;
use crate::{Time, UnitName};

/// Something that is due at a moment. Those due at the same one happen in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Timer {
    /// A leader renews its claim.
    Renew(UnitName),
    /// The controller deletes an application's lease if it has expired.
    Sweep(String),
    /// Those who wait for an application's lease are told that it is free.
    Notice(String),
    /// A failed hook is tried again.
    Retry(UnitName),
    /// `update-status` is due.
    Tick(UnitName),
    /// A secret is to be rotated, or a revision expires.
    Secrets,
}

impl Model {
    /// The moment something happens by itself next.
    #[must_use]
    pub fn next_timer(&self) -> Option<Time> {
        self.timers.first().map(|(time, _)| *time)
    }

    /// Moves to `to` and lets everything happen that is due on the way. Does nothing if `to` is past.
    pub fn advance(&mut self, to: Time) {
        while self.next_timer().is_some_and(|due| due <= to) {
            let Some((due, timer)) = self.timers.pop_first() else {
                break;
            };
            self.now = self.now.max(due);
            self.fire(timer);
            self.deliver();
        }
        self.now = self.now.max(to);
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Renew(unit) => self.renew(&unit),
            Timer::Sweep(application) => self.sweep(&application),
            Timer::Notice(application) => self.elect(&application),
            Timer::Retry(unit) => {
                if let Some(agent) = self.agents.get_mut(&unit) {
                    agent.memory.retry.at = None;
                    agent.memory.retry.due = true;
                }
                self.wake(&unit);
            }
            Timer::Secrets => {
                self.secrets_due = None;
                let now = self.world.seconds(self.now);
                self.world.secrets_fall_due(now);
            }
            Timer::Tick(unit) => {
                if let Some(agent) = self.agents.get_mut(&unit) {
                    agent.memory.tick_at = None;
                    agent.memory.ticks.seen += 1;
                }
                self.wake(&unit);
                self.start_ticking(&unit);
            }
        }
    }

    /// Sets the `update-status` timer: the interval, give or take a fifth.
    pub(super) fn start_ticking(&mut self, unit: &UnitName) {
        let interval = self.config.update_status_interval;
        if interval.is_zero() {
            return;
        }
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        if matches!(agent.link, Link::Stopped | Link::Lost | Link::Never)
            || agent.memory.tick_at.is_some()
        {
            return;
        }
        let at = self.now + interval.mul_f64(self.random.symmetric().mul_add(0.2, 1.0));
        agent.memory.tick_at = Some(at);
        self.timers.insert((at, Timer::Tick(unit.clone())));
    }

    /// Stops every timer of a unit's agent.
    pub(super) fn stop_timers(&mut self, unit: &UnitName) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        let memory = &mut agent.memory;
        for (at, timer) in [
            (memory.tracker.renew_at.take(), Timer::Renew(unit.clone())),
            (memory.retry.at.take(), Timer::Retry(unit.clone())),
            (memory.tick_at.take(), Timer::Tick(unit.clone())),
        ] {
            if let Some(at) = at {
                self.timers.remove(&(at, timer));
            }
        }
    }

    /// Stops the timer that tries a failed hook again, and lets the next one begin with the shortest wait.
    pub(super) fn reset_retry(&mut self, unit: &UnitName) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        let retry = std::mem::take(&mut agent.memory.retry);
        if let Some(at) = retry.at {
            self.timers.remove(&(at, Timer::Retry(unit.clone())));
        }
    }
}
