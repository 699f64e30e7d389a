//! Who is there, and what has changed about it.
//!
//! Each hook lists the endpoint's relations and their units: one `relation-ids`, and one `relation-list` a relation.
//! A data bag is read where it may have changed: that of a unit in the hook that announces it, since Juju keeps what
//! it told of a unit until then; those of units and relations that were not known; and all of them once after an
//! upgrade of the charm, and after a hook that found a change and is not known to have committed.

use std::collections::BTreeSet;

use super::memory::{Fields, Memory, key};
use super::provider::{EndpointFlags, Joined, prefix};
use crate::context::Context;
use crate::error::Result;
use crate::hook::{HookKind, HookRelation, UnitName};
use crate::tools;

impl EndpointFlags {
    /// The relation that the running hook is about, if it is one of this endpoint's.
    pub(super) fn hook_relation<'c>(&self, ctx: &'c Context) -> Option<&'c HookRelation> {
        if ctx.hook().is_action() || ctx.hook().is_exec() {
            return None;
        }
        ctx.hook().relation().filter(|r| r.endpoint == self.name)
    }

    /// Lists relations and units. Who leaves is not there any more, whether Juju still lists it or not (B73).
    pub(super) fn look(&mut self, ctx: &mut Context) -> Result {
        let mut ids = tools::relation_ids(ctx.tools(), &self.name)?;
        ids.sort_by(|a, b| number(a).cmp(&number(b)));
        let hook = self.hook_relation(ctx).cloned();
        let departing = hook.filter(|_| ctx.hook().kind() == HookKind::RelationDeparted);
        let mut relations = Vec::new();
        for id in ids {
            let mut units = tools::relation_list(ctx.tools(), &id)?;
            units.sort_by_cached_key(|unit| UnitName::parse(unit));
            if let Some(hook) = departing.as_ref().filter(|h| h.id == id) {
                units.retain(|unit| Some(unit) != hook.remote_unit.as_ref());
                // With its last unit a relation drops out (B74).
                if units.is_empty() {
                    continue;
                }
            }
            relations.push(Joined { id, units });
        }
        self.relations = Some(relations);
        Ok(())
    }

    /// Compares what is there with the memory, and brings that up to date. `None` if no data has changed.
    pub(super) fn compare(&mut self, ctx: &mut Context) -> Result<Option<BTreeSet<String>>> {
        let prefix = prefix(&self.name);
        let all = self.memory.is_none() || ctx.is_upgraded() || ctx.is_in_doubt(&prefix);
        let mut memory = self.memory.take().unwrap_or_default();
        self.bury(ctx, &mut memory);
        let announced = self.announced(ctx);
        let mut fields = BTreeSet::new();
        let mut changed = false;
        let listed = self.relations.take().unwrap_or_default();
        for relation in &listed {
            // The application's data stands before that of its units.
            let members = std::iter::once("").chain(relation.units.iter().map(String::as_str));
            for member in members {
                let key = key(&relation.id, member);
                let known = memory.bags.get(&key);
                if known.is_some() && !all && announced.as_ref() != Some(&key) {
                    continue;
                }
                let bag = self.received(ctx, &relation.id, member)?;
                let now: Fields = bag
                    .iter()
                    .map(|(field, text)| (field.clone(), ctx.digest(text)))
                    .collect();
                let before = known.cloned().unwrap_or_default();
                if now == before && known.is_some() {
                    continue;
                }
                changed |= now != before;
                // What is gone has changed, too (D14).
                let both = before.keys().chain(now.keys());
                fields.extend(both.filter(|f| before.get(*f) != now.get(*f)).cloned());
                memory.bags.insert(key, now);
            }
        }
        self.relations = Some(listed);
        self.memory = Some(memory);
        if changed {
            ctx.put_in_doubt(&prefix)?;
        }
        if changed || ctx.is_in_doubt(&prefix) {
            ctx.succeeded_with_sources(&prefix);
        }
        Ok(changed.then_some(fields))
    }

    /// Takes those who have left out of the memory, with all that was known of their data (D17).
    fn bury(&mut self, ctx: &Context, memory: &mut Memory) {
        let hook = self.hook_relation(ctx);
        let relations = self.relations.as_deref().unwrap_or_default();
        for id in memory.relations() {
            let listed = relations.iter().find(|r| r.id == id);
            for unit in memory.units(&id) {
                if listed.is_some_and(|r| r.units.contains(&unit)) {
                    continue;
                }
                let key = key(&id, &unit);
                memory.bags.remove(&key);
                memory.departed.insert(key);
                self.left = true;
            }
            // One that drops out with its last unit is not broken yet.
            let departs =
                hook.is_some_and(|h| h.id == id) && ctx.hook().kind() == HookKind::RelationDeparted;
            if listed.is_none() && !departs {
                memory.bags.remove(&id);
                memory.asked.retain(|key| super::memory::parts(key).0 != id);
                self.broken.push(id);
            }
        }
        if let Some(hook) = hook
            && let Some(unit) = &hook.remote_unit
            && ctx.hook().kind() == HookKind::RelationDeparted
        {
            // Also one that nobody had looked at before.
            memory.departed.insert(key(&hook.id, unit));
            self.left = true;
        }
        // Who is back has not left.
        for relation in relations {
            for unit in &relation.units {
                memory.departed.remove(&key(&relation.id, unit));
            }
        }
    }

    /// Whose data the running hook announces a change of.
    fn announced(&self, ctx: &Context) -> Option<String> {
        let hook = self.hook_relation(ctx)?;
        Some(key(&hook.id, hook.remote_unit.as_deref().unwrap_or("")))
    }
}

/// A relation's number: `db:10` comes after `db:9`.
pub(super) fn number(id: &str) -> (u64, &str) {
    let digits = id.rsplit(':').next().unwrap_or_default();
    (digits.parse().unwrap_or(u64::MAX), id)
}
