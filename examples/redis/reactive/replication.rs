//! Which unit is the primary: the leader says so, and names another when that one is lost.

use ensign::prelude::*;
use interface_redis::Address;
use interface_redis_cluster::{Member, Peers};
use layer_status::PartStatus;

use crate::conf;
use crate::serve::forget_removed;
use crate::server::{self, Replies};

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
    let (_, password) = conf::written(ctx)?;
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
    let (_, password) = conf::written(ctx)?;
    if reached {
        let fence = "CONFIG SET min-replicas-to-write 1000000\n";
        let _it_may_be_gone_by_now = server::ask(ctx, &primary.address, &password, fence)?;
    }
    let mut best: Option<(i64, &(String, Member))> = None;
    for other in others {
        let (unit, member) = other;
        let Ok(now) = server::ask(ctx, &member.address(), &password, "INFO replication\n")? else {
            let message = format!(
                "neither the primary, {}, nor {unit} can be reached: remove those that are lost with `juju remove-unit --force`",
                primary.unit
            );
            return ctx.part_status("primary", Status::Blocked(message), &[]);
        };
        if !reached && now.field("master_link_status") == "up" {
            let message = format!(
                "{} reaches the primary, {}, and this unit does not",
                unit, primary.unit
            );
            return ctx.part_status("primary", Status::Waiting(message), &[]);
        }
        let offset = knows(&now);
        if best.is_none_or(|(most, _)| offset > most) {
            best = Some((offset, other));
        }
    }
    let Some((_, (unit, member))) = best else {
        let message = format!(
            "the primary, {}, cannot be reached, and there is no other unit",
            primary.unit
        );
        return ctx.part_status("primary", Status::Blocked(message), &[]);
    };
    ctx.log(
        Level::Warning,
        format!("{unit} becomes the primary instead of {}", primary.unit),
    );
    Primary::name(ctx, unit, member)?;
    ctx.part_clear("primary")
}

/// How much of the primary's data a server has.
fn knows(now: &Replies) -> i64 {
    match now.field("role") {
        "slave" => now.offset("slave_repl_offset"),
        _ => now.offset("master_repl_offset"),
    }
}
