//! Claims, renewals, elections: agents' trackers and the controller's leases together.

use std::time::Duration;

use super::timers::Timer;
use super::{LEADERSHIP_LOGGER, Model};
use crate::agent::Link;
use crate::world::{PROMISE, application_tag};
use crate::{Level, UnitName};

impl Model {
    /// A unit's tracker claims leadership, or renews its claim. Notes the answer.
    pub(super) fn claim(&mut self, unit: &UnitName) -> bool {
        let application = unit.application();
        let before = self.world.leases.get(application).cloned();
        let granted = self.world.leases.claim(unit, self.now);
        if granted {
            if let Some(before) = before {
                self.timers
                    .remove(&(before.swept_at(), Timer::Sweep(application.to_owned())));
                self.timers
                    .remove(&(before.noticed_at(), Timer::Notice(application.to_owned())));
            }
            if let Some(lease) = self.world.leases.get(application) {
                self.timers
                    .insert((lease.swept_at(), Timer::Sweep(application.to_owned())));
                self.timers
                    .insert((lease.noticed_at(), Timer::Notice(application.to_owned())));
            }
        }
        self.note_leadership(unit, granted);
        granted
    }

    /// A unit's tracker learns whether its unit leads.
    pub(super) fn note_leadership(&mut self, unit: &UnitName, leads: bool) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        let tracker = &mut agent.memory.tracker;
        if let Some(at) = tracker.renew_at.take() {
            self.timers.remove(&(at, Timer::Renew(unit.clone())));
        }
        if leads {
            let at = self.now + PROMISE;
            tracker.renew_at = Some(at);
            self.timers.insert((at, Timer::Renew(unit.clone())));
        }
        if leads != tracker.leader {
            tracker.leader = leads;
            let owner = application_tag(unit.application());
            if leads {
                self.watch_obsolete(unit, &owner);
            } else {
                let secrets = &self.world.secrets;
                let shared = |id: &String| secrets.owned_by(&owner).any(|other| other == id);
                agent.memory.obsolete.retain(|id, _| !shared(id));
            }
            let word = if leads { "promoted to" } else { "lost" };
            let message = format!("{unit} {word} leadership of {}", unit.application());
            self.log.write(
                self.now,
                Some(unit),
                Level::Info,
                LEADERSHIP_LOGGER,
                message,
            );
            self.wake(unit);
        }
    }

    /// A leader's tracker wants its claim renewed; one that is cut off dies of it.
    pub(super) fn renew(&mut self, unit: &UnitName) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        agent.memory.tracker.renew_at = None;
        if agent.link == Link::Up {
            self.claim(unit);
        } else {
            self.note_leadership(unit, false);
        }
    }

    /// The controller's sweep deletes an expired lease.
    pub(super) fn sweep(&mut self, application: &str) {
        let expired = self
            .world
            .leases
            .get(application)
            .is_some_and(|lease| lease.expires <= self.now);
        if expired {
            self.world.leases.revoke(application);
        }
    }

    /// Everyone who waits for an application's lease claims it; chance decides who is first.
    pub(super) fn elect(&mut self, application: &str) {
        if self.world.leases.get(application).is_some() {
            return;
        }
        let Some(document) = self.world.applications.get(application) else {
            return;
        };
        let waits = |unit: &&UnitName| {
            self.agents
                .get(*unit)
                .is_some_and(|agent| agent.is_up() && !agent.memory.tracker.leader)
        };
        let mut waiting: Vec<UnitName> = document.units.iter().filter(waits).cloned().collect();
        self.random.shuffle(&mut waiting);
        for unit in waiting {
            self.claim(&unit);
        }
    }

    /// Ends an application's lease. Those who wait for it are told after `delay`.
    pub(super) fn revoke(&mut self, application: &str, delay: Duration) {
        let Some(lease) = self.world.leases.get(application).cloned() else {
            return;
        };
        self.timers
            .remove(&(lease.swept_at(), Timer::Sweep(application.to_owned())));
        self.timers
            .remove(&(lease.noticed_at(), Timer::Notice(application.to_owned())));
        self.world.leases.revoke(application);
        if delay.is_zero() {
            self.elect(application);
        } else {
            self.timers
                .insert((self.now + delay, Timer::Notice(application.to_owned())));
        }
    }
}
