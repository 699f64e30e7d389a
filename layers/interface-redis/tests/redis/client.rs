//! A charm that uses what is offered.

use ensign::prelude::*;
use interface_redis::Requires;

#[when("kv.available")]
#[when_changed(endpoint = "kv.primary", endpoint = "kv.password")]
fn learn(ctx: &mut Context) -> Result {
    let kv = ctx.endpoint("kv")?;
    if let Some(redis) = kv.redis(ctx)? {
        let entry: Vec<_> = redis.entries().map(ToString::to_string).collect();
        let password = redis.password.expose();
        let line = format!("{:?} {} {password} available", redis.mode, entry.join(","));
        ctx.write_secret_file("/etc/told", line)?;
        kv.redis_confirm(ctx, &redis)?;
    }
    Ok(())
}

#[when_not("kv.available")]
fn forget(ctx: &mut Context) -> Result {
    ctx.write_secret_file("/etc/told", "nothing")
}
