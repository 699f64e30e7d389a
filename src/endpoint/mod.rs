//! Endpoints: the relations of a charm, who is at their other ends, and what is published there.
//!
//! For an endpoint `db` of the charm's metadata:
//!
//! | flag | set |
//! |---|---|
//! | `endpoint.db.joined` | while there is a unit at the other end of one of its relations |
//! | `endpoint.db.changed`, `endpoint.db.changed.FIELD` | when published data has changed, that of units and of applications, removed keys included; until the charm clears it, or the last relation is gone |
//! | `endpoint.db.departed` | when a unit has left; until a hook in which others are there |
//! | `endpoint.db.has_requests`, `.new_requests` | while there are [requests](ReceivedRequest), such without an answer |
//! | `endpoint.db.has_responses`, `.all_responses` | while one of its [requests](Request), or each, is answered |
//!
//! Handlers that must not miss a value wait for it with `#[when_changed(endpoint = "db.host")]`, each with a cursor of
//! its own: nobody has to clear anything.
//!
//! [`Context::endpoint`](crate::Context::endpoint) leads to everything else. What a unit has published is read when
//! it is asked for; what is to be published is collected, and goes to Juju when the hook commits, if it differs from
//! what Juju has. An endpoint that nothing names costs nothing.
//!
//! A [`Secret`](crate::Secret) that is published stands in a secret of Juju's that the other end may read, one for each
//! relation and data bag, and the bag refers to it; on a Juju without secrets the bag has it in clear.
//! [`Data::secret`] reads either. A new value is a new revision, and another text in the bag, so the other end hears of
//! it as of any change; an old revision goes in the `secret-remove` hook, the whole with its last field or its relation.
//!
//! Handlers of interface layers are written once for all endpoints of their [`Interface`](crate::Interface).

mod asked;
mod bags;
mod base;
mod call;
mod content;
mod data;
mod foreign;
mod look;
mod memory;
mod provider;
mod reference;
mod relation;
mod request;
mod sealed;

use std::collections::BTreeMap;
use std::rc::Rc;

pub use data::Data;
pub use relation::{Relation, RemoteUnit};
pub use request::{ReceivedRequest, Request};

use crate::context::{Bag, Context, Updates, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::handler::{Endpoints, FromContext, PLACEHOLDER};
use crate::tools::{self, NetworkInfo};
use provider::EndpointFlags;

/// What a charm carries that names an endpoint.
pub(crate) static CARRIED: Endpoints = Endpoints {
    slots: |metadata| provider::slots(metadata).collect(),
    instances: crate::handler::instances,
    call: call::call,
};

/// A slot for relations, as the charm's metadata names it.
///
/// Only its name: everything is asked of the context. A handler of an interface layer may take it as an argument,
/// and is given the endpoint that it stands for (B34).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    name: String,
}

impl Context {
    /// The endpoint of that name (B84).
    ///
    /// # Errors
    /// When the charm's metadata has none.
    pub fn endpoint(&self, name: &str) -> Result<Endpoint> {
        let all = &self.metadata().endpoints;
        if all.contains_key(name) {
            return Ok(Endpoint {
                name: name.to_owned(),
            });
        }
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        Err(Error::new(
            ErrorKind::Invalid,
            format!("the charm has no endpoint `{}`", name.escape_debug()),
        )
        .hint(format!("metadata.yaml has `{}`", names.join("`, `"))))
    }

    /// The endpoint that a flag is about, `endpoint.NAME.…` or `NAME.…`, if the flag is set (B84).
    ///
    /// # Errors
    /// As [`is_flag_set`](Self::is_flag_set).
    pub fn endpoint_from_flag(&mut self, flag: &str) -> Result<Option<Endpoint>> {
        carry(self);
        let name = flag.strip_prefix("endpoint.").unwrap_or(flag);
        let name = name.split('.').next().unwrap_or_default();
        match self.endpoint(name) {
            Ok(endpoint) if self.is_flag_set(flag)? => Ok(Some(endpoint)),
            _ => Ok(None),
        }
    }
}

#[diagnostic::do_not_recommend]
impl FromContext for Endpoint {
    const KEPT: bool = false;

    fn from_context(ctx: &mut Context) -> Result<Self> {
        match crate::handler::running_endpoint() {
            Some(name) => ctx.endpoint(name),
            None => Err(Error::new(
                ErrorKind::Unavailable,
                "only a handler whose flags name `{endpoint_name}` stands for an endpoint",
            )),
        }
    }
}

impl Endpoint {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A flag of this endpoint: `{endpoint_name}` stands for its name; a text without that is what comes after
    /// `endpoint.NAME.` (B86).
    #[must_use]
    pub fn expand_name(&self, flag: &str) -> String {
        if flag.contains(PLACEHOLDER) {
            flag.replace(PLACEHOLDER, &self.name)
        } else {
            format!("{}{flag}", provider::prefix(&self.name))
        }
    }

    /// Whether there is a unit at the other end of one of its relations (B70).
    ///
    /// # Errors
    /// As [`relations`](Self::relations).
    pub fn is_joined(&self, ctx: &mut Context) -> Result<bool> {
        Ok(!self.units(ctx)?.is_empty())
    }

    /// Its relations, in order of their numbers (B78). A relation that is breaking is none any more, nor is one in
    /// the hook in which its last unit departs (B74).
    ///
    /// # Errors
    /// When Juju cannot be asked, and in a restricted hook.
    pub fn relations(&self, ctx: &mut Context) -> Result<Vec<Relation>> {
        self.ask(ctx, |provider, _| {
            let all = provider.relations.iter().flatten();
            Ok(all.map(|r| Relation::new(&self.name, &r.id)).collect())
        })
    }

