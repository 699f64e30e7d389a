//! Secrets, from the agents' side: what they watch, and what their hooks settle.

use super::Model;
use super::timers::Timer;
use crate::world::application_tag;
use crate::{SecretEvent, SecretHook, Time, UnitName};

impl Model {
    /// Hands the owners what has become obsolete, and sets the clock for what is due next.
    pub(super) fn tell_of_secrets(&mut self) {
        for (id, number) in std::mem::take(&mut self.world.secrets.obsoleted) {
            let Some(owner) = self.world.secrets.get(&id).map(|secret| &secret.owner) else {
                continue;
            };
            let watches = |(unit, agent): &(&UnitName, &mut crate::agent::Agent)| {
                let manages = agent.memory.tracker.leader || !owner.is_application();
                agent.is_up() && manages && owner.is_of(unit)
            };
            if let Some((unit, agent)) = self.agents.iter_mut().find(watches) {
                agent.memory.obsolete.entry(id).or_default().insert(number);
                self.world.notified.push(unit.clone());
            }
        }
        if !std::mem::take(&mut self.world.secrets.rescheduled) {
            return;
        }
        if let Some(at) = self.secrets_due.take() {
            self.timers.remove(&(at, Timer::Secrets));
        }
        if let Some(due) = self.world.secrets.next_due() {
            let since = u64::try_from(due).unwrap_or(0);
            let since = since.saturating_sub(self.world.epoch);
            let at = Time::from_secs(since).max(self.now);
            self.secrets_due = Some(at);
            self.timers.insert((at, Timer::Secrets));
        }
    }

    /// An agent's process begins: what it has read counts as told, also what it has missed (`NewSecrets` in
    /// `worker/uniter/secrets/secrets.go` asks for the latest revisions of the secrets it has been told of before).
    pub(super) fn watch_secrets(&mut self, unit: &UnitName) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        let leads = self.world.leases.is_held_by(unit);
        let world = &self.world;
        agent.local.secrets.retain(|id, known| {
            let Some(secret) = world.secrets.get(id) else {
                return false;
            };
            let readable = world.may_read(secret, unit);
            match secret.consumers.get(unit).filter(|_| readable) {
                Some(consumer) if known.changed > 0 => {
                    known.changed = consumer.told.max(known.changed)
                }
                _ => known.changed = 0,
            }
            if !secret.owner.is_of(unit) || (secret.owner.is_application() && !leads) {
                known.removed.clear();
            }
            known.changed > 0 || !known.removed.is_empty()
        });
        if !self.world.profile.differences().told_of_first_read {
            // Only who tracks an older revision is told anew.
            for id in self
                .world
                .secrets
                .consumed_by(unit)
                .cloned()
                .collect::<Vec<_>>()
            {
                let latest = self.world.secrets.get(&id).map(|secret| secret.latest);
                if let Some(consumer) = self.world.secrets.consumer(&id, unit)
                    && Some(consumer.tracked) == latest
                {
                    consumer.told = 0;
                }
            }
        }
        self.watch_obsolete(unit, &unit.tag());
        if leads {
            self.watch_obsolete(unit, &application_tag(unit.application()));
        }
    }

    /// An agent begins to watch an owner's secrets.
    pub(super) fn watch_obsolete(&mut self, unit: &UnitName, owner: &str) {
        if self.world.secrets.is_empty() || !self.world.profile.differences().obsolete_told_at_start
        {
            return;
        }
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        let secrets = &self.world.secrets;
        let owned = secrets.owned_by(owner);
        for (id, secret) in owned.filter_map(|id| Some((id, secrets.get(id)?))) {
            let obsolete = secret.revisions.iter().filter(|(_, each)| each.obsolete);
            for (number, _) in obsolete {
                let told = agent.memory.obsolete.entry(id.clone()).or_default();
                told.insert(*number);
            }
        }
    }

    /// A hook about a secret is done; `before` was the latest revision when it began.
    pub(super) fn commit_secret_hook(&mut self, unit: &UnitName, hook: &SecretHook, before: u64) {
        let now = self.world.seconds(self.now);
        match hook.event {
            SecretEvent::Rotate => {
                let before = u32::try_from(before).unwrap_or(0);
                self.world.secret_rotated(&hook.id, unit, before, now);
            }
            SecretEvent::Expired => self.world.secret_expired(&hook.id, hook.revision, now),
            SecretEvent::Changed | SecretEvent::Remove => {}
        }
    }
}
