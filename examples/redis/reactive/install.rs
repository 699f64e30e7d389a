//! Installing the server.

use ensign::prelude::*;
use layer_apt::Apt;

/// At first the package's server listens on the machine's own loopback only, and has no password.
#[when_not("redis.installed")]
fn install(ctx: &mut Context) -> Result {
    ctx.apt_install(["redis-server", "redis-tools"])
}

trigger!(when = "apt.installed.redis-server", set = "redis.installed");
