//! Each unit's server is as it is to be.

use ensign::prelude::*;
use interface_redis::{Address, Provides, UnitOffer};
use interface_redis_cluster::{Member, Peers};
use layer_rotation::Rotate;
use layer_status::PartStatus;

use crate::apply::{apply, follow, restart, setting};
use crate::conf::Conf;
use crate::server::{self, Replies, Silence};
use crate::{conf, describe, options};

#[when_changed(leader = "rotation", leader = "primary", endpoint = "cluster.hostname")]
#[before(
    "redis::serve::configure",
    "redis::serve::watch",
    "redis::clients::offer"
)]
#[before(
    "redis::replication::keep_a_primary",
    "redis::cluster::keep_the_cluster",
    "redis::cluster::watch"
)]
fn outdate(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.outdated")
}

#[hook(
    "config-changed",
    "upgrade-charm",
    "cluster-relation-departed",
    "redis-relation-created"
)]
fn outdate_too(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.outdated")
}

/// In every hook: a snap that is refreshed may write its file anew, which then includes ours no more.
#[when("redis.installed")]
#[before(
    "redis::serve::configure",
    "redis::serve::watch",
    "redis::clients::offer",
    "redis::replication::keep_a_primary",
    "redis::cluster::keep_the_cluster",
    "redis::cluster::watch"
)]
fn look_at_file(ctx: &mut Context) -> Result {
    if conf::is_left_out(ctx)? {
        ctx.set_flag("redis.outdated")?;
    }
    Ok(())
}

#[when(
    "redis.installed",
    "redis.outdated",
    "rotation.available",
    "leadership.set.cluster-enabled"
)]
#[when_not(
    "redis.leaving",
    "service.redis-server.restart",
    "service.snap.redis.server.restart"
)]
#[sets("redis.cluster")]
fn configure(ctx: &mut Context) -> Result {
    let options = options::wanted(ctx)?;
    let Some(passwords) = ctx.passwords()? else {
        return Ok(());
    };
    let peers = ctx.endpoint("cluster")?.network(ctx)?;
    let Some(hostname) = peers.ingress_address().map(str::to_owned) else {
        let status = Status::Waiting("no address yet".into());
        return ctx.part_status("redis", status, &["redis.outdated"]);
    };
    let conf = describe::describe(ctx, &options, &passwords, &hostname)?;
    if !apply(ctx, &conf)? {
        let status = Status::Maintenance("the server reads its data".into());
        return ctx.part_status("redis", status, &["redis.outdated"]);
    }
    open_ports(ctx, &conf)?;
    let port = options.port;
    offer(ctx, &conf, &hostname, port)?;
    let member = Member { hostname, port };
    ctx.endpoint("cluster")?.redis_tell(ctx, &member)?;
    ctx.passwords_applied(&passwords)?;
    ctx.clear_flag("redis.outdated")
}

/// Tells clients of this unit's server.
fn offer(ctx: &mut Context, conf: &Conf, hostname: &str, port: u16) -> Result {
    let role = match conf.get("replicaof") {
        _ if conf.get("cluster-enabled") == "yes" => "node",
        "" => "primary",
        _ => "replica",
    };
    let (hostname, role) = (hostname.to_owned(), role.to_owned());
    let offer = UnitOffer {
        hostname,
        port,
        role,
    };
    ctx.endpoint("redis")?.redis_offer_unit(ctx, &offer)
}

/// Opens what is served: the port, in a cluster also that of the cluster's bus.
fn open_ports(ctx: &mut Context, conf: &Conf) -> Result {
    let mut wanted = Vec::new();
    if conf.get("bind").contains(' ') {
        wanted.push(format!("{}/tcp", conf.get("port")));
    }
    if conf.get("cluster-enabled") == "yes" {
        wanted.push(format!("{}/tcp", conf.get("cluster-port")));
    }
    let opened: Vec<String> = ctx.kv().get_or("redis.ports", Vec::new())?;
    for port in opened.iter().filter(|port| !wanted.contains(port)) {
        ctx.close_port(port)?;
    }
    for port in wanted.iter().filter(|port| !opened.contains(port)) {
        ctx.open_port(port)?;
    }
    ctx.kv().set("redis.ports", &wanted)
}

/// In every hook: the server runs, and the status says what it is.
#[when("redis.installed", "cluster.available")]
#[when_not(
    "redis.outdated",
    "redis.cluster",
    "redis.leaving",
    "service.redis-server.restart",
    "service.snap.redis.server.restart"
)]
fn watch(ctx: &mut Context) -> Result {
    let question = "CONFIG GET min-replicas-to-write\nINFO replication\n";
    let mut replies = server::ask_own(ctx, question)?;
    if let Ok(now) = replies.as_ref()
        && now.field("master_link_status") == "down"
        // Who decides is not to wait for who may be lost.
        && !ctx.is_leader()?
        && let Ok(port) = now.field("master_port").parse()
    {
        follow(ctx, &Address::new(now.field("master_host"), port))?;
        replies = server::ask_own(ctx, question)?;
    }
    let status = match replies {
        Ok(now) => tell_of(&now),
        Err(Silence::Loading) => Status::Maintenance("loading its data".into()),
        Err(_) => {
            restart(ctx)?;
            return Ok(());
        }
    };
    // Nobody says so when a unit has been removed that could not be reached any more.
    if matches!(&status, Status::Waiting(_)) {
        forget_removed(ctx)?;
    }
    ctx.part_status("redis", status, &[])
}

/// Leaves out units that have been removed without a word; whether there are such.
///
/// # Errors
/// When Juju cannot be asked.
pub fn forget_removed(ctx: &mut Context) -> Result<bool> {
    let forgotten = ctx.endpoint("cluster")?.redis_forget_removed(ctx)?;
    if forgotten {
        ctx.clear_flag("redis.offered")?;
        ctx.set_flag("redis.outdated")?;
    }
    Ok(forgotten)
}

fn tell_of(now: &Replies) -> Status {
    let replicas = now.field("connected_slaves");
    let needs = setting(now, "min-replicas-to-write").unwrap_or("0");
    let primary = format!("{}:{}", now.field("master_host"), now.field("master_port"));
    match (now.field("role"), now.field("master_link_status")) {
        ("slave", "up") => Status::Active(format!("replica of {primary}")),
        ("slave", _) => Status::Waiting(format!("the primary at {primary} does not answer")),
        _ if needs != "0" && replicas == "0" => {
            Status::Waiting("no replica: writes are refused until there is one".into())
        }
        _ if replicas == "0" => Status::Active("primary".into()),
        _ => Status::Active(format!("primary of {replicas}")),
    }
}
