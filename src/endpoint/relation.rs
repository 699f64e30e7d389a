//! Relations of an endpoint, and the units at their other ends.

use std::collections::BTreeMap;

use serde::Serialize;

use super::provider::EndpointFlags;
use super::{Data, Endpoint, merged};
use crate::context::{Bag, Context, Updates, Value};
use crate::error::{Error, ErrorKind, Result};
use crate::metadata::Role;
use crate::tools::{self, NetworkInfo};

/// One relation of an endpoint, such as `db:3`. Only its id: everything is asked of the context.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    endpoint: Endpoint,
    id: String,
}

/// A unit at the other end of a relation, or one that was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemoteUnit {
    relation: Relation,
    name: String,
}

impl Relation {
    pub(super) fn new(endpoint: &str, id: &str) -> Self {
        Self {
            endpoint: Endpoint {
                name: endpoint.to_owned(),
            },
            id: id.to_owned(),
        }
    }

    /// Its id, such as `db:3`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The endpoint it belongs to.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The application at the other end; our own among peers (B85).
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn app(&self, ctx: &mut Context) -> Result<String> {
        self.endpoint
            .ask(ctx, |provider, ctx| provider.app_of(ctx, &self.id))
    }

    /// The units at the other end, by name and number.
    ///
    /// # Errors
    /// As [`Endpoint::relations`].
    pub fn units(&self, ctx: &mut Context) -> Result<Vec<RemoteUnit>> {
        let mut all = self.endpoint.units(ctx)?;
        all.retain(|unit| unit.relation == *self);
        Ok(all)
    }

    /// The unit of that name, such as `mysql/0`, if it is there.
    ///
    /// # Errors
    /// As [`Endpoint::relations`].
    pub fn unit(&self, ctx: &mut Context, name: &str) -> Result<Option<RemoteUnit>> {
        let all = self.units(ctx)?;
        Ok(all.into_iter().find(|u| u.name == name))
    }

    /// What its units have published, merged: of two values, that of the lowest unit (B79).
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn received(&self, ctx: &mut Context) -> Result<Data> {
        let units = self.units(ctx)?;
        merged(ctx, &units)
    }

