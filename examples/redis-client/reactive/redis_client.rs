//! Adds one to a counter in every hook, and shows it.

use ensign::prelude::*;
use interface_redis::Requires;

/// Where the password is kept between hooks, so that Juju is asked for it only when it is new.
const PASSWORD: &str = "/etc/redis-client.password";

#[when_not("redis.available")]
fn wait(ctx: &mut Context) -> Result {
    let related = ctx.endpoint("redis")?.is_joined(ctx)?;
    ctx.status_set(if related {
        Status::Waiting("for redis to be ready".into())
    } else {
        Status::Blocked("relate this to redis".into())
    })
}

#[when("redis.available")]
#[when_changed(
    endpoint = "redis.primary",
    endpoint = "redis.nodes",
    endpoint = "redis.password"
)]
fn learn(ctx: &mut Context) -> Result {
    let endpoint = ctx.endpoint("redis")?;
    if let Some(redis) = endpoint.redis(ctx)? {
        ctx.write_secret_file(PASSWORD, &redis.password)?;
        let entry = redis.entry().map(|a| (a.host.clone(), a.port));
        ctx.kv().set("entry", &entry)?;
        endpoint.redis_confirm(ctx, &redis)?;
    }
    Ok(())
}

#[when("redis.available", "apt.installed.redis-tools")]
fn count(ctx: &mut Context) -> Result {
    let Some((host, port)) = ctx.kv().get::<(String, u16)>("entry")? else {
        return Ok(());
    };
    let password = ctx.read_file(PASSWORD)?.unwrap_or_default();
    let output = ctx
        .command("timeout")
        .args(["5", "redis-cli", "-c", "-h", &host, "-p", &port.to_string()])
        .env("REDISCLI_AUTH", String::from_utf8_lossy(&password).as_ref())
        .input("INCR redis-client\nWAIT 1 1000\nGET redis-client\n")
        .wait()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let counter = said
        .lines()
        .last()
        .and_then(|line| line.parse::<u64>().ok());
    ctx.status_set(match counter {
        Some(counter) => Status::Active(format!("counter {counter} at {host}:{port}")),
        None => Status::Waiting(format!(
            "for {host}:{port}: {}",
            said.lines().next().unwrap_or("no answer")
        )),
    })
}
