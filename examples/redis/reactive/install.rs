//! Installing the server.

use ensign::prelude::*;
use layer_apt::Apt;
use layer_service::Services;

use crate::cluster;

/// What runs the server.
pub const SERVICE: &str = "redis-server";

/// At first the package's server listens on the machine's own loopback only, and has no password.
#[when_not("redis.installed")]
fn install(ctx: &mut Context) -> Result {
    ctx.apt_install(["redis-server", "redis-tools"])
}

#[when("apt.installed.redis-server")]
#[when_not("redis.installed")]
#[before("redis::install::install")]
fn run(ctx: &mut Context) -> Result {
    ctx.service(SERVICE).ensure_running()?;
    ctx.set_flag("redis.installed")
}

/// A unit that is removed leaves nothing behind that still speaks for it.
#[hook("stop")]
fn stop(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.leaving")?;
    if ctx.is_flag_set("redis.cluster")? {
        cluster::drain(ctx)?;
    }
    ctx.service(SERVICE).ensure_stopped()
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
