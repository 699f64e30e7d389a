//! `endpoint.NAME.joined`, `.changed`, `.changed.FIELD`, `.departed`, and the flags of requests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::bags::Bags;
use super::base::Base;
use super::memory::Memory;
use crate::context::{Context, Provider, Seen, Slot, SlotState, Updates};
use crate::error::Result;
use crate::flags::valid;
use crate::metadata::{Metadata, Role};

/// What the flags of an endpoint begin with, and what is remembered of it.
pub(super) fn prefix(endpoint: &str) -> String {
    format!("endpoint.{endpoint}.")
}

/// A provider for each endpoint, so that one that nothing names costs nothing.
pub(crate) fn slots(metadata: &Metadata) -> impl Iterator<Item = Slot> {
    metadata.endpoints.iter().map(|(name, declared)| Slot {
        prefix: prefix(name).into(),
        source: Some(("endpoint", format!("{name}.").into())),
        derived: false,
        state: SlotState::Asleep,
        provider: Some(Box::new(EndpointFlags::new(name, declared.role))),
    })
}

/// A relation and the units that have joined, as Juju lists them.
#[derive(Debug)]
pub(super) struct Joined {
    pub(super) id: String,
    pub(super) units: Vec<String>,
}

/// The provider of one endpoint.
#[derive(Debug)]
pub(super) struct EndpointFlags {
    pub(super) name: String,
    pub(super) role: Role,
    /// As of the last commit, with what this hook finds; `None` if nobody ever looked.
    pub(super) memory: Option<Memory>,
    /// In order of their numbers; `None` before the first look of this hook.
    pub(super) relations: Option<Vec<Joined>>,
    /// Whether a unit was found to have left in this hook.
    pub(super) left: bool,
    /// Relations that were found to be gone in this hook.
    pub(super) broken: Vec<String>,
    pub(super) bags: Bags,
}

impl Provider for EndpointFlags {
    fn refresh(&mut self, ctx: &mut Context) -> Result<Updates> {
        let mut updates = Updates::default();
        // What Juju lists, and what others have published, stays the same for the length of a hook.
        if self.relations.is_none() {
            self.memory = Memory::load(ctx, &prefix(&self.name))?;
            self.look(ctx)?;
            if ctx.consumes() {
                let changed = self.compare(ctx)?;
                self.changed(changed, &mut updates);
                self.heed_secret_hook(ctx)?;
                self.ask_again(ctx);
            }
        }
        self.presence(ctx, &mut updates);
        Ok(updates)
    }

    fn forget(&mut self, _ctx: &mut Context) {
        self.bags.forget();
    }

    fn changed_value(&mut self, ctx: &mut Context, field: &str) -> Result<Seen> {
        let held = self.memory.as_ref().and_then(|m| m.field(field));
        Ok(held.map_or(Seen::Absent, |all| Seen::Value(ctx.digest(all))))
    }

    fn commit(&mut self, ctx: &mut Context) -> Result<Option<Value>> {
        let prefix = prefix(&self.name);
        let earlier = Base::recorded(ctx, &prefix)?;
        let base = self.publish(ctx, earlier)?;
        self.remove_broken(ctx)?;
        if let Some(memory) = &self.memory {
            let memory = serde_json::to_value(memory)?;
            ctx.remember(&prefix, memory);
        }
        base.into_record()
    }

    fn lost(&mut self, ctx: &mut Context, wrote: &Value) -> Result<bool> {
        Base::of_record(wrote)?.is_lost(ctx, self.role)
    }
}

impl EndpointFlags {
    pub(super) fn new(name: &str, role: Role) -> Self {
        Self {
            name: name.to_owned(),
            role,
            memory: None,
            relations: None,
            left: false,
            broken: Vec::new(),
            bags: Bags::default(),
        }
    }

    /// Flags of what has changed. They stay until the charm clears them (D15).
    fn changed(&self, fields: Option<BTreeSet<String>>, updates: &mut Updates) {
        let Some(fields) = fields else {
            return;
        };
        let changed = format!("{}changed", prefix(&self.name));
        for field in fields {
            if valid(&field) && !super::asked::is_key(&field) {
                updates.flag(format!("{changed}.{field}"), true);
            }
        }
        updates.flag(changed, true);
    }

    /// Flags of who is there. They come from the relations, not from memory (D32).
    pub(super) fn presence(&self, ctx: &Context, updates: &mut Updates) {
        let prefix = prefix(&self.name);
        let relations = self.relations.as_deref().unwrap_or_default();
        let joined = relations.iter().any(|r| !r.units.is_empty());
        updates.flag(format!("{prefix}joined"), joined);
        if self.left {
            updates.flag(format!("{prefix}departed"), true);
        } else if joined && ctx.consumes() {
            updates.flag(format!("{prefix}departed"), false);
        }
        let changed = format!("{prefix}changed");
        if relations.is_empty() {
            // There is nothing behind them any more.
            for flag in ctx.flags_below(&changed) {
                updates.flag(flag, false);
            }
        }
        self.request_flags(updates);
    }
}

/// A data bag's texts by key.
pub(super) type Texts = BTreeMap<String, String>;
