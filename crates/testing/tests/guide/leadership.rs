//! Leadership: the code of `docs/leadership.md`, and what it does.

use ensign::prelude::*;

#[when("leadership.is_leader")]
#[when_not("leadership.set.cluster_id")]
fn name_cluster(ctx: &mut Context) -> Result {
    let id = format!("{}-{}", ctx.model(), ctx.app());
    ctx.leader_set([("cluster_id", id)])
}

#[when_changed(leader = "cluster_id")]
fn write_cluster_id(ctx: &mut Context) -> Result {
    let id = ctx.leader_get("cluster_id")?;
    ctx.write_file("/etc/cluster-id", id.as_deref().unwrap_or_default())
}

#[derive(LeaderSettings)]
struct Primary {
    host: String,
    port: u16,
}

#[when("leadership.is_leader")]
#[when_not("leadership.set.host")]
fn choose_primary(ctx: &mut Context) -> Result {
    let host = ctx.unit_address()?.unwrap_or_default();
    Primary { host, port: 5432 }.store(ctx)
}

#[when_changed(leader = "host", leader = "port")]
fn follow_primary(ctx: &mut Context) -> Result {
    let address = match Primary::load(ctx)? {
        Some(primary) => format!("{}:{}\n", primary.host, primary.port),
        None => String::new(),
    };
    ctx.write_file("/etc/primary", address)
}

#[when("leadership.is_leader")]
#[when_not("leadership.set.epoch")]
fn begin(ctx: &mut Context, leader: Leader) -> Result {
    leader.set(ctx, [("epoch", "1")])
}

#[when("leadership.is_leader")]
#[when_not("backup.scheduled")]
fn schedule_backups(ctx: &mut Context) -> Result {
    ctx.write_file(
        "/etc/cron.d/backup",
        "0 3 * * * root /usr/local/bin/backup\n",
    )?;
    ctx.set_flag("backup.scheduled")
}

#[when("backup.scheduled")]
#[when_not("leadership.is_leader")]
fn leave_backups_to_the_leader(ctx: &mut Context) -> Result {
    ctx.write_file("/etc/cron.d/backup", "")?;
    ctx.clear_flag("backup.scheduled")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::{PROFILES, charm, file, leader, model};

    #[test]
    fn what_the_leader_decides_reaches_every_unit() {
        for profile in PROFILES {
            let mut sim = model(profile, &charm("leadership", Value::Null, Value::Null));
            sim.settle().unwrap();
            let id = file(&sim, "/etc/cluster-id").unwrap();
            assert!(id.ends_with("-charm"), "{id}");
            let primary = file(&sim, "/etc/primary").unwrap();
            assert!(primary.ends_with(":5432\n"), "{primary}");
        }
    }

    #[test]
    fn backups_move_with_the_leadership() {
        for profile in PROFILES {
            let mut sim = model(profile, &charm("leadership", Value::Null, Value::Null));
            sim.settle().unwrap();
            let first = leader(&sim);
            sim.model().partition(&first).unwrap();
            sim.settle().unwrap();
            let second = leader(&sim);
            assert_ne!(first, second);
            sim.model().heal(&first).unwrap();
            sim.advance(std::time::Duration::from_secs(400));
            sim.settle().unwrap();
            for (unit, text) in sim.files("charm", "/etc/cron.d/backup") {
                let scheduled = text.is_some_and(|text| text.contains("backup"));
                assert_eq!(scheduled, unit == second, "{unit}");
            }
        }
    }
}
