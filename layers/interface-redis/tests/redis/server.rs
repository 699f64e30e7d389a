//! A charm that offers.

use ensign::prelude::*;
use interface_redis::{Address, Mode, Offer, Provides, UnitOffer};

fn offer(ctx: &mut Context, password: &str, version: &str) -> Result {
    let redis = ctx.endpoint("redis")?;
    redis.redis_offer(
        ctx,
        &Offer {
            mode: Mode::Standalone,
            primary: Some(Address::new("10.0.0.9", 6379)),
            nodes: Vec::new(),
            password: Secret::new(password),
            version: version.to_owned(),
        },
    )?;
    let unit = UnitOffer {
        hostname: "10.0.0.9".to_owned(),
        port: 6379,
        role: "primary".to_owned(),
    };
    redis.redis_offer_unit(ctx, &unit)
}

#[when("endpoint.redis.joined", "leadership.is_leader")]
#[when_not("server.offered")]
fn first(ctx: &mut Context) -> Result {
    offer(ctx, "first", "1")?;
    ctx.set_flag("server.offered")
}

#[action]
fn rotate(ctx: &mut Context) -> Result {
    offer(ctx, "second", "2")?;
    let redis = ctx.endpoint("redis")?;
    assert!(
        !redis.redis_confirmed(ctx, "2")?,
        "the client cannot know of it"
    );
    Ok(())
}

#[when_changed(endpoint = "redis.version")]
fn confirmed(ctx: &mut Context) -> Result {
    let used = ctx.endpoint("redis")?.redis_confirmed(ctx, "1")?;
    ctx.write_file("/etc/used", used.to_string())
}
