//! Each unit's server is as it is to be.

use ensign::prelude::*;
use interface_redis::{Address, Provides, UnitOffer};
use interface_redis_cluster::{Member, Peers};
use layer_options::GoodOptions;
use layer_rotation::Rotate;
use layer_status::PartStatus;

use crate::cluster;
use crate::lib::apply::{apply, follow, is_left_out, restart};
use crate::lib::describe::{Place, describe};
use crate::lib::replies::Silence;
use crate::lib::{server, words};
use crate::options::Wanted;
use crate::replication::Primary;

// Whichever the service is called: it starts anew when the handlers that run now are done, and is asked after that.
trigger!(
    when = "service.redis-server.restart",
    set = "redis.restarting"
);
trigger!(
    when_not = "service.redis-server.restart",
    clear = "redis.restarting"
);
trigger!(
    when = "service.snap.redis.server.restart",
    set = "redis.restarting"
);
trigger!(
    when_not = "service.snap.redis.server.restart",
    clear = "redis.restarting"
);
// What changes a server is told to clients.
trigger!(when = "redis.outdated", clear = "redis.offered");

#[when_changed(
    leader = "rotation",
    leader = "primary",
    endpoint = "cluster.hostname",
    endpoint = "cluster.port"
)]
#[before(
    "redis::serve::configure",
    "redis::serve::watch",
    "redis::clients::offer",
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
    if is_left_out(ctx)? {
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
#[when_not("redis.leaving", "redis.restarting")]
#[sets("redis.cluster")]
fn configure(ctx: &mut Context) -> Result {
    let Some(passwords) = ctx.passwords()? else {
        return Ok(());
    };
    let wanted: Wanted = ctx.options()?;
    let Some(place) = place(ctx, wanted.port())? else {
        let status = Status::Waiting("no address yet".into());
        return ctx.part_status("redis", status, &["redis.outdated"]);
    };
    let (current, also) = (&passwords.current, passwords.also.clone());
    let conf = describe(&place, wanted.settings(), current, also);
    if !apply(ctx, &conf)? {
        let status = Status::Maintenance("the server reads its data".into());
        return ctx.part_status("redis", status, &["redis.outdated"]);
    }
    ctx.open_only(conf.ports())?;
    let offer = UnitOffer {
        hostname: place.hostname.clone(),
        port: place.port,
        role: conf.role().to_owned(),
    };
    ctx.endpoint("redis")?.redis_offer_unit(ctx, &offer)?;
    let Place { hostname, port, .. } = place;
    let member = Member { hostname, port };
    ctx.endpoint("cluster")?.redis_tell(ctx, &member)?;
    ctx.passwords_applied(&passwords)?;
    ctx.clear_flag("redis.outdated")
}

/// Where this unit's server stands among the others; none while it has no address.
fn place(ctx: &mut Context, port: u16) -> Result<Option<Place>> {
    let peers = ctx.endpoint("cluster")?;
    let network = peers.network(ctx)?;
    let Some(hostname) = network.ingress_address().map(str::to_owned) else {
        return Ok(None);
    };
    let bus = cluster::bus(ctx)?;
    ctx.toggle_flag("redis.cluster", bus.is_some())?;
    let own = ctx.unit().to_string();
    let primary = Primary::current(ctx)?;
    let mut members = peers.redis_members(ctx)?.into_iter();
    let has_others = members.any(|(unit, member)| unit != own && member.is_some());
    let mut listens = Vec::new();
    // Nothing but loopback before the server's place is known.
    if bus.is_some() || primary.is_some() {
        listens.extend(network.bind_address().map(str::to_owned));
        let clients = ctx.endpoint("redis")?.network(ctx)?;
        listens.extend(clients.bind_address().map(str::to_owned));
    }
    let follows = primary.filter(|primary| primary.unit != own && bus.is_none());
    Ok(Some(Place {
        hostname,
        listens,
        port,
        bus,
        follows: follows.map(|primary| primary.address),
        has_others,
    }))
}

/// In every hook: the server runs, and the status says what it is.
#[when("redis.installed", "cluster.available")]
#[when_not("redis.outdated", "redis.cluster", "redis.leaving", "redis.restarting")]
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
        Ok(now) => words::of_server(&now),
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
        ctx.set_flag("redis.outdated")?;
    }
    Ok(forgotten)
}
