//! All units agree on one password: the leader makes it, every unit writes it to a file.

use ensign::prelude::*;

/// Runs once, on the leader, as long as there is no password.
#[when("leadership.is_leader")]
#[when_not("leadership.set.admin_password")]
fn generate_secret(ctx: &mut Context) -> Result {
    let secret = ctx.password(32);
    ctx.leader_set([("admin_password", secret)])
}

/// Runs on every unit, the leader too, whenever the password is new to it.
#[when_changed(leader = "admin_password")]
fn store_secret(ctx: &mut Context) -> Result {
    if let Some(secret) = ctx.leader_get("admin_password")? {
        ctx.write_secret_file("/etc/foopass", &secret)?;
    }
    Ok(())
}
