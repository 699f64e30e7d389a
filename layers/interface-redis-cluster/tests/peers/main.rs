//! Units that tell each other of their servers, in a model.

#![allow(missing_docs, clippy::unwrap_used)]

use ensign::handler::{CrateOrder, Registry};
use ensign::prelude::*;
use ensign_testing::{Charm, Documents, Profile, Sim};
use interface_redis_cluster::{Member, Peers};
use serde_json::{Value, json};

#[hook("start")]
fn tell(ctx: &mut Context) -> Result {
    let member = Member {
        hostname: format!("host-{}", ctx.unit().number()),
        port: 6379,
    };
    ctx.endpoint("cluster")?.redis_tell(ctx, &member)
}

/// In every hook.
#[when("cluster.available")]
fn list(ctx: &mut Context) -> Result {
    let cluster = ctx.endpoint("cluster")?;
    if ctx.hook().name() == "update-status" {
        cluster.redis_forget_removed(ctx)?;
    }
    let members = cluster.redis_members(ctx)?;
    let lines = members.iter().map(|(unit, member)| match member {
        Some(member) => format!("{unit} {}\n", member.address()),
        None => format!("{unit}\n"),
    });
    ctx.write_file("/etc/members", lines.collect::<String>())
}

fn model(profile: Profile) -> Sim {
    let documents = Documents {
        metadata: json!({"name": "redis", "summary": "a test", "description": "a test",
            "peers": {"cluster": {"interface": "redis-cluster"}}}),
        config: Value::Null,
        actions: Value::Null,
    };
    let order = CrateOrder::new(["interface_redis_cluster", "peers"]);
    let charm = Charm::of(Registry::linked(order), &documents, &Value::Null).unwrap();
    let mut sim = Sim::new(profile, 7);
    sim.deploy("redis", &charm, 3).unwrap();
    sim.settle().unwrap();
    sim
}

#[test]
fn all_units_know_all_servers_and_a_steady_hook_reads_nothing() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        let mut sim = model(profile);
        let all = "redis/0 host-0:6379\nredis/1 host-1:6379\nredis/2 host-2:6379\n";
        for (unit, members) in sim.files("redis", "/etc/members") {
            assert_eq!(members.as_deref(), Some(all), "{unit}");
        }
        sim.advance(std::time::Duration::from_secs(400));
        sim.settle().unwrap();
        for unit in sim.files("redis", "/").into_keys() {
            let last = sim.model().history(&unit).last().cloned().unwrap();
            assert_eq!(last.hook, "update-status");
            assert!(
                last.tools.iter().all(|tool| tool != "relation-get"),
                "{:?}",
                last.tools
            );
        }
    }
}

#[test]
fn a_removed_unit_is_left_out_even_where_juju_lists_it() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        let mut sim = model(profile);
        let lost = sim.files("redis", "/").into_keys().next().unwrap();
        sim.model().kill_unit(&lost).unwrap();
        sim.model().remove_unit_forced(&lost).unwrap();
        sim.settle().unwrap();
        sim.advance(std::time::Duration::from_secs(400));
        sim.settle().unwrap();
        for (unit, members) in sim.files("redis", "/etc/members") {
            let members = members.unwrap();
            assert!(
                !members.contains(lost.as_str()),
                "{profile:?} {unit}: {members}"
            );
            assert_eq!(members.lines().count(), 2);
        }
    }
}
