//! The layer's automatic flags.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ensign::prelude::{Context, Level, Result, Value};
use ensign::{Error, ErrorKind, HandlerView, Provider, Seen, Updates, valid_flag};
use serde::{Deserialize, Serialize};

use super::PREFIX;
use super::backend::{BAG, Backend, Contents, View, choose};
use super::generation::Generation;
use super::memory::Memory;
use super::promise::Promise;

/// The flag that says that this unit leads.
const IS_LEADER: &str = "leadership.is_leader";

/// The flag that says that a value changed, and the beginning of those that say which.
pub(super) const CHANGED: &str = "leadership.changed";

/// The provider behind `leadership.*` and behind `when_changed(leader = …)`.
#[derive(Debug, Default)]
pub struct LeadershipFlags {
    pub(super) promise: Promise,
    pub(super) backend: Option<Box<dyn Backend>>,
    /// As of the last commit, with what this context changes about it; `None` before the first look.
    pub(super) memory: Option<Memory>,
    /// What was read in this context.
    pub(super) view: Option<View>,
    /// What this context wrote, on top of that; `None` for removed keys.
    pub(super) own: BTreeMap<String, Option<Value>>,
    pub(super) wrote: Option<Wrote>,
}

/// What the commit record keeps until it is settled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    /// When the last positive `is-leader` was asked for, in seconds since the machine was started.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answered: Option<f64>,
    /// The write to the store, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) wrote: Option<Wrote>,
}

/// A write to a store of leader data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wrote {
    /// The store's name.
    pub(super) store: String,
    /// The generation that was read before this context wrote anything: found again, it proves the loss.
    pub(super) base: Option<String>,
    /// The generation that was written.
    pub(super) generation: String,
}

impl Provider for LeadershipFlags {
    fn refresh(&mut self, ctx: &mut Context) -> Result<Updates> {
        if self.memory.is_none() {
            self.memory = Some(Memory::load(ctx)?);
            self.promise
                .resume(recorded(ctx)?.answered.map(Duration::from_secs_f64));
        }
        self.look(ctx)?;
        let buffered = self.backend.as_ref().is_some_and(|b| b.is_buffered());
        if buffered && matches!(self.view, Some(View::Open(_))) {
            self.memory().reached = true;
        }
        self.publish_staged(ctx)?;
        self.flags(ctx)
    }

    fn revalidate(&mut self, ctx: &mut Context, handler: &HandlerView<'_>) -> Result<Updates> {
        if !handler.requires(IS_LEADER) || !self.promise.is_stale(ctx) {
            return Ok(Updates::default());
        }
        self.promise.ask(ctx)?;
        self.flags(ctx)
    }

    fn finished(&mut self, ctx: &mut Context, handler: &HandlerView<'_>) {
        if handler.requires(IS_LEADER) && self.promise.is_exceeded(ctx) {
            let message = format!(
                "`{}` acted as the leader for more than the 30 seconds that Juju promises; \
                 `ctx.ensure_leader()` asks again",
                handler.id
            );
            ctx.log(Level::Warning, message);
        }
    }

    fn forget(&mut self, _ctx: &mut Context) {
        self.view = None;
    }

    fn changed_value(&mut self, ctx: &mut Context, key: &str) -> Result<Seen> {
        let Some(current) = self.current() else {
            return Ok(Seen::NotYet);
        };
        Ok(match (current.get(key), &self.view) {
            (Some(value), _) => Seen::Value(ctx.digest(value.as_bytes())),
            (None, Some(View::Open(_))) => Seen::Absent,
            (None, _) => Seen::NotYet,
        })
    }

    fn commit(&mut self, ctx: &mut Context) -> Result<Option<serde_json::Value>> {
        let buffered = self.backend.as_ref().is_some_and(|b| b.is_buffered());
        if self.wrote.is_some() && buffered {
            if self.promise.is_stale(ctx) {
                self.promise.ask(ctx)?;
            }
            if !self.promise.holds() {
                return Err(self.not_leader("leader data cannot be committed"));
            }
        }
        if ctx.consumes()
            && let Some(current) = self.current()
        {
            self.memory().values = current
                .iter()
                .map(|(key, value)| (key.clone(), ctx.digest(value.as_bytes())))
                .collect();
        }
        if let Some(memory) = &self.memory {
            memory.save(ctx)?;
        }
        let mut record = recorded(ctx)?;
        record.answered = self
            .promise
            .asked()
            .map(|a| a.as_secs_f64())
            .or(record.answered);
        if let Some(wrote) = &self.wrote {
            record.wrote = Some(wrote.clone());
        }
        Ok((record != Record::default())
            .then(|| serde_json::to_value(record))
            .transpose()?)
    }

    fn lost(&mut self, ctx: &mut Context, wrote: &serde_json::Value) -> Result<bool> {
        let Some(wrote) = read_record(wrote)?.wrote else {
            return Ok(false);
        };
        self.look(ctx)?;
        let same_store = self
            .backend
            .as_ref()
            .is_some_and(|b| b.name() == wrote.store);
        let Some(View::Open(contents)) = &self.view else {
            return Ok(false);
        };
        Ok(same_store && contents.generation.as_ref().map(ToString::to_string) == wrote.base)
    }

    fn dropped(&mut self, ctx: &mut Context, wrote: &serde_json::Value) -> Result {
        if read_record(wrote)?.wrote.is_none_or(|w| w.store != BAG) {
            return Ok(());
        }
        if !self.promise.is_known() {
            self.promise.ask(ctx)?;
        }
        if !self.promise.holds() {
            ctx.log(
                Level::Warning,
                "the leader data of the last hook was not kept: this unit no longer leads",
            );
        }
        Ok(())
    }
}

