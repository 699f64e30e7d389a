//! What the units of a Redis application tell each other of their servers.
//!
//! | flag | set while |
//! |---|---|
//! | `{endpoint_name}.available` | this unit has told the others of its server |
//!
//! | field of a unit | holds |
//! |---|---|
//! | `hostname`, `port` | where its server listens |
//!
//! A unit that has not told of its server is not ready: nothing is asked of it.

use std::collections::{BTreeMap, BTreeSet};

use ensign::prelude::*;
use interface_redis::Address;
use serde::{Deserialize, Serialize};

/// The interface, as `metadata.yaml` of a charm names it.
pub const NAME: &str = "redis-cluster";

/// Instead of a unit's name: those that were removed.
const REMOVED: &str = "removed";

const INTERFACE: Interface = Interface::peers(NAME);

/// A unit's server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Where it can be reached.
    pub hostname: String,
    /// On which port.
    pub port: u16,
}

impl Member {
    /// Where its server listens.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::new(&self.hostname, self.port)
    }
}

/// What the units do with their endpoint.
pub trait Peers {
    /// Tells the others of this unit's server.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    fn redis_tell(&self, ctx: &mut Context, member: &Member) -> Result;

    /// All units of the application that are there, this one too; `None` for one that has not told of its server.
    ///
    /// # Errors
    /// When Juju cannot be asked, or what a unit has published is no such thing.
    fn redis_members(&self, ctx: &mut Context) -> Result<BTreeMap<String, Option<Member>>>;

    /// Leaves out, from now on, units that Juju lists here although they leave or have been removed, as Juju 4 does;
    /// whether there are such. It is one call of `goal-state`.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    fn redis_forget_removed(&self, ctx: &mut Context) -> Result<bool>;
}

impl Peers for Endpoint {
    fn redis_tell(&self, ctx: &mut Context, member: &Member) -> Result {
        for relation in self.relations(ctx)? {
            relation.publish_fields(ctx, member)?;
        }
        let unit = ctx.unit().to_string();
        ctx.kv().set(&key(self, &unit), member)?;
        ctx.set_flag(self.expand_name("{endpoint_name}.available"))
    }

    fn redis_members(&self, ctx: &mut Context) -> Result<BTreeMap<String, Option<Member>>> {
        let mut names = vec![ctx.unit().to_string()];
        names.extend(self.units(ctx)?.iter().map(|unit| unit.name().to_owned()));
        let removed: BTreeSet<String> = ctx.kv().get_or(&key(self, REMOVED), BTreeSet::new())?;
        names.retain(|name| !removed.contains(name));
        let known = |name: String| {
            let member = ctx.kv().get(&key(self, &name))?;
            Ok((name, member))
        };
        names.into_iter().map(known).collect()
    }

    fn redis_forget_removed(&self, ctx: &mut Context) -> Result<bool> {
        let there = ctx.goal_state()?.units;
        let members = self.redis_members(ctx)?;
        let mut gone: BTreeSet<&String> = members.keys().collect();
        gone.retain(|unit| there.get(*unit).is_none_or(|goal| goal.status == "dying"));
        if gone.is_empty() {
            return Ok(false);
        }
        let key = key(self, REMOVED);
        let mut removed: BTreeSet<String> = ctx.kv().get_or(&key, BTreeSet::new())?;
        removed.extend(gone.into_iter().cloned());
        ctx.kv().set(&key, &removed)?;
        Ok(true)
    }
}

/// Where what a unit has told is kept: who asks for the members need not ask Juju.
fn key(endpoint: &Endpoint, unit: &str) -> String {
    format!("interface.redis-cluster.{}.{unit}", endpoint.name())
}

/// Only what is new is read: a unit that tells nothing new costs nothing.
#[when_changed(
    endpoint = "{endpoint_name}.hostname",
    endpoint = "{endpoint_name}.port"
)]
fn listen(ctx: &mut Context, peers: Endpoint) -> Result {
    for unit in peers.units(ctx)? {
        let key = key(&peers, unit.name());
        match unit.received(ctx)?.read::<Member>()? {
            Some(member) => ctx.kv().set(&key, &member)?,
            None => ctx.kv().unset(&key),
        }
    }
    Ok(())
}

/// Peers have but one relation: once it is there, the unit tells again.
#[hook("{endpoint_name}-relation-created")]
fn introduce(ctx: &mut Context, peers: Endpoint) -> Result {
    let unit = ctx.unit().to_string();
    let told: Option<Member> = ctx.kv().get(&key(&peers, &unit))?;
    told.map_or(Ok(()), |member| peers.redis_tell(ctx, &member))
}