    /// The relation of that id, such as `db:3`, if there is one.
    ///
    /// # Errors
    /// As [`relations`](Self::relations).
    pub fn relation(&self, ctx: &mut Context, id: &str) -> Result<Option<Relation>> {
        let all = self.relations(ctx)?;
        Ok(all.into_iter().find(|r| r.id() == id))
    }

    /// The units at the other ends, by relation, then by name and number (B78). One unit may stand there several
    /// times, for several relations.
    ///
    /// # Errors
    /// As [`relations`](Self::relations).
    pub fn units(&self, ctx: &mut Context) -> Result<Vec<RemoteUnit>> {
        self.ask(ctx, |provider, _| {
            let all = provider.relations.iter().flatten();
            Ok(all
                .flat_map(|r| {
                    let relation = Relation::new(&self.name, &r.id);
                    r.units
                        .iter()
                        .map(move |unit| RemoteUnit::new(&relation, unit))
                })
                .collect())
        })
    }

    /// The first unit of that name, such as `mysql/0`, if there is one.
    ///
    /// # Errors
    /// As [`relations`](Self::relations).
    pub fn unit(&self, ctx: &mut Context, name: &str) -> Result<Option<RemoteUnit>> {
        let all = self.units(ctx)?;
        Ok(all.into_iter().find(|u| u.name() == name))
    }

    /// The units that have left and that were not [forgotten](Self::forget_departed) yet. What they had published can
    /// be read as long as their relation exists; nothing of it is kept here (D16).
    ///
    /// # Errors
    /// As [`relations`](Self::relations).
    pub fn departed_units(&self, ctx: &mut Context) -> Result<Vec<RemoteUnit>> {
        self.ask(ctx, |provider, _| {
            let all = provider.memory.iter().flat_map(|m| &m.departed);
            Ok(all
                .map(|key| {
                    let (relation, unit) = memory::parts(key);
                    RemoteUnit::new(&Relation::new(&self.name, relation), unit)
                })
                .collect())
        })
    }

    /// Forgets who has left (B75), and clears `endpoint.NAME.departed`.
    ///
    /// # Errors
    /// As [`relations`](Self::relations).
    pub fn forget_departed(&self, ctx: &mut Context) -> Result {
        let prefix = provider::prefix(&self.name);
        carry(ctx);
        ctx.with_provider_of(&prefix, |provider: &mut EndpointFlags, _| {
            if let Some(memory) = &mut provider.memory {
                memory.departed.clear();
            }
            provider.left = false;
            let mut updates = Updates::default();
            updates.flag(format!("{prefix}departed"), false);
            Ok(((), updates))
        })
    }

    /// The ids of relations that are found to be gone in this hook: broken, not merely left by their last unit.
    ///
    /// # Errors
    /// As [`relations`](Self::relations).
    pub fn broken_relations(&self, ctx: &mut Context) -> Result<Vec<String>> {
        self.ask(ctx, |provider, _| Ok(provider.broken.clone()))
    }

    /// What all units have published, merged: of two values, that of the lowest relation and unit (B79).
    ///
    /// # Errors
    /// When Juju cannot be asked, and in a restricted hook.
    pub fn received(&self, ctx: &mut Context) -> Result<Data> {
        let units = self.units(ctx)?;
        merged(ctx, &units)
    }

    /// Publishes to every relation, for this unit; see [`Relation::publish`].
    ///
    /// # Errors
    /// As that.
    pub fn publish<K: Into<String>, V: Into<Value>>(
        &self,
        ctx: &mut Context,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result {
        let changes = relation::changes(pairs);
        for relation in self.relations(ctx)? {
            relation.write(ctx, Bag::Unit, changes.clone())?;
        }
        Ok(())
    }

    /// Publishes to every relation, for the application; see [`Relation::publish_app`].
    ///
    /// # Errors
    /// As that.
    pub fn publish_app<K: Into<String>, V: Into<Value>>(
        &self,
        ctx: &mut Context,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result {
        let changes = relation::changes(pairs);
        for relation in self.relations(ctx)? {
            relation.write(ctx, Bag::App, changes.clone())?;
        }
        Ok(())
    }

    /// Where to listen, and which address to give to others, as Juju's network configuration has it for this
    /// endpoint.
    ///
    /// # Errors
    /// When `network-get` fails.
    pub fn network(&self, ctx: &mut Context) -> Result<NetworkInfo> {
        Ok(tools::network_get(ctx.tools(), &self.name, None)?)
    }

    /// Hands the provider out, woken.
    fn ask<R>(
        &self,
        ctx: &mut Context,
        question: impl FnOnce(&mut EndpointFlags, &mut Context) -> Result<R>,
    ) -> Result<R> {
        let prefix = provider::prefix(&self.name);
        carry(ctx);
        ctx.with_provider_of(&prefix, |provider, ctx| {
            Ok((question(provider, ctx)?, Updates::default()))
        })
    }
}

/// Where no handler's attributes and no body named an endpoint, but a function did that it calls.
fn carry(ctx: &mut Context) {
    if ctx.relation_call.is_none() {
        ctx.relation_call = Some(CARRIED.call);
        let slots = (CARRIED.slots)(ctx.metadata());
        ctx.slots.extend(slots);
    }
}

/// What several units have published, the first of two values.
fn merged(ctx: &mut Context, units: &[RemoteUnit]) -> Result<Data> {
    let mut all = BTreeMap::new();
    for unit in units {
        for (key, text) in unit.received(ctx)?.iter() {
            all.entry(key.to_owned()).or_insert_with(|| text.to_owned());
        }
    }
    let data = Data::new(Rc::new(all));
    Ok(match units.first() {
        Some(unit) => unit.relation().theirs(ctx, data),
        None => data,
    })
}
