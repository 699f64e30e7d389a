//! The layer's automatic flags.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use ensign::prelude::{Context, Level, Result, Value};
use ensign::{Error, ErrorKind, HandlerView, Provider, Seen, Updates, valid_flag};

use super::PREFIX;
use super::bag::PeerData;
use super::contents::{BAG, Contents, SECRET};
use super::memory::{Bell, Memory};
use super::plan::Plan;
use super::promise::Promise;
use super::record::{Record, Wrote, read_record, recorded};
use super::truth::Truth;
use super::vault::Vault;

/// The flag that says that this unit leads.
const IS_LEADER: &str = "leadership.is_leader";

/// The flag that says that a value changed, and the beginning of those that say which.
pub(super) const CHANGED: &str = "leadership.changed";

/// The provider behind `leadership.*` and behind `when_changed(leader = …)`.
#[derive(Debug, Default)]
pub struct LeadershipFlags {
    pub(super) promise: Promise,
    plan: Option<Rc<Plan>>,
    /// As of the last commit, with what this context changes about it; `None` before the first look.
    pub(super) memory: Option<Memory>,
    /// The leader settings as read in this context, with what it wrote there.
    pub(super) settings: Option<Contents>,
    /// The peer relation's application data, likewise.
    pub(super) bag: Option<PeerData>,
    /// Which of the two counts.
    pub(super) truth: Option<Truth>,
    /// The application's secret.
    pub(super) vault: Vault,
    /// What this context wrote, on top of all that; `None` for removed keys.
    pub(super) own: BTreeMap<String, Option<Value>>,
    /// The writes to stores, by store.
    pub(super) wrote: BTreeMap<String, Wrote>,
    /// The keys that the charm gave another value in this context: they have changed even if they are what they were.
    pub(super) given: BTreeSet<String>,
}

impl Provider for LeadershipFlags {
    fn refresh(&mut self, ctx: &mut Context) -> Result<Updates> {
        if self.memory.is_none() {
            self.memory = Some(Memory::load(ctx)?);
            self.promise
                .resume(recorded(ctx)?.answered.map(Duration::from_secs_f64));
        }
        // In this order, so that what is read is not older than the answer.
        if !self.promise.is_known() {
            self.promise.ask(ctx)?;
        }
        self.find_truth(ctx)?;
        self.listen(ctx)?;
        if matches!(self.bag, Some(PeerData::Open(_))) {
            self.memory(ctx)?.reached = true;
        }
        self.publish_staged(ctx)?;
        self.move_secrets(ctx)?;
        self.sweep_revision(ctx)?;
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
        self.settings = None;
        self.bag = None;
        self.truth = None;
        self.vault.forget();
    }

    fn changed_value(&mut self, ctx: &mut Context, key: &str) -> Result<Seen> {
        let Some(mut current) = self.digests(ctx)? else {
            return Ok(Seen::NotYet);
        };
        let complete = matches!(self.truth, Some(Truth::Settings | Truth::Bag));
        Ok(match current.remove(key) {
            Some(digest) => Seen::Value(digest),
            None if complete && !self.vault.waiting => Seen::Absent,
            None => Seen::NotYet,
        })
    }

    fn commit(&mut self, ctx: &mut Context) -> Result<Option<serde_json::Value>> {
        self.publish_content(ctx)?;
        // The last tool called before the commit, if any is.
        if self.wrote.contains_key(BAG) || self.wrote.contains_key(SECRET) {
            self.still_leads(ctx)?;
        }
        if ctx.consumes()
            && let Some(current) = self.digests(ctx)?
        {
            self.memory(ctx)?.values = current;
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
        record.wrote.extend(self.wrote.clone());
        Ok((record != Record::default())
            .then(|| serde_json::to_value(record))
            .transpose()?)
    }

    fn lost(&mut self, ctx: &mut Context, wrote: &serde_json::Value) -> Result<bool> {
        let record = read_record(wrote)?;
        if !record.wrote.is_empty() && !self.promise.is_known() {
            self.promise.ask(ctx)?;
        }
        let mut lost = false;
        for (store, wrote) in &record.wrote {
            if let Some(now) = self.mark(ctx, store)? {
                lost |= wrote.is_lost(now.as_deref());
            }
        }
        // Which document counts is decided by this answer; what was remembered is read from that one.
        self.memory = None;
        if !matches!(self.bag, Some(PeerData::Open(_))) {
            self.bag = None;
        }
        Ok(lost)
    }

    fn dropped(&mut self, ctx: &mut Context, wrote: &serde_json::Value) -> Result {
        let wrote = read_record(wrote)?.wrote;
        self.memory = None;
        if wrote.contains_key(SECRET) {
            // Whether it was written nobody knows: the next look has to read it.
            let mut memory = Memory::load(ctx)?;
            memory.bell = Bell::Unknown;
            memory.save(ctx)?;
        }
        if !wrote.contains_key(BAG) && !wrote.contains_key(SECRET) {
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
    /// What is decided before anything is read.
    pub(super) fn plan(&mut self, ctx: &Context) -> Result<Rc<Plan>> {
        if let Some(plan) = &self.plan {
            return Ok(Rc::clone(plan));
        }
        let plan = Rc::new(Plan::of(ctx)?);
        self.plan = Some(Rc::clone(&plan));
        Ok(plan)
    }

    pub(super) fn memory(&mut self, ctx: &Context) -> Result<&mut Memory> {
        if self.memory.is_none() {
            self.memory = Some(Memory::load(ctx)?);
        }
        Ok(self.memory.get_or_insert_default())
    }

    /// The flags as they should be, and those that should not.
    pub(super) fn flags(&mut self, ctx: &mut Context) -> Result<Updates> {
        let mut updates = Updates::default();
        updates.flag(IS_LEADER, self.promise.holds());
        let Some(current) = self.digests(ctx)? else {
            return Ok(updates);
        };
        let given = self.given.clone();
        let remembered = &self.memory(ctx)?.values;
        let keys = current.keys().chain(remembered.keys()).chain(&given);
        let keys: BTreeSet<&String> = keys.collect();
        let mut wanted = BTreeSet::new();
        let mut strange = Vec::new();
        for key in keys {
            if !valid_flag(key) || key.contains('{') {
                strange.push(key.clone());
                continue;
            }
            let digest = current.get(key);
            if digest.is_some() {
                wanted.insert(format!("leadership.set.{key}"));
            }
            if digest != remembered.get(key) || given.contains(key) {
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
        self.warn_of_keys(ctx, strange)?;
        Ok(updates)
    }

    fn warn_of_keys(&mut self, ctx: &mut Context, keys: Vec<String>) -> Result {
        for key in keys {
            if self.memory(ctx)?.warned.insert(format!("key {key}")) {
                let message = format!(
                    "the leader setting `{}` has no flags: flags are letters, digits, `.`, `_` and `-`",
                    key.escape_debug()
                );
                ctx.log(Level::Warning, message);
            }
        }
        Ok(())
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

    /// Fails unless this unit has led all the while and still does, as far as can be known without asking more
    /// often than the promise needs.
    pub(super) fn still_leads(&mut self, ctx: &mut Context) -> Result {
        if self.promise.is_stale(ctx) {
            self.promise.ask(ctx)?;
        }
        if self.promise.holds() {
            Ok(())
        } else {
            Err(self.not_leader("leader data cannot be written"))
        }
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
