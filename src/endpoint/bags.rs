//! Data bags: what others have published, and what this unit is going to.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::asked;
use super::base::{Base, base_key, read_own};
use super::memory::key;
use super::provider::{EndpointFlags, Texts};
use super::relation;
use super::sealed::Sealed;
use crate::context::{Bag, Context};
use crate::error::{Error, ErrorKind, Result};
use crate::hook::UnitName;
use crate::metadata::Role;
use crate::tools;

/// Keys of a peer relation's application data that belong to the leadership layer.
const OF_LEADERSHIP: &str = "leader.";

/// Changes to a bag; `None` removes.
pub(super) type Changes = BTreeMap<String, Option<String>>;

/// What was read and written in this hook.
#[derive(Debug, Default)]
pub(super) struct Bags {
    /// By relation and member; the application's is the one of no member.
    received: BTreeMap<String, Rc<Texts>>,
    /// By relation: the application on the other side.
    apps: BTreeMap<String, String>,
    /// Our own, as Juju has them.
    own: BTreeMap<(String, Bag), Texts>,
    /// What is to be published at the commit, in clear.
    pub(super) writes: BTreeMap<(String, Bag), Changes>,
    /// Secret values, likewise.
    pub(super) sealed: BTreeMap<(String, Bag), Sealed>,
    /// This Juju has no secrets after all.
    pub(super) no_secrets: bool,
    /// Whether this unit leads, and when that was asked.
    leads: Option<(bool, Duration)>,
}

impl Bags {
    /// An executable may have written to our own bags. Those of others do not change within a hook.
    pub(super) fn forget(&mut self) {
        self.own.clear();
        self.sealed.retain(|_, sealed| !sealed.writes.is_empty());
        self.leads = None;
    }
}

impl EndpointFlags {
    /// The application on the other side of a relation; our own where the units are peers.
    pub(super) fn app_of(&mut self, ctx: &mut Context, relation: &str) -> Result<String> {
        if self.role == Role::Peers {
            return Ok(ctx.app().to_owned());
        }
        if let Some(app) = self.bags.apps.get(relation) {
            return Ok(app.clone());
        }
        let hook = self.hook_relation(ctx).filter(|h| h.id == relation);
        let listed = self.relations.iter().flatten().find(|r| r.id == relation);
        let unit = listed.and_then(|r| UnitName::parse(r.units.first()?));
        let known = hook.and_then(|h| h.remote_app.clone());
        let app = match known.or_else(|| Some(unit?.app().to_owned())) {
            Some(app) => app,
            None => tools::relation_list_app(ctx.tools(), relation)?.unwrap_or_default(),
        };
        self.bags.apps.insert(relation.to_owned(), app.clone());
        Ok(app)
    }

    /// What a member of a relation has published; of no member, the application. Read once in a hook.
    pub(super) fn received(
        &mut self,
        ctx: &mut Context,
        relation: &str,
        member: &str,
    ) -> Result<Rc<Texts>> {
        let key = key(relation, member);
        if let Some(bag) = self.bags.received.get(&key) {
            return Ok(Rc::clone(bag));
        }
        let mut bag = if member.is_empty() {
            let app = self.app_of(ctx, relation)?;
            tools::relation_get(ctx.tools(), relation, true, &app)?
        } else {
            tools::relation_get(ctx.tools(), relation, false, member)?
        };
        if member.is_empty() && self.role == Role::Peers {
            bag.retain(|key, _| !key.starts_with(OF_LEADERSHIP));
        }
        let bag = Rc::new(bag);
        self.bags.received.insert(key, Rc::clone(&bag));
        Ok(bag)
    }

    /// One of our own bags as Juju has it.
    fn own(&mut self, ctx: &mut Context, relation: &str, bag: Bag) -> Result<&Texts> {
        let key = (relation.to_owned(), bag);
        if !self.bags.own.contains_key(&key) {
            let texts = read_own(ctx, relation, bag)?;
            self.notice_sealed(relation, bag, &texts);
            self.bags.own.insert(key.clone(), texts);
        }
        Ok(self.bags.own.entry(key).or_default())
    }

    /// One of our own bags as it is going to be, and the secret values that are going to stand behind it.
    pub(super) fn published(
        &mut self,
        ctx: &mut Context,
        relation: &str,
        bag: Bag,
    ) -> Result<(Texts, Texts)> {
        let at = (relation.to_owned(), bag);
        let mut all = self.own(ctx, relation, bag)?.clone();
        let mut pending = Texts::new();
        if let Some(sealed) = self.bags.sealed.get(&at) {
            sealed.show(&mut all);
            apply(&mut pending, &sealed.writes);
        }
        if let Some(writes) = self.bags.writes.get(&at) {
            apply(&mut all, writes);
        }
        Ok((all, pending))
    }

