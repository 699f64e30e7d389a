//! Checks for Nagios.

use ensign::prelude::*;
use interface_nrpe_external_master::{Check, Nrpe};

/// The checks know no password: a server that asks for one is there.
#[when("redis.unchecked", "cluster.available")]
fn check(ctx: &mut Context) -> Result {
    let nrpe = ctx.endpoint("nrpe-external-master")?;
    if !nrpe.is_joined(ctx)? {
        return ctx.clear_flag("redis.unchecked");
    }
    let port = crate::options::wanted(ctx)?.port;
    let plugins = "/usr/lib/nagios/plugins";
    let checks = [
        Check {
            name: "redis".to_owned(),
            description: "Redis answers".to_owned(),
            command: format!(
                "{plugins}/check_tcp -H 127.0.0.1 -p {port} -s 'PING\\r\\n' -e -NOAUTH -E"
            ),
        },
        Check {
            name: "redis_process".to_owned(),
            description: "One Redis server runs".to_owned(),
            command: format!("{plugins}/check_procs -c 1:1 -C redis-server"),
        },
    ];
    nrpe.nrpe_checks(ctx, &checks)?;
    ctx.clear_flag("redis.unchecked")
}

#[hook("config-changed", "nrpe-external-master-relation-joined")]
fn check_again(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.unchecked")
}