    /// What the application at the other end has published; our own among peers, without what the leadership layer
    /// keeps there.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn received_app(&self, ctx: &mut Context) -> Result<Data> {
        self.data_of(ctx, "")
    }

    /// What this unit has published, and is going to.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn published(&self, ctx: &mut Context) -> Result<Data> {
        self.own(ctx, Bag::Unit)
    }

    /// What the application has published, and is going to. Only the leader can read it, except among peers.
    ///
    /// # Errors
    /// When Juju cannot be asked, or refuses.
    pub fn published_app(&self, ctx: &mut Context) -> Result<Data> {
        self.own(ctx, Bag::App)
    }

    /// Publishes values for this unit when the hook commits (B82): one write a relation, of what differs from what
    /// Juju has. An empty value removes the key, and so does [`unpublish`](Self::unpublish).
    ///
    /// A [`Secret`](crate::Secret) goes into a secret that the other end may read, and the key refers to it; where this
    /// Juju has no secrets it is published in clear. [`Data::secret`] reads it there. For a reader who only knows plain
    /// values publish [`expose`](crate::Secret::expose)d text.
    ///
    /// # Errors
    /// When a key is empty, or the relation is gone.
    pub fn publish<K: Into<String>, V: Into<Value>>(
        &self,
        ctx: &mut Context,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result {
        self.write(ctx, Bag::Unit, changes(pairs))
    }

    /// Publishes values for the application, likewise. Only the leader may.
    ///
    /// # Errors
    /// As [`publish`](Self::publish), and `NotLeader` on any other unit, with nothing changed.
    pub fn publish_app<K: Into<String>, V: Into<Value>>(
        &self,
        ctx: &mut Context,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result {
        self.write(ctx, Bag::App, changes(pairs))
    }

    /// Publishes a value for this unit unless the key has one (B83).
    ///
    /// # Errors
    /// As [`publish`](Self::publish), and when Juju cannot be asked.
    pub fn publish_default(&self, ctx: &mut Context, key: &str, value: impl Into<Value>) -> Result {
        if self.published(ctx)?.get(key).is_some() {
            return Ok(());
        }
        self.publish(ctx, [(key, value.into())])
    }

    /// Publishes a struct or a map for this unit, a key a field: strings as they stand, everything else as JSON with
    /// sorted keys (B81); what is `None` removes its key. [`Data::read`] reads it.
    ///
    /// # Errors
    /// As [`publish`](Self::publish), and when it is no struct or map.
    pub fn publish_fields<T: Serialize>(&self, ctx: &mut Context, fields: &T) -> Result {
        self.write(ctx, Bag::Unit, fields_of(serde_json::to_value(fields)?)?)
    }

    /// The same for the application.
    ///
    /// # Errors
    /// As [`publish_app`](Self::publish_app), and when it is no struct or map.
    pub fn publish_app_fields<T: Serialize>(&self, ctx: &mut Context, fields: &T) -> Result {
        self.write(ctx, Bag::App, fields_of(serde_json::to_value(fields)?)?)
    }

    /// Removes keys that this unit has published.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub fn unpublish<K: Into<String>>(
        &self,
        ctx: &mut Context,
        keys: impl IntoIterator<Item = K>,
    ) -> Result {
        self.publish(ctx, keys.into_iter().map(|key| (key, "")))
    }

    /// Removes keys that the application has published.
    ///
    /// # Errors
    /// As [`publish_app`](Self::publish_app).
    pub fn unpublish_app<K: Into<String>>(
        &self,
        ctx: &mut Context,
        keys: impl IntoIterator<Item = K>,
    ) -> Result {
        self.publish_app(ctx, keys.into_iter().map(|key| (key, "")))
    }

    /// Where to listen, and which address to give to the other end, as Juju has it for this relation.
    ///
    /// # Errors
    /// When `network-get` fails.
    pub fn network(&self, ctx: &mut Context) -> Result<NetworkInfo> {
        let (binding, relation) = (self.endpoint.name(), Some(self.id.as_str()));
        Ok(tools::network_get(ctx.tools(), binding, relation)?)
    }

    pub(super) fn write(&self, ctx: &mut Context, bag: Bag, changes: Changes) -> Result {
        let prefix = super::provider::prefix(self.endpoint.name());
        super::carry(ctx);
        ctx.with_provider_of(&prefix, |provider: &mut EndpointFlags, ctx| {
            provider.write(ctx, &self.id, bag, changes)?;
            let mut updates = Updates::default();
            provider.request_flags(&mut updates);
            Ok(((), updates))
        })
    }

    fn own(&self, ctx: &mut Context, bag: Bag) -> Result<Data> {
        let (texts, pending) = self
            .endpoint
            .ask(ctx, |provider, ctx| provider.published(ctx, &self.id, bag))?;
        Ok(Data::new(texts.into()).with_pending(pending))
    }

    fn data_of(&self, ctx: &mut Context, member: &str) -> Result<Data> {
        let texts = self.endpoint.ask(ctx, |provider, ctx| {
            provider.received(ctx, &self.id, member)
        })?;
        Ok(self.theirs(ctx, Data::new(texts)))
    }

    /// Data from the other end. Peers are of one application, and its secrets are theirs.
    pub(super) fn theirs(&self, ctx: &Context, data: Data) -> Data {
        let name = self.endpoint.name();
        let declared = ctx.metadata().endpoints.get(name);
        match declared.is_some_and(|d| d.role == Role::Peers) {
            true => data,
            false => data.of(name),
        }
    }
}

impl RemoteUnit {
    pub(super) fn new(relation: &Relation, name: &str) -> Self {
        Self {
            relation: relation.clone(),
            name: name.to_owned(),
        }
    }

    /// Its name, such as `mysql/0`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The relation it is, or was, at the other end of.
    #[must_use]
    pub fn relation(&self) -> &Relation {
        &self.relation
    }

    /// What it has published. Of a unit that has left, as long as the relation exists.
    ///
    /// # Errors
    /// When Juju cannot be asked, or does not know any more.
    pub fn received(&self, ctx: &mut Context) -> Result<Data> {
        self.relation.data_of(ctx, &self.name)
    }
}

/// Changes to a bag; `None` removes.
pub(super) type Changes = BTreeMap<String, Option<Value>>;

/// Pairs as changes; an empty value removes.
pub(super) fn changes<K: Into<String>, V: Into<Value>>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Changes {
    let change = |(key, value): (K, V)| {
        let value: Value = value.into();
        (key.into(), (!value.is_empty()).then_some(value))
    };
    pairs.into_iter().map(change).collect()
}

/// A struct as changes.
fn fields_of(fields: serde_json::Value) -> Result<Changes> {
    let serde_json::Value::Object(fields) = fields else {
        return Err(Error::new(
            ErrorKind::Invalid,
            "only a struct or a map has fields that can be published",
        ));
    };
    let text = |value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.into()),
        json => Some(json.to_string().into()),
    };
    Ok(fields.into_iter().map(|(k, v)| (k, text(v))).collect())
}
