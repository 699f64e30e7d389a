//! Adds one to a counter in every hook, and shows it.

use ensign::prelude::*;
use interface_redis::{Address, Requires};

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
        let entries: Vec<_> = redis.entries().cloned().collect();
        ctx.kv().set("entries", &entries)?;
        endpoint.redis_confirm(ctx, &redis)?;
    }
    Ok(())
}

/// At the first server that answers.
#[when("redis.available", "apt.installed.redis-tools")]
#[after("redis_client::learn")]
fn count(ctx: &mut Context) -> Result {
    let mut status = Status::Waiting("for a server".into());
    for at in ctx.kv().get_or::<Vec<Address>>("entries", Vec::new())? {
        let said = add_one(ctx, &at)?;
        let counter = said
            .lines()
            .last()
            .and_then(|line| line.parse::<u64>().ok());
        if let Some(counter) = counter {
            status = Status::Active(format!("counter {counter} at {at}"));
            break;
        }
        let why = said.lines().next().unwrap_or("no answer");
        status = Status::Waiting(format!("for {at}: {why}"));
    }
    ctx.status_set(status)
}

/// What the server says.
fn add_one(ctx: &mut Context, at: &Address) -> Result<String> {
    let password = ctx.read_file(PASSWORD)?.unwrap_or_default();
    let output = ctx
        .command("timeout")
        .args([
            "5",
            "redis-cli",
            "-c",
            "-h",
            &at.host,
            "-p",
            &at.port.to_string(),
        ])
        .env("REDISCLI_AUTH", String::from_utf8_lossy(&password).as_ref())
        .input("INCR redis-client\nWAIT 1 1000\nGET redis-client\n")
        .wait()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
