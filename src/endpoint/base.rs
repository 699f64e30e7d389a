//! What stood where this unit has written: the proof that a write was lost.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::memory::key;
use super::provider::Texts;
use crate::context::{Bag, Context};
use crate::error::{Error, ErrorKind, Result};
use crate::metadata::Role;
use crate::store::Digest;
use crate::tools;

/// So long nobody else becomes the leader after Juju has said that this unit is.
const PROMISE: Duration = Duration::from_secs(30);

/// What stood, before this context wrote, under the keys it wrote. Found again it proves that Juju stored the state and
/// lost the data, as early releases of Juju 4 can.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Base {
    /// When this unit was told last that it leads, in seconds since the machine was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) led: Option<f64>,
    /// By bag, by key.
    #[serde(flatten)]
    pub(super) written: BTreeMap<String, BTreeMap<String, Option<Digest>>>,
}

impl Base {
    pub(super) fn recorded(ctx: &Context, prefix: &str) -> Result<Self> {
        ctx.recorded(prefix)
            .map_or(Ok(Self::default()), Self::of_record)
    }

    pub(super) fn of_record(wrote: &Value) -> Result<Self> {
        serde_json::from_value(wrote.clone()).map_err(|e| {
            Error::new(
                ErrorKind::Store,
                format!("the commit record of an endpoint cannot be read: {e}"),
            )
        })
    }

    /// Whether nobody else can have written the application's data since: Juju promises that of the leader. Another one
    /// may have put back what stood there before.
    fn was_alone(&self, ctx: &Context) -> bool {
        let now = ctx.uptime().as_secs_f64();
        self.led
            .is_some_and(|led| led <= now && now - led <= PROMISE.as_secs_f64())
    }

    pub(super) fn into_record(self) -> Result<Option<Value>> {
        if self.written.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::to_value(self)?))
    }

    /// Whether one of the writes is proved not to have arrived. Relation data and state are one transaction up to
    /// Juju 3.
    pub(super) fn is_lost(&self, ctx: &mut Context, role: Role) -> Result<bool> {
        if !ctx.env().juju_at_least(4, 0) {
            return Ok(false);
        }
        for (bag, written) in &self.written {
            let (relation, app) = super::memory::parts(bag);
            let endpoint = relation.split(':').next().unwrap_or_default();
            let listed = tools::relation_ids(ctx.tools(), endpoint)?;
            if !listed.iter().any(|id| id == relation) {
                continue;
            }
            let bag = if app.is_empty() { Bag::Unit } else { Bag::App };
            if bag == Bag::App && !self.was_alone(ctx) {
                continue;
            }
            // Only its leader reads an application's own data, except among peers.
            if bag == Bag::App && role != Role::Peers && !tools::is_leader(ctx.tools())? {
                continue;
            }
            let now = read_own(ctx, relation, bag)?;
            let as_before = |(key, text): (&String, &Option<Digest>)| {
                now.get(key).map(|t| ctx.digest(t)) == *text
            };
            if written.iter().all(as_before) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

pub(super) fn read_own(ctx: &mut Context, relation: &str, bag: Bag) -> Result<Texts> {
    let who = match bag {
        Bag::Unit => ctx.unit().to_string(),
        Bag::App => ctx.app().to_owned(),
    };
    Ok(tools::relation_get(
        ctx.tools(),
        relation,
        bag == Bag::App,
        &who,
    )?)
}

/// How a record calls a bag.
pub(super) fn base_key(relation: &str, bag: Bag) -> String {
    match bag {
        Bag::Unit => key(relation, ""),
        Bag::App => key(relation, "app"),
    }
}
