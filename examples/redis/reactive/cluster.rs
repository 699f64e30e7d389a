//! The cluster: the leader forms it, lets units join, moves slots, and mends what was interrupted. It looks what is
//! there and takes the next step, again and again; so it does not matter where it was interrupted before.

use ensign::prelude::*;
use interface_redis::Address;
use interface_redis_cluster::Peers;
use layer_status::PartStatus;

use crate::lib::manage::{self, LOOKS};
use crate::lib::nodes::{self, Node};
use crate::lib::plan::{self, Rest, Step};
use crate::lib::words;
use crate::serve::forget_removed;

/// In every hook of the leader.
#[when("leadership.is_leader", "redis.cluster", "cluster.available")]
#[when_not("redis.outdated", "redis.leaving", "redis.restarting")]
fn keep_the_cluster(ctx: &mut Context) -> Result {
    let mut status = Status::Waiting("the cluster is being formed".into());
    let bus = bus(ctx)?.unwrap_or_default();
    let mut patience = LOOKS;
    while patience > 0 {
        let members = ctx.endpoint("cluster")?.redis_members(ctx)?;
        let ready = members.into_values().flatten().map(|m| m.address());
        let ready: Vec<Address> = ready.collect();
        let Some(nodes) = manage::seen(ctx)? else {
            break;
        };
        let mut step = plan::next(&nodes, &ready, 0);
        if matches!(step, Step::Assign(_) | Step::Balance(_)) {
            // Juju is asked who is still to come before slots go anywhere.
            let there = ctx.goal_state()?.units;
            let stay = there.values().filter(|goal| goal.status != "dying");
            step = plan::next(&nodes, &ready, stay.count().saturating_sub(ready.len()));
        }
        // Who does not answer, or is to get slots, may be leaving without a word.
        let is_quiet = matches!(step, Step::Wait | Step::Rest(Rest::Good { .. }));
        if (!is_quiet || nodes.iter().any(|node| !node.is_linked)) && forget_removed(ctx)? {
            continue;
        }
        if let Step::Rest(rest) = &step
            && (!matches!(rest, Rest::Good { .. }) || manage::healthy(ctx, &nodes, bus)?)
        {
            status = words::of_cluster(rest);
            if matches!(rest, Rest::Good { .. }) {
                tell_all(ctx, &nodes)?;
            }
            break;
        }
        let taken = manage::take(ctx, &step, &nodes, bus)?;
        patience -= usize::from(!taken);
        // That may have taken longer than Juju's word holds.
        ctx.ensure_leader()?;
    }
    ctx.part_status("cluster", status, &["redis.cluster"])
}

/// Where the buses of all nodes listen, in a cluster, whatever becomes of the port that clients use: what changes it has
/// to start anew, and nodes that all do that at once never find each other again.
///
/// # Errors
/// When Juju cannot be asked.
pub fn bus(ctx: &mut Context) -> Result<Option<u16>> {
    let enabled = ctx.leader_get("cluster-enabled")?;
    if enabled.is_none_or(|enabled| enabled != "true") {
        return Ok(None);
    }
    let port = ctx.leader_get("cluster-port")?;
    let port = port.map_or_else(|| Ok(manage::first_bus(6379)), |port| port.parse());
    Ok(Some(port?))
}

/// Others look at their nodes again when there are other ones: what was done to them they do not notice.
fn tell_all(ctx: &mut Context, nodes: &[Node]) -> Result {
    let all = nodes::hosts(nodes);
    match ctx.leader_get("cluster-nodes")? {
        Some(told) if *told == *all => Ok(()),
        _ => ctx.leader_set([("cluster-nodes", all)]),
    }
}

/// A node that leaves hands its slots over before it stops, unless all leave.
///
/// # Errors
/// When it cannot: the hook is tried again.
pub fn drain(ctx: &mut Context) -> Result {
    let own = ctx.unit().to_string();
    let units = ctx.goal_state()?.units;
    let stays = |unit: &String| *unit != own && units[unit].status != "dying";
    if !units.keys().any(stays) {
        return Ok(());
    }
    // Nobody else is the leader until this unit has left.
    let mends = ctx.is_leader()?.then_some(units.len());
    let bus = bus(ctx)?.unwrap_or_default();
    manage::hand_over(ctx, mends, bus)
}

/// In every hook of every unit.
#[when("redis.cluster", "redis.installed", "cluster.available")]
#[when_not("redis.outdated", "redis.leaving", "redis.restarting")]
fn watch(ctx: &mut Context) -> Result {
    let replies = manage::info(ctx)?;
    let state = replies
        .as_ref()
        .map_or("unreachable", |now| now.field("cluster_state"));
    let status = match state {
        "ok" => Status::Active("node".into()),
        _ => Status::Waiting(format!("the cluster's state is {state}")),
    };
    ctx.part_status("redis", status, &[])
}
