//! Checks for Nagios.

use ensign::prelude::*;
use interface_nrpe_external_master::Nrpe;
use layer_options::GoodOptions;

use crate::lib::checks::checks;
use crate::options::Wanted;

#[when("redis.unchecked", "cluster.available")]
fn check(ctx: &mut Context) -> Result {
    let nrpe = ctx.endpoint("nrpe-external-master")?;
    if !nrpe.is_joined(ctx)? {
        return ctx.clear_flag("redis.unchecked");
    }
    let wanted: Wanted = ctx.options()?;
    let checks = checks(wanted.port());
    nrpe.nrpe_checks(ctx, &checks)?;
    ctx.clear_flag("redis.unchecked")
}

#[hook("config-changed", "nrpe-external-master-relation-joined")]
fn check_again(ctx: &mut Context) -> Result {
    ctx.set_flag("redis.unchecked")
}
