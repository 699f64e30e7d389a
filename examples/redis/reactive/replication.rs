//! Which unit is the primary: the leader says so, and names another when that one is lost.

use ensign::prelude::*;
use interface_redis::Address;
use interface_redis_cluster::{Member, Peers};
use layer_status::PartStatus;

use crate::lib::server;
use crate::serve::forget_removed;

/// Has a primary take no more writes.
const FENCE: &str = "CONFIG SET min-replicas-to-write 1000000\n";

/// The leader's value `primary`: a unit, and where its server listens.
#[derive(Debug, Clone, PartialEq)]
pub struct Primary {
    pub unit: String,
    pub address: Address,
}

impl Primary {
    /// The one that the leader has named.
    ///
    /// # Errors
    /// When Juju cannot be asked.
    pub fn current(ctx: &mut Context) -> Result<Option<Self>> {
        let Some(text) = ctx.leader_get("primary")? else {
            return Ok(None);
        };
        let (unit, address) = text.split_once(' ').unwrap_or((&text, ""));
        let address = address.parse()?;
        Ok(Some(Self {
            unit: unit.to_owned(),
            address,
        }))
    }

    fn name(ctx: &mut Context, unit: &str, member: &Member) -> Result {
        ctx.leader_set([("primary", format!("{unit} {}", member.address()))])
    }
}

/// In every hook of the leader: there is a primary, and it can be reached.
#[when(
    "leadership.is_leader",
    "leadership.set.cluster-enabled",
    "cluster.available"
)]
#[when_not("redis.cluster", "redis.outdated", "redis.leaving")]
fn keep_a_primary(ctx: &mut Context) -> Result {
    let peers = ctx.endpoint("cluster")?;
    let ready: Vec<(String, Member)> = peers
        .redis_members(ctx)?
        .into_iter()
        .filter_map(|(unit, member)| Some((unit, member?)))
        .collect();
    let Some(primary) = Primary::current(ctx)? else {
        let own = ctx.unit().to_string();
        let first = ready.iter().find(|(unit, _)| *unit == own);
        return first.map_or(Ok(()), |(unit, member)| Primary::name(ctx, unit, member));
    };
    let known = ready.iter().find(|(unit, _)| *unit == primary.unit);
    if let Some((unit, member)) = known.filter(|(_, member)| member.address() != primary.address) {
        return Primary::name(ctx, unit, member);
    }
    let (_, password) = server::own(ctx)?;
    let reached = server::ask(ctx, &primary.address, &password, "INFO replication\n")?.is_ok();
    if known.is_some() && reached {
        return ctx.part_clear("primary");
    }
    // Juju may list units that have been removed.
    if forget_removed(ctx)? {
        return keep_a_primary(ctx);
    }
    let others: Vec<_> = ready
        .into_iter()
        .filter(|(unit, _)| *unit != primary.unit)
        .collect();
    replace(ctx, &primary, reached, &others)
}

/// Names the unit that knows most.
///
/// A write that was acknowledged by a replica stands on it, and what one replica lacks another may have: all of them
/// are asked, and nobody is named while one does not answer. A primary that still runs takes no more writes first.
fn replace(
    ctx: &mut Context,
    primary: &Primary,
    reached: bool,
    others: &[(String, Member)],
) -> Result {
    let (_, password) = server::own(ctx)?;
    let lost = &primary.unit;
    if reached {
        let _it_may_be_gone_by_now = server::ask(ctx, &primary.address, &password, FENCE)?;
    }
    let mut known = Vec::new();
    for (unit, member) in others {
        let replies = server::ask(ctx, &member.address(), &password, "INFO replication\n")?;
        let Ok(now) = replies else {
            return blocked(
                ctx,
                format!(
                    "neither the primary, {lost}, nor {unit} can be reached: remove those that are lost with `juju remove-unit --force`"
                ),
            );
        };
        if !reached && now.field("master_link_status") == "up" {
            let message = format!("{unit} reaches the primary, {lost}, and this unit does not");
            return ctx.part_status("primary", Status::Waiting(message), &[]);
        }
        known.push((now.known(), unit, member));
    }
    // The first of several who know as much.
    let best = known.into_iter().rev().max_by_key(|(known, ..)| *known);
    let Some((_, unit, member)) = best else {
        return blocked(
            ctx,
            format!("the primary, {lost}, cannot be reached, and there is no other unit"),
        );
    };
    let message = format!("{unit} becomes the primary instead of {lost}");
    ctx.log(Level::Warning, message);
    Primary::name(ctx, unit, member)?;
    ctx.part_clear("primary")
}

fn blocked(ctx: &mut Context, message: String) -> Result {
    ctx.part_status("primary", Status::Blocked(message), &[])
}
