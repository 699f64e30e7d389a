//! The cluster: the leader forms it, lets units join, moves slots, and mends what was interrupted. It looks what is
//! there and takes the next step, again and again; so it does not matter where it was interrupted before.

use std::process::Output;

use ensign::prelude::*;
use interface_redis::Address;
use interface_redis_cluster::Peers;
use layer_status::PartStatus;

use crate::nodes::{self, Node, ranges};
use crate::plan::{self, Rest, Step};
use crate::serve::forget_removed;
use crate::server;
use crate::source::Source;

/// How often one hook waits a second for something to become known.
const LOOKS: usize = 20;
/// How many seconds moving slots may take; what is left then is for the next hook.
const PATIENCE: &str = "1800";
/// How many seconds looking at all nodes may take: `redis-cli` waits for one that is lost as long as TCP does, which is
/// longer than it takes the others to notice.
const GLANCE: &str = "10";
/// How `timeout` says that it was longer.
const TOO_LONG: i32 = 124;

/// In every hook of the leader.
#[when("leadership.is_leader", "redis.cluster", "cluster.available")]
#[when_not(
    "redis.outdated",
    "redis.leaving",
    "service.redis-server.restart",
    "service.snap.redis.server.restart"
)]
fn keep_the_cluster(ctx: &mut Context) -> Result {
    let mut status = Status::Waiting("the cluster is being formed".into());
    let mut patience = LOOKS;
    while patience > 0 {
        let members = ctx.endpoint("cluster")?.redis_members(ctx)?;
        let ready = members.into_values().flatten().map(|m| m.address());
        let ready: Vec<Address> = ready.collect();
        let Some(nodes) = seen(ctx)? else {
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
        if (!is_quiet || nodes.iter().any(|node| node.has_failed)) && forget_removed(ctx)? {
            continue;
        }
        if let Step::Rest(rest) = &step
            && (!matches!(rest, Rest::Good { .. }) || healthy(ctx, &nodes)?)
        {
            status = told(rest);
            if matches!(rest, Rest::Good { .. }) {
                tell_all(ctx, &nodes)?;
            }
            break;
        }
        patience -= usize::from(!take(ctx, &step, &nodes)?);
        // That may have taken longer than Juju's word holds.
        ctx.ensure_leader()?;
    }
    ctx.part_status("cluster", status, &["redis.cluster"])
}

/// Where the buses of all nodes listen, whatever becomes of the port that clients use: what changes it has to start
/// anew, and nodes that all do that at once never find each other again.
///
/// # Errors
/// When Juju cannot be asked.
pub fn bus(ctx: &mut Context) -> Result<u16> {
    let port = ctx.leader_get("cluster-port")?;
    port.map_or_else(|| Ok(first_bus(6379)), |port| Ok(port.parse()?))
}

/// Where they listen in a cluster that is deployed with this port.
pub fn first_bus(port: u16) -> u16 {
    port.checked_add(10_000).unwrap_or(16_379)
}

fn told(rest: &Rest) -> Status {
    match rest {
        Rest::Good {
            primaries,
            replicas,
        } => Status::Active(format!(
            "cluster of {primaries} primaries and {replicas} replicas"
        )),
        Rest::TooFew(more) => Status::Waiting(format!("a cluster needs {more} more units")),
        Rest::Leaving(node) => Status::Waiting(format!("{node} hands its slots over")),
        Rest::Lost(node) => Status::Blocked(format!(
            "the node at {node} is lost, and its keys with it: remove its unit with `juju remove-unit --force`"
        )),
    }
}

/// Others look at their nodes again when there are other ones: what was done to them they do not notice.
fn tell_all(ctx: &mut Context, nodes: &[Node]) -> Result {
    let there = nodes.iter().filter(|node| !node.has_failed);
    let mut hosts: Vec<&str> = there
        .filter_map(|node| Some(node.address.as_ref()?.host.as_str()))
        .collect();
    hosts.sort_unstable();
    let all = hosts.join(" ");
    let told = ctx.leader_get("cluster-nodes")?;
    if told.is_some_and(|told| told == all.as_str()) {
        return Ok(());
    }
    ctx.leader_set([("cluster-nodes", all)])
}

/// What this unit's node knows; nothing while it does not answer.
fn seen(ctx: &mut Context) -> Result<Option<Vec<Node>>> {
    let replies = server::ask_own(ctx, "CLUSTER NODES\n")?;
    Ok(replies.ok().map(|replies| nodes::nodes(&replies.lines)))
}

/// Takes a step; whether it is taken, as far as can be seen.
fn take(ctx: &mut Context, step: &Step, nodes: &[Node]) -> Result<bool> {
    let mut taken = false;
    match step {
        Step::Meet(addresses) => {
            let bus = bus(ctx)?;
            let meet = |a: &Address| format!("CLUSTER MEET {} {} {bus}\n", a.host, a.port);
            let commands: String = addresses.iter().map(meet).collect();
            let _seen_when_it_is_looked_at_again = server::ask_own(ctx, &commands)?;
        }
        Step::Forget(id) => {
            forget(ctx, id, nodes)?;
            return Ok(true);
        }
        Step::Assign(parts) => {
            taken = true;
            for (address, slots) in parts {
                let command = format!("CLUSTER ADDSLOTSRANGE {}\n", ranges(slots));
                taken &= tell(ctx, address, &command)?;
            }
        }
        Step::Follow(address, master) => {
            taken = tell(ctx, address, &format!("CLUSTER REPLICATE {master}\n"))?;
        }
        Step::Balance(weights) if all_answer(ctx, nodes)? => {
            balance(ctx, weights, nodes)?;
            return Ok(false);
        }
        Step::Balance(_) | Step::Wait | Step::Rest(_) => {}
    }
    pause(ctx)?;
    Ok(taken)
}

/// Tells a node to do something; `false` when it does not answer, or refuses, as one does that has not heard yet of
/// what the others know.
fn tell(ctx: &mut Context, node: &Address, command: &str) -> Result<bool> {
    let (_, password) = server::own(ctx)?;
    match server::ask(ctx, node, &password, command) {
        Ok(answer) => Ok(answer.is_ok()),
        Err(refusal) => {
            ctx.log(Level::Debug, format!("{node}: {refusal}"));
            Ok(false)
        }
    }
}

/// Nodes learn of each other, and agree, within a second or two.
fn pause(ctx: &mut Context) -> Result {
    ctx.command("sleep").arg("1").run()
}

/// Each node has to forget it within a minute, or learns of it again from another. One that refuses never knew it, or
/// follows it and will be told to follow another.
fn forget(ctx: &mut Context, id: &str, nodes: &[Node]) -> Result {
    let command = format!("CLUSTER FORGET {id}\n");
    for node in nodes.iter().filter(|n| n.id != id && !n.has_failed) {
        if let Some(address) = &node.address {
            tell(ctx, address, &command)?;
        }
    }
    pause(ctx)
}

fn manage(ctx: &mut Context, command: &str, options: &[String]) -> Result<Output> {
    let (at, password) = server::own(ctx)?;
    let cli = Source::of(ctx)?.cli;
    let patience = if command == "check" { GLANCE } else { PATIENCE };
    ctx.command("timeout")
        .args([patience, cli, "--cluster", command, &at.to_string()])
        .args(options)
        .env("REDISCLI_AUTH", password.expose())
        .wait()
}

/// Whether all nodes agree, and no slot is on its way; where one was left so, that is mended.
fn healthy(ctx: &mut Context, nodes: &[Node]) -> Result<bool> {
    let checked = manage(ctx, "check", &[])?.status;
    if checked.success() {
        return Ok(true);
    }
    if checked.code() == Some(TOO_LONG) {
        return pause(ctx).map(|()| false);
    }
    if !all_answer(ctx, nodes)? {
        return pause(ctx).map(|()| false);
    }
    // Slots of nodes that cannot be reached are given to others then, with nothing in them: there must be none.
    let mut options = Vec::new();
    let mut lost = nodes.iter().filter(|node| node.has_failed).peekable();
    if lost.peek().is_some() && lost.all(|node| node.slots.is_empty()) {
        options.push("--cluster-fix-with-unreachable-masters".to_owned());
    }
    let _checked_again = manage(ctx, "fix", &options)?;
    pause(ctx)?;
    Ok(false)
}

/// Whether nobody is asked in vain, as far as nodes have noticed: `redis-cli` waits for each as long as TCP does.
fn all_answer(ctx: &mut Context, nodes: &[Node]) -> Result<bool> {
    for node in nodes.iter().filter(|node| !node.has_failed) {
        let Some(address) = &node.address else {
            return Ok(false);
        };
        if !tell(ctx, address, "PING\n")? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn balance(ctx: &mut Context, weights: &[(String, u8)], nodes: &[Node]) -> Result {
    let mut options = vec![
        "--cluster-use-empty-masters".to_owned(),
        "--cluster-weight".to_owned(),
    ];
    options.extend(weights.iter().map(|(id, weight)| format!("{id}={weight}")));
    if !manage(ctx, "rebalance", &options)?.status.success() {
        healthy(ctx, nodes)?;
    }
    Ok(())
}

/// A node that leaves hands its slots over before it stops, unless all leave.
///
/// # Errors
/// When it cannot: the hook is tried again.
pub fn drain(ctx: &mut Context) -> Result {
    let stays = |(unit, goal): (&String, &ensign::tools::GoalStatus), own: &str| {
        unit != own && goal.status != "dying"
    };
    let own = ctx.unit().to_string();
    let units = ctx.goal_state()?.units;
    if !units.iter().any(|unit| stays(unit, &own)) {
        return Ok(());
    }
    let leads = ctx.is_leader()?;
    let mut lost = String::new();
    for _ in 0..LOOKS {
        let nodes = seen(ctx)?.unwrap_or_default();
        let Some(node) = nodes.iter().find(|node| node.is_self) else {
            return Ok(());
        };
        let others = |other: &&Node| !other.is_self && other.master.is_none() && !other.has_failed;
        if !nodes.iter().any(|other| others(&other)) {
            return Ok(());
        }
        if node.slots.is_empty() {
            return forget(ctx, &node.id, &nodes);
        }
        // Nobody else is the leader until this unit has left, and without all slots none can be handed over.
        if leads && let Some(step) = without_lost(&nodes, units.len()) {
            take(ctx, &step, &nodes)?;
            continue;
        }
        lost = match nodes.iter().find(|n| n.has_failed && !n.slots.is_empty()) {
            Some(Node {
                address: Some(at), ..
            }) => format!(" while the node at {at} is lost"),
            _ => String::new(),
        };
        balance(ctx, &[(node.id.clone(), 0)], &nodes)?;
    }
    let message = format!("the slots of this unit's node cannot be handed over{lost}");
    let error = Error::new(ErrorKind::Other, message);
    Err(error.hint("remove units that are lost with `juju remove-unit --force`"))
}

/// What is to be done where nodes are lost whose units have been removed: no fewer nodes are there than units.
fn without_lost(nodes: &[Node], units: usize) -> Option<Step> {
    let there = nodes.iter().filter(|node| !node.has_failed);
    let there: Vec<Address> = there.filter_map(|node| node.address.clone()).collect();
    let step = plan::next(nodes, &there, 0);
    (there.len() >= units && matches!(step, Step::Forget(_) | Step::Assign(_))).then_some(step)
}

/// In every hook of every unit.
#[when("redis.cluster", "redis.installed", "cluster.available")]
#[when_not(
    "redis.outdated",
    "redis.leaving",
    "service.redis-server.restart",
    "service.snap.redis.server.restart"
)]
fn watch(ctx: &mut Context) -> Result {
    let mut replies = server::ask_own(ctx, "CLUSTER INFO\n")?;
    for _ in 0..LOOKS {
        // A node that has started waits a moment before it says that all is well.
        let soon = |now: &server::Replies| {
            let all = now.field("cluster_slots_ok") == nodes::SLOTS.to_string();
            all && now.field("cluster_state") != "ok"
        };
        if !replies.as_ref().is_ok_and(soon) {
            break;
        }
        pause(ctx)?;
        replies = server::ask_own(ctx, "CLUSTER INFO\n")?;
    }
    let state = replies
        .as_ref()
        .map_or("unreachable", |now| now.field("cluster_state"));
    let status = match state {
        "ok" => Status::Active("node".into()),
        _ => Status::Waiting(format!("the cluster's state is {state}")),
    };
    ctx.part_status("redis", status, &[])
}