impl LeadershipFlags {
    /// Asks who leads, then reads the store: in this order, so that what was read is not older than the answer.
    pub(super) fn look(&mut self, ctx: &mut Context) -> Result {
        if !self.promise.is_known() {
            self.promise.ask(ctx)?;
        }
        if matches!(self.view, Some(View::Open(_))) {
            return Ok(());
        }
        let backend = match &mut self.backend {
            Some(backend) => backend,
            none => none.insert(choose(ctx)?),
        };
        let fresh;
        let memory = match &self.memory {
            Some(memory) => memory,
            None => {
                fresh = Memory::load(ctx)?;
                &fresh
            }
        };
        self.view = Some(backend.read(ctx, memory)?);
        Ok(())
    }

    pub(super) fn memory(&mut self) -> &mut Memory {
        self.memory.get_or_insert_default()
    }

    /// The values as this context sees them; `None` while the store is hidden.
    pub(super) fn current(&self) -> Option<BTreeMap<String, Value>> {
        let mut current: BTreeMap<String, Value> = match self.view.as_ref()? {
            View::Hidden => return None,
            View::NotYet => BTreeMap::new(),
            View::Open(contents) => as_values(&contents.values),
        };
        if let Some(memory) = &self.memory {
            current.extend(as_values(&memory.staged));
        }
        for (key, value) in &self.own {
            match value {
                Some(value) => current.insert(key.clone(), value.clone()),
                None => current.remove(key),
            };
        }
        Some(current)
    }

    /// All values, for the charm.
    pub(super) fn settings(&mut self, ctx: &mut Context) -> Result<BTreeMap<String, Value>> {
        match self.current() {
            Some(current) => Ok(current),
            None => {
                ctx.log(
                    Level::Info,
                    "leader data cannot be read here: the unit is leaving its peer relation",
                );
                Ok(BTreeMap::new())
            }
        }
    }

    /// The flags as they should be, and those that should not.
    pub(super) fn flags(&mut self, ctx: &mut Context) -> Result<Updates> {
        let mut updates = Updates::default();
        updates.flag(IS_LEADER, self.promise.holds());
        let Some(current) = self.current() else {
            return Ok(updates);
        };
        let remembered = &self.memory().values;
        let keys: BTreeSet<&String> = current.keys().chain(remembered.keys()).collect();
        let mut wanted = BTreeSet::new();
        let mut strange = Vec::new();
        for key in keys {
            if !valid_flag(key) || key.contains('{') {
                strange.push(key.clone());
                continue;
            }
            let digest = current.get(key).map(|v| ctx.digest(v.as_bytes()));
            if digest.is_some() {
                wanted.insert(format!("leadership.set.{key}"));
            }
            if digest.as_ref() != remembered.get(key) {
                wanted.insert(format!("{CHANGED}.{key}"));
                wanted.insert(CHANGED.to_owned());
            }
        }
        for flag in ctx.flags_below(PREFIX) {
            // Until a hook consumes them they stay (B58): an action or a `juju exec` only looks.
            let stays = !ctx.consumes() && flag.starts_with(CHANGED);
            if flag != IS_LEADER && !stays && !wanted.contains(&flag) {
                updates.flag(flag, false);
            }
        }
        for flag in wanted {
            updates.flag(flag, true);
        }
        self.warn_of_keys(ctx, strange);
        Ok(updates)
    }

    fn warn_of_keys(&mut self, ctx: &mut Context, keys: Vec<String>) {
        for key in keys {
            if self.memory().warned.insert(format!("key {key}")) {
                let message = format!(
                    "the leader setting `{}` has no flags: flags are letters, digits, `.`, `_` and `-`",
                    key.escape_debug()
                );
                ctx.log(Level::Warning, message);
            }
        }
    }

    /// `is_leader` of the context.
    pub(super) fn is_leader(&mut self, ctx: &mut Context) -> Result<(bool, Updates)> {
        if self.promise.is_stale(ctx) {
            self.promise.ask(ctx)?;
        }
        Ok((self.promise.holds(), self.flags(ctx)?))
    }

    /// `ensure_leader` of the context.
    pub(super) fn ensure_leader(&mut self, ctx: &mut Context) -> Result<(Result, Updates)> {
        if self.promise.holds() {
            self.promise.ask(ctx)?;
        }
        let answer = if self.promise.holds() {
            Ok(())
        } else {
            Err(self.not_leader("this needs the leader"))
        };
        Ok((answer, self.flags(ctx)?))
    }

    pub(super) fn not_leader(&self, what: &str) -> Error {
        let why = if self.promise.is_broken() {
            "more than 30 seconds passed between two answers, so another unit may have led in between"
        } else {
            "this unit is not the leader"
        };
        Error::new(ErrorKind::NotLeader, format!("{what}: {why}"))
    }
}

/// What an earlier process of this context recorded.
pub(super) fn recorded(ctx: &Context) -> Result<Record> {
    match ctx.recorded(PREFIX) {
        None => Ok(Record::default()),
        Some(record) => read_record(record),
    }
}

fn read_record(record: &serde_json::Value) -> Result<Record> {
    serde_json::from_value(record.clone()).map_err(|e| {
        Error::new(
            ErrorKind::Store,
            format!("the leadership layer's commit record cannot be read: {e}"),
        )
    })
}

fn as_values(texts: &BTreeMap<String, String>) -> BTreeMap<String, Value> {
    texts
        .iter()
        .map(|(key, text)| (key.clone(), Value::from(text.clone())))
        .collect()
}

/// The generation of a view's contents.
pub(super) fn generation(view: Option<&View>) -> Option<&Generation> {
    match view {
        Some(View::Open(Contents { generation, .. })) => generation.as_ref(),
        _ => None,
    }
}