    /// Takes down what is to be published at the commit.
    pub(super) fn write(
        &mut self,
        ctx: &mut Context,
        relation: &str,
        bag: Bag,
        changes: relation::Changes,
    ) -> Result {
        if changes.is_empty() {
            return Ok(());
        }
        let refused = |kind, why: &str| {
            Err(Error::new(
                kind,
                format!("nothing can be published to `{relation}`: {why}"),
            ))
        };
        if !self.relations.iter().flatten().any(|r| r.id == relation) {
            return refused(
                ErrorKind::Unavailable,
                "it is gone, or its last unit is leaving",
            );
        }
        if changes.contains_key("") {
            return refused(ErrorKind::Invalid, "a key is empty");
        }
        if bag == Bag::App && !self.leads(ctx)? {
            return refused(
                ErrorKind::NotLeader,
                "only the leader publishes for its application",
            );
        }
        let at = (relation.to_owned(), bag);
        let (mut secret, mut plain) = (Changes::new(), Changes::new());
        for (field, value) in changes {
            let into = match &value {
                Some(value) if value.is_secret() => &mut secret,
                _ => &mut plain,
            };
            into.insert(field, value.map(|value| value.to_string()));
        }
        if !secret.is_empty() {
            if self.seal(ctx, relation, bag, &secret)? {
                if let Some(writes) = self.bags.writes.get_mut(&at) {
                    writes.retain(|field, _| !secret.contains_key(field));
                }
            } else {
                plain.extend(secret);
            }
        }
        if let Some(sealed) = self.bags.sealed.get_mut(&at) {
            sealed.writes.retain(|field, _| !plain.contains_key(field));
        }
        self.bags.writes.entry(at).or_default().extend(plain);
        Ok(())
    }

    /// Whether this unit leads. Juju promises that for 30 seconds, so an answer serves for 20.
    pub(super) fn leads(&mut self, ctx: &mut Context) -> Result<bool> {
        const SERVES: Duration = Duration::from_secs(20);
        let now = ctx.uptime();
        if let Some((leads, asked)) = self.bags.leads
            && now.saturating_sub(asked) < SERVES
        {
            return Ok(leads);
        }
        let leads = tools::is_leader(ctx.tools())?;
        self.bags.leads = Some((leads, now));
        Ok(leads)
    }

    /// Publishes what differs from what Juju returns (B82), and says what stood there before.
    pub(super) fn publish(&mut self, ctx: &mut Context, mut base: Base) -> Result<Base> {
        for ((relation, bag), mut changes) in std::mem::take(&mut self.bags.writes) {
            let before = self.own(ctx, &relation, bag)?.clone();
            changes.retain(|key, value| {
                let wanted = value.as_deref().filter(|text| !text.is_empty());
                before.get(key).map(String::as_str) != wanted
            });
            self.unseal(ctx, &relation, bag, &before, &changes)?;
            let sealed = self.publish_sealed(ctx, &relation, bag, &before)?;
            if changes.is_empty() && sealed.is_empty() {
                continue;
            }
            if let Some(own) = self.bags.own.get_mut(&(relation.clone(), bag)) {
                apply(own, &changes);
            }
            if bag == Bag::Unit
                && let Some(memory) = &mut self.memory
            {
                for (field, value) in &changes {
                    let key = key(&relation, field);
                    if !asked::is_key(field) {
                        continue;
                    } else if value.is_some() {
                        memory.asked.insert(key);
                    } else {
                        memory.asked.remove(&key);
                    }
                }
            }
            if bag == Bag::App {
                base.led = self
                    .bags
                    .leads
                    .filter(|(leads, _)| *leads)
                    .map(|(_, asked)| asked.as_secs_f64());
            }
            let written = base.written.entry(base_key(&relation, bag)).or_default();
            for key in changes.keys().chain(&sealed) {
                let text = before.get(key).map(|text| ctx.digest(text));
                written.entry(key.clone()).or_insert(text);
            }
            ctx.publish(&relation, bag, changes);
        }
        Ok(base)
    }
}

fn apply(all: &mut Texts, changes: &Changes) {
    for (key, value) in changes {
        match value.as_deref() {
            None | Some("") => all.remove(key),
            Some(text) => all.insert(key.clone(), text.to_owned()),
        };
    }
}
