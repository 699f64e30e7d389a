//! Leadership leases: one an application, at most one holder.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Time, UnitName};

/// How long `is-leader` = `True` holds at least.
pub(crate) const PROMISE: Duration = Duration::from_secs(30);

/// How long a lease is asked for: twice the promise.
pub(crate) const LEASE: Duration = Duration::from_secs(60);

/// How long after an expiry those who wait for it are told.
const NOTICE: Duration = Duration::from_secs(1);

/// All leases.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Leases {
    held: BTreeMap<String, Lease>,
}

/// One lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lease {
    pub(crate) holder: UnitName,
    pub(crate) expires: Time,
}

impl Lease {
    /// When the controller's sweep, which comes every second, deletes it.
    pub(crate) const fn swept_at(&self) -> Time {
        self.expires.next_whole_second()
    }

    /// When those who wait for it are told.
    pub(crate) fn noticed_at(&self) -> Time {
        self.expires + NOTICE
    }
}

impl Leases {
    pub(crate) const fn new() -> Self {
        Self {
            held: BTreeMap::new(),
        }
    }

    /// The lease of an application; it may be past its expiry and not yet swept.
    pub(crate) fn get(&self, application: &str) -> Option<&Lease> {
        self.held.get(application)
    }

    pub(crate) fn holder(&self, application: &str) -> Option<&UnitName> {
        self.get(application).map(|lease| &lease.holder)
    }

    /// Whether `unit` holds its application's lease, by the row alone: what a leadership token checks.
    pub(crate) fn is_held_by(&self, unit: &UnitName) -> bool {
        self.holder(unit.application()) == Some(unit)
    }

    /// Claims or extends; denied while another unit's lease stands, expired or not.
    pub(crate) fn claim(&mut self, unit: &UnitName, now: Time) -> bool {
        let expires = now + LEASE;
        match self.held.get_mut(unit.application()) {
            Some(lease) if lease.holder == *unit => lease.expires = expires,
            Some(_) => return false,
            None => {
                self.held.insert(
                    unit.application().to_owned(),
                    Lease {
                        holder: unit.clone(),
                        expires,
                    },
                );
            }
        }
        true
    }

    /// Ends a lease, whoever holds it. Returns whether there was one.
    pub(crate) fn revoke(&mut self, application: &str) -> bool {
        self.held.remove(application).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_denied_while_the_row_stands_even_past_its_expiry() {
        let mut leases = Leases::new();
        let (a, b) = (UnitName::new("x", 0), UnitName::new("x", 1));
        assert!(leases.claim(&a, Time::START));
        assert!(!leases.claim(&b, Time::from_secs(61)));
        assert!(leases.revoke("x"));
        assert!(leases.claim(&b, Time::from_secs(61)));
        assert!(leases.is_held_by(&b) && !leases.is_held_by(&a));
    }

    #[test]
    fn a_claim_by_the_holder_extends() {
        let mut leases = Leases::new();
        let unit = UnitName::new("x", 0);
        leases.claim(&unit, Time::START);
        leases.claim(&unit, Time::from_micros(30_000_001));
        let lease = leases.get("x").unwrap();
        assert_eq!(lease.expires, Time::from_micros(90_000_001));
        assert_eq!(lease.swept_at(), Time::from_secs(91));
        assert_eq!(lease.noticed_at(), Time::from_micros(91_000_001));
    }
}
