//! Installing the server.

use ensign::prelude::*;
use layer_apt::Apt;
use layer_options::GoodOptions;
use layer_service::Services;
use layer_snap::{Snap, Snaps};

use crate::cluster;
use crate::lib::manage::first_bus;
use crate::lib::source::{APT, SNAP, Source};
use crate::options::Wanted;

/// What this unit's server was installed from.
const SOURCE: &str = "redis.source";

impl Source {
    /// That of this unit.
    pub fn of(ctx: &mut Context) -> Result<&'static Self> {
        let name: Option<String> = ctx.kv().get(SOURCE)?;
        Ok(name.and_then(|name| Self::named(&name)).unwrap_or(&APT))
    }
}

/// All units have the server from the same source: the leader says once which.
#[when("leadership.is_leader")]
#[when_not("leadership.set.install-source")]
fn choose(ctx: &mut Context) -> Result {
    let mut name = ctx.config()?.string("install-source")?.unwrap_or_default();
    // By a revision of the charm that knew no other.
    if ctx.is_flag_set("redis.installed")? {
        "apt".clone_into(&mut name);
    }
    match Source::named(&name) {
        Some(source) => ctx.leader_set([("install-source", source.name)]),
        None => Ok(()),
    }
}

/// Whether all units are a cluster, and where its bus is, is said once, too: when there is a relation to say it in.
#[when("leadership.is_leader", "rotation.available")]
#[when_not("leadership.set.cluster-enabled")]
fn choose_cluster(ctx: &mut Context) -> Result {
    let cluster = ctx.config()?.bool("cluster-enabled")?.to_string();
    let wanted: Wanted = ctx.options()?;
    let bus = first_bus(wanted.port()).to_string();
    ctx.leader_set([("cluster-enabled", cluster), ("cluster-port", bus)])
}

/// Until then nothing else looks at the options.
#[when_not("leadership.set.install-source")]
fn check_options(ctx: &mut Context) -> Result {
    ctx.options::<Wanted>().map(drop)
}

/// At first the server listens on the machine's own loopback only, and has no password.
#[when("leadership.set.install-source")]
#[when_not("redis.installed")]
fn install(ctx: &mut Context) -> Result {
    let name = ctx.leader_get("install-source")?;
    let Some(source) = name.and_then(|name| Source::named(&name)) else {
        return Ok(());
    };
    ctx.kv().set(SOURCE, source.name)?;
    if *source == SNAP {
        ctx.snap_install(&Snap::new("redis").channel("latest/stable"))
    } else {
        ctx.apt_install(["redis-server", "redis-tools"])
    }
}

#[when_any("apt.installed.redis-server", "snap.installed.redis")]
#[when_not("redis.installed")]
#[before("redis::install::install")]
fn run(ctx: &mut Context) -> Result {
    let source = Source::of(ctx)?;
    ctx.service(source.service).ensure_running()?;
    ctx.set_flag("redis.installed")
}

/// A unit that is removed leaves nothing behind that still speaks for it. Before its `start` it is removed without a
/// `stop`.
#[hook("stop", "remove")]
fn stop(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.leaving")?;
    if !ctx.is_flag_set("redis.installed")? {
        return Ok(());
    }
    if ctx.is_flag_set("redis.cluster")? {
        cluster::drain(ctx)?;
    }
    let source = Source::of(ctx)?;
    ctx.service(source.service).ensure_stopped()
}

/// This unit is being removed: it decides nothing any more.
#[hook("cluster-relation-departed")]
fn leave(ctx: &mut Context) -> Result {
    let departing = ctx.hook().relation().and_then(|r| r.departing_unit.clone());
    if departing == Some(ctx.unit().to_string()) {
        ctx.set_flag("redis.leaving")?;
    }
    Ok(())
}
