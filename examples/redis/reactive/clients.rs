//! What other applications are told.

use ensign::prelude::*;
use interface_redis::{Mode, Offer, Provides};
use interface_redis_cluster::Peers;
use layer_rotation::Rotate;

use crate::replication::Primary;

/// Who leads from now on tells them, too: whoever did before may have been lost before it could.
#[hook("leader-elected")]
fn offer_again(ctx: &mut Context) -> Result {
    ctx.clear_flag("redis.offered")
}

#[when("leadership.is_leader", "cluster.available", "leadership.set.password")]
#[when_not("redis.offered", "redis.outdated", "redis.leaving")]
fn offer(ctx: &mut Context) -> Result {
    let members = ctx.endpoint("cluster")?.redis_members(ctx)?;
    let cluster = ctx.is_flag_set("redis.cluster")?;
    let primary = Primary::current(ctx)?.filter(|_| !cluster);
    let ready = members
        .into_iter()
        .filter(|(unit, _)| primary.as_ref().is_none_or(|p| p.unit != *unit));
    let nodes = ready
        .filter_map(|(_, member)| Some(member?.address()))
        .collect();
    if let Some(passwords) = ctx.passwords()? {
        let offer = Offer {
            mode: if cluster {
                Mode::Cluster
            } else {
                Mode::Standalone
            },
            primary: primary.map(|primary| primary.address),
            nodes,
            version: passwords.version(),
            password: passwords.current,
        };
        ctx.endpoint("redis")?.redis_offer(ctx, &offer)?;
    }
    ctx.set_flag("redis.offered")
}

/// A new password is used, and the former one goes, when no unit and no client needs it any more.
#[when("leadership.is_leader", "rotation.rotating", "cluster.available")]
#[when_not("redis.leaving")]
fn replace_password(ctx: &mut Context) -> Result {
    ctx.passwords_go_on(|ctx, version| ctx.endpoint("redis")?.redis_confirmed(ctx, version))
}
