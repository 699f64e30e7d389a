//! What is due by the clock: rotation and expiry.

use super::Secrets;
use super::secret::RETRY;
use crate::UnitName;
use crate::world::World;

impl Secrets {
    /// The next moment at which an owner is to be told something, in seconds since 1970.
    pub(crate) fn next_due(&self) -> Option<i64> {
        self.all
            .values()
            .flat_map(|secret| {
                let rotation = secret.next_rotate.filter(|_| !secret.rotate_due);
                let expiries = secret.revisions.values();
                let expiries = expiries.filter_map(|each| each.expires.filter(|_| !each.expired));
                rotation.into_iter().chain(expiries)
            })
            .min()
    }

    /// Marks what is due; returns the tags of the owners.
    fn fall_due(&mut self, now: i64) -> Vec<String> {
        let past = |moment: &Option<i64>| moment.is_some_and(|moment| moment <= now);
        let mut owners = Vec::new();
        for secret in self.all.values_mut() {
            let mut news = past(&secret.next_rotate) && !secret.rotate_due;
            secret.rotate_due |= news;
            for revision in secret.revisions.values_mut() {
                let expired = past(&revision.expires) && !revision.expired;
                revision.expired |= expired;
                news |= expired;
            }
            if news {
                owners.push(secret.owner.tag());
            }
        }
        owners
    }
}

impl World {
    /// Moves secrets' clock on: owners are told what has become due.
    pub(crate) fn secrets_fall_due(&mut self, now: i64) {
        for tag in self.secrets.fall_due(now) {
            match tag.strip_prefix("application-") {
                Some(name) => self.notify_application(name),
                None => {
                    let owner = self.units.keys().find(|unit| unit.tag() == tag).cloned();
                    self.notified.extend(owner);
                }
            }
        }
        self.secrets.rescheduled = true;
    }

    /// A `secret-rotate` hook is done, which had found revision `before` to be the latest. Without a new one since, it
    /// is due again in five minutes, and so it is if the secret would expire before the next rotation.
    pub(crate) fn secret_rotated(&mut self, id: &str, unit: &UnitName, before: u32, now: i64) {
        if self.check_manages(id, unit).is_err() {
            return;
        }
        let Some(secret) = self.secrets.get_mut(id) else {
            return;
        };
        secret.rotate_due = false;
        let last = secret.next_rotate.unwrap_or(now);
        let Some(next) = secret.rotate.after(last) else {
            return;
        };
        let soon = last + RETRY;
        let expires_first = secret
            .expires
            .is_some_and(|expires| expires < next && soon < expires);
        let unchanged = secret.latest == before;
        secret.next_rotate = Some(if expires_first || unchanged {
            soon
        } else {
            next
        });
        self.secrets.rescheduled = true;
    }

    /// A `secret-expired` hook is done: if the revision is still there, it is told again in five minutes.
    pub(crate) fn secret_expired(&mut self, id: &str, revision: u32, now: i64) {
        let secret = self.secrets.get_mut(id);
        if let Some(revision) = secret.and_then(|secret| secret.revisions.get_mut(&revision)) {
            revision.expired = false;
            revision.expires = Some(now + RETRY);
            self.secrets.rescheduled = true;
        }
    }
}
