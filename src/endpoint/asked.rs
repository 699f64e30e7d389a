//! Who has asked for something, and who has answered: the flags of requests.

use super::memory::{key, parts};
use super::provider::{EndpointFlags, prefix};
use crate::context::{Bag, Updates};

/// What the key of a request begins with.
pub(super) const REQUEST: &str = "request_";
/// What the key of a response begins with.
pub(super) const RESPONSE: &str = "response_";

/// Whether a field is a request or a response. There are ever new ones, so they have no flags of their own.
pub(super) fn is_key(field: &str) -> bool {
    field.starts_with(REQUEST) || field.starts_with(RESPONSE)
}

impl EndpointFlags {
    /// `has_requests`, `new_requests`, `has_responses`, `all_responses` (B88), from what is remembered and written.
    pub(super) fn request_flags(&self, updates: &mut Updates) {
        let Some(memory) = &self.memory else {
            return;
        };
        let written = |field: &str, relation: &str| {
            let writes = self.bags.writes.get(&(relation.to_owned(), Bag::Unit));
            writes.and_then(|w| w.get(field)).map(Option::is_some)
        };
        // Published or about to be.
        let own = |field: &str, relation: &str| {
            written(field, relation).unwrap_or_else(|| memory.asked.contains(&key(relation, field)))
        };
        let (mut requests, mut new) = (false, false);
        for (member, fields) in &memory.bags {
            let (relation, unit) = parts(member);
            let ids = fields.keys().filter_map(|f| f.strip_prefix(REQUEST));
            for id in ids.filter(|_| !unit.is_empty()) {
                requests = true;
                new |= !own(&format!("{RESPONSE}{id}"), relation);
            }
        }
        let answered = |relation: &str, id: &str| {
            let field = format!("{RESPONSE}{id}");
            memory.units(relation).iter().any(|unit| {
                let bag = memory.bags.get(&key(relation, unit));
                bag.is_some_and(|fields| fields.contains_key(&field))
            })
        };
        let relations = self.relations.as_deref().unwrap_or_default();
        let (mut some, mut all, mut any) = (false, true, false);
        let written = self
            .bags
            .writes
            .iter()
            .flat_map(|((relation, _), changes)| {
                changes
                    .keys()
                    .map(move |field| (relation.as_str(), field.as_str()))
            });
        for (relation, field) in memory.asked.iter().map(|k| parts(k)).chain(written) {
            // One that its last unit is leaving is none any more (B74).
            if let Some(id) = field.strip_prefix(REQUEST)
                && relations.iter().any(|r| r.id == relation)
                && own(field, relation)
            {
                any = true;
                let is = answered(relation, id);
                some |= is;
                all &= is;
            }
        }
        let prefix = prefix(&self.name);
        updates.flag(format!("{prefix}has_requests"), requests);
        updates.flag(format!("{prefix}new_requests"), new);
        updates.flag(format!("{prefix}has_responses"), some);
        // Of no requests, none is answered (D18).
        updates.flag(format!("{prefix}all_responses"), any && all);
    }
}
