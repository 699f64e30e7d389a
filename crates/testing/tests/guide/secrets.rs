//! Secrets: the code of `docs/secrets.md`, and what it does.

use ensign::prelude::*;

#[when("leadership.is_leader")]
#[when_not("leadership.set.password")]
fn make_password(ctx: &mut Context) -> Result {
    let password = ctx.password(32);
    ctx.leader_set([("password", password)])
}

#[when_changed(leader = "password")]
fn use_password(ctx: &mut Context) -> Result {
    if let Some(password) = ctx.leader_get("password")? {
        ctx.write_secret_file("/etc/mycharm/password", &password)?;
    }
    Ok(())
}

#[hook("secret-rotate")]
fn rotate(ctx: &mut Context) -> Result {
    let password = ctx.password(32);
    ctx.leader_set([("password", password)])
}

#[action("rotate-password")]
fn rotate_now(ctx: &mut Context) -> Result {
    ctx.ensure_leader()?;
    let password = ctx.password(32);
    ctx.leader_set([("password", password)])
}

#[when("mycharm.running")]
#[when_changed(leader = "password")]
fn tell_server(ctx: &mut Context) -> Result {
    if let Some(password) = ctx.leader_get("password")? {
        ctx.command("mycharm-admin")
            .arg("set-password")
            .input(password.as_bytes())
            .run()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::{PROFILES, charm, file, leader, model};

    const FILE: &str = "/etc/mycharm/password";

    #[test]
    fn every_unit_has_the_password_and_the_action_changes_it() {
        for profile in PROFILES {
            let actions = json!({"rotate-password": {}});
            let mut sim = model(profile, &charm("secrets", Value::Null, actions));
            sim.settle().unwrap();
            let before = file(&sim, FILE).unwrap();
            assert_eq!(before.len(), 32);
            let leader = leader(&sim);
            sim.model()
                .run_action(&leader, "rotate-password", serde_json::Map::new())
                .unwrap();
            sim.settle().unwrap();
            let after = file(&sim, FILE).unwrap();
            assert_eq!(after.len(), 32);
            assert_ne!(before, after);
            let readable = sim.model().everything_readable();
            assert!(!readable.contains(&before) && !readable.contains(&after));
        }
    }
}
