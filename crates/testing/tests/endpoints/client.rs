//! A charm that needs what the other offers.

use ensign::prelude::*;
use serde_json::json;

#[when("endpoint.db.joined")]
#[when_not("client.introduced")]
fn introduce(ctx: &mut Context) -> Result {
    let unit = ctx.unit().to_string();
    for relation in ctx.endpoint("db")?.relations(ctx)? {
        relation.publish_fields(ctx, &json!({"user": unit, "wants": ["read", "write"]}))?;
        relation.request(ctx, &json!({"user": unit}))?;
    }
    ctx.set_flag("client.introduced")
}

trigger!(when_not = "endpoint.db.joined", clear = "client.introduced");

#[when_changed(endpoint = "db.host")]
fn write_servers(ctx: &mut Context) -> Result {
    let mut hosts = Vec::new();
    for unit in ctx.endpoint("db")?.units(ctx)? {
        hosts.extend(unit.received(ctx)?.get("host").map(|h| format!("{h}\n")));
    }
    ctx.write_file("/etc/servers", hosts.concat())
}

#[when_changed(endpoint = "db.password")]
fn write_password(ctx: &mut Context) -> Result {
    let mut password = String::new();
    for relation in ctx.endpoint("db")?.relations(ctx)? {
        let data = relation.received_app(ctx)?;
        if let Some(secret) = data.secret(ctx, "password")? {
            password.push_str(secret.expose());
        }
    }
    ctx.write_secret_file("/etc/password", password)
}

#[when("endpoint.db.all_responses")]
fn write_granted(ctx: &mut Context) -> Result {
    for request in ctx.endpoint("db")?.requests(ctx)? {
        let granted: Option<bool> = request.response(ctx)?;
        ctx.write_file("/etc/granted", granted.unwrap_or_default().to_string())?;
    }
    Ok(())
}
