//! The steps of a cluster, taken.

use std::process::Output;

use ensign::prelude::*;
use interface_redis::Address;

use super::nodes::{self, Node, SLOTS, ranges};
use super::plan::{self, Step};
use super::replies::{Replies, Silence};
use super::server;
use super::source::Source;

/// How often one hook waits a second for something to become known.
pub const LOOKS: usize = 20;
/// How many seconds moving slots may take; what is left then is for the next hook.
const PATIENCE: &str = "1800";
/// How many seconds looking at all nodes may take: `redis-cli` waits for one that is lost as long as TCP does, which is
/// longer than it takes the others to notice.
const GLANCE: &str = "10";
/// How `timeout` says that it was longer.
const TOO_LONG: i32 = 124;

/// Where the buses of nodes listen in a cluster that is deployed with this port.
pub fn first_bus(port: u16) -> u16 {
    port.checked_add(10_000).unwrap_or(16_379)
}

/// What this unit's node knows; nothing while it does not answer.
///
/// # Errors
/// When `redis-cli` cannot be started, or the node refuses to tell.
pub fn seen(ctx: &mut Context) -> Result<Option<Vec<Node>>> {
    let replies = server::ask_own(ctx, "CLUSTER NODES\n")?;
    Ok(replies.ok().map(|replies| nodes::nodes(&replies.lines)))
}

/// Takes a step; whether it is taken, as far as can be seen. The nodes' buses are at that port.
///
/// # Errors
/// When `redis-cli` cannot be started, or this unit's node refuses a command.
pub fn take(ctx: &mut Context, step: &Step, nodes: &[Node], bus: u16) -> Result<bool> {
    let mut taken = false;
    match step {
        Step::Meet(addresses) => {
            let commands: String = addresses.iter().map(|a| meet(a, bus)).collect();
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
            if !taken {
                introduce(ctx, nodes, bus)?;
            }
        }
        Step::TakeOver(address) => {
            taken = tell(ctx, address, "CLUSTER FAILOVER TAKEOVER\n")?;
        }
        Step::Balance(weights) if all_answer(ctx, nodes)? => {
            balance(ctx, weights, nodes, bus)?;
            return Ok(false);
        }
        Step::Balance(_) | Step::Wait | Step::Rest(_) => {}
    }
    pause(ctx)?;
    Ok(taken)
}

/// Has nodes that do not know all the others meet these; whether there are such. One that was told to forget them, by a
/// leader that had not heard of their units yet, hears of them from nobody, although they know it.
fn introduce(ctx: &mut Context, nodes: &[Node], bus: u16) -> Result<bool> {
    let there: Vec<&Node> = nodes.iter().filter(|node| !node.has_failed).collect();
    let others = there.iter().filter(|node| !node.is_self);
    let mut some = false;
    for address in others.filter_map(|node| node.address.as_ref()) {
        let Some(answer) = hear(ctx, address, "CLUSTER NODES\n")? else {
            continue;
        };
        let known = nodes::nodes(&answer.lines);
        let knows = |node: &Node| known.iter().any(|known| known.id == node.id);
        let strangers = there.iter().filter(|node| !knows(node));
        let meet: String = strangers
            .filter_map(|node| Some(meet(node.address.as_ref()?, bus)))
            .collect();
        if !meet.is_empty() {
            tell(ctx, address, &meet)?;
            some = true;
        }
    }
    Ok(some)
}

fn meet(node: &Address, bus: u16) -> String {
    format!("CLUSTER MEET {} {} {bus}\n", node.host, node.port)
}

/// Tells a node to do something; `false` when it does not answer, or refuses, as one does that has not heard yet of
/// what the others know.
fn tell(ctx: &mut Context, node: &Address, command: &str) -> Result<bool> {
    hear(ctx, node, command).map(|answer| answer.is_some())
}

/// What a node answers, if it does and does not refuse.
fn hear(ctx: &mut Context, node: &Address, command: &str) -> Result<Option<Replies>> {
    let (_, password) = server::own(ctx)?;
    match server::ask(ctx, node, &password, command) {
        Ok(answer) => Ok(answer.ok()),
        Err(refusal) => {
            ctx.log(Level::Debug, format!("{node}: {refusal}"));
            Ok(None)
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

/// Whether all nodes agree, and no slot is on its way; where one was left so, that is mended. The nodes' buses are at
/// that port.
///
/// # Errors
/// When `redis-cli` cannot be started.
pub fn healthy(ctx: &mut Context, nodes: &[Node], bus: u16) -> Result<bool> {
    let checked = manage(ctx, "check", &[])?.status;
    if checked.success() {
        return Ok(true);
    }
    if checked.code() == Some(TOO_LONG) {
        return pause(ctx).map(|()| false);
    }
    if !all_answer(ctx, nodes)? || introduce(ctx, nodes, bus)? {
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

fn balance(ctx: &mut Context, weights: &[(String, u8)], nodes: &[Node], bus: u16) -> Result {
    let mut options = vec![
        "--cluster-use-empty-masters".to_owned(),
        "--cluster-weight".to_owned(),
    ];
    options.extend(weights.iter().map(|(id, weight)| format!("{id}={weight}")));
    if !manage(ctx, "rebalance", &options)?.status.success() {
        healthy(ctx, nodes, bus)?;
    }
    Ok(())
}

/// What this unit's node says of the cluster. One that has started waits a moment before it says that all is well.
///
/// # Errors
/// When `redis-cli` cannot be started, or the node refuses to tell.
pub fn info(ctx: &mut Context) -> Result<std::result::Result<Replies, Silence>> {
    let soon = |now: &Replies| {
        let all = now.field("cluster_slots_ok") == SLOTS.to_string();
        all && now.field("cluster_state") != "ok"
    };
    let mut replies = server::ask_own(ctx, "CLUSTER INFO\n")?;
    for _ in 0..LOOKS {
        if !replies.as_ref().is_ok_and(soon) {
            break;
        }
        pause(ctx)?;
        replies = server::ask_own(ctx, "CLUSTER INFO\n")?;
    }
    Ok(replies)
}

/// This unit's node hands its slots over, unless there is nobody who could take them. Where `mends` says how many units
/// there are, it mends the cluster first as far as it has to: without all slots none can be handed over.
///
/// # Errors
/// When it cannot, as beside a lost node whose slots nobody has.
pub fn hand_over(ctx: &mut Context, mends: Option<usize>, bus: u16) -> Result {
    let mut nodes = Vec::new();
    for _ in 0..LOOKS {
        nodes = seen(ctx)?.unwrap_or_default();
        let Some(node) = nodes.iter().find(|node| node.is_self) else {
            return Ok(());
        };
        let others = |other: &Node| !other.is_self && other.master.is_none() && !other.has_failed;
        if !nodes.iter().any(others) {
            return Ok(());
        }
        if node.slots.is_empty() {
            return forget(ctx, &node.id, &nodes);
        }
        if let Some(step) = mends.and_then(|units| plan::without_lost(&nodes, units)) {
            take(ctx, &step, &nodes, bus)?;
            continue;
        }
        balance(ctx, &[(node.id.clone(), 0)], &nodes, bus)?;
    }
    let mut lost = nodes.iter().filter(|n| n.has_failed && !n.slots.is_empty());
    let at = lost.find_map(|node| node.address.as_ref());
    let lost = at.map_or_else(String::new, |at| format!(" while the node at {at} is lost"));
    let message = format!("the slots of this unit's node cannot be handed over{lost}");
    let error = Error::new(ErrorKind::Other, message);
    Err(error.hint("remove units that are lost with `juju remove-unit --force`"))
}
