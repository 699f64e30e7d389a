//! A charm that offers something: data of units and of the application, peers, answers to requests.

use ensign::prelude::*;
use serde::Deserialize;

const INTERFACE: Interface = Interface::provides("sql");

#[when("endpoint.{endpoint_name}.joined")]
#[when_not("{endpoint_name}.published")]
fn publish(ctx: &mut Context, sql: Endpoint) -> Result {
    let unit = ctx.unit().to_string();
    sql.publish(ctx, [("host", unit)])?;
    ctx.set_flag(sql.expand_name("{endpoint_name}.published"))
}

trigger!(
    when_not = "endpoint.{endpoint_name}.joined",
    clear = "{endpoint_name}.published"
);

/// The leader's word, for the whole application.
#[when("endpoint.sql.joined", "leadership.is_leader")]
fn name_password(ctx: &mut Context) -> Result {
    for relation in ctx.endpoint("sql")?.relations(ctx)? {
        if relation.published_app(ctx)?.get("password").is_none() {
            let password = ctx.password(16);
            relation.publish_app(ctx, [("password", password)])?;
        }
    }
    Ok(())
}

#[action("rotate")]
fn rotate(ctx: &mut Context) -> Result {
    let password = ctx.password(16);
    ctx.endpoint("sql")?
        .publish_app(ctx, [("password", password)])
}

#[when_changed(endpoint = "sql.user")]
fn write_users(ctx: &mut Context) -> Result {
    let mut users = Vec::new();
    for unit in ctx.endpoint("sql")?.units(ctx)? {
        users.extend(unit.received(ctx)?.get("user").map(|u| format!("{u}\n")));
    }
    ctx.write_file("/etc/users", users.concat())
}

#[derive(Deserialize)]
struct Grant {
    user: String,
}

#[when("endpoint.sql.new_requests")]
fn grant(ctx: &mut Context) -> Result {
    for request in ctx.endpoint("sql")?.new_requests(ctx)? {
        let asked: Grant = request.read()?;
        request.respond(ctx, &(asked.user == request.unit().name()))?;
    }
    Ok(())
}

#[when_changed(endpoint = "cluster.address")]
fn write_peers(ctx: &mut Context) -> Result {
    let peers = ctx.endpoint("cluster")?.units(ctx)?;
    ctx.write_file("/etc/peers", peers.len().to_string())
}

#[hook("cluster-relation-created")]
fn tell_peers(ctx: &mut Context) -> Result {
    let cluster = ctx.endpoint("cluster")?;
    let address = cluster.network(ctx)?.ingress_address().map(str::to_owned);
    cluster.publish(ctx, [("address", address.unwrap_or_default())])
}

#[when("endpoint.sql.departed")]
fn see_off(ctx: &mut Context) -> Result {
    let sql = ctx.endpoint("sql")?;
    let gone = sql.departed_units(ctx)?.len();
    let seen = ctx.kv().get_or("departed", 0)?;
    ctx.kv().set("departed", &(seen + gone))?;
    sql.forget_departed(ctx)
}

#[hook("sql-relation-broken")]
fn broken(ctx: &mut Context) -> Result {
    let broken = ctx.endpoint("sql")?.broken_relations(ctx)?;
    ctx.write_file("/etc/broken", broken.len().to_string())
}
