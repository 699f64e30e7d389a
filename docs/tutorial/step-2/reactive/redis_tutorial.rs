//! Redis, installed and running.

use ensign::prelude::*;
use layer_service::Services;
use layer_status::PartStatus;

const SERVICE: &str = "redis-server";

/// From now on the service layer looks in every hook whether the server runs.
#[when("apt.installed.redis-server")]
#[when_not("redis.started")]
fn start(ctx: &mut Context) -> Result {
    ctx.service(SERVICE).ensure_running()?;
    ctx.set_flag("redis.started")
}

/// The status goes when the flag goes.
#[when("service.redis-server.running")]
fn tell(ctx: &mut Context) -> Result {
    let status = Status::Active("ready".into());
    ctx.part_status("redis", status, &["service.redis-server.running"])
}
