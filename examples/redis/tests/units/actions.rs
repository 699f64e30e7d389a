//! What an operator asks of a unit, and what monitoring is given.

use ensign::handler::Registry;
use ensign_testing::Charm;
use ensign_testing::model::Documents;
use serde_json::{Map, Value, json};

use crate::world::{PROFILES, World};

fn params(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[test]
fn what_was_backed_up_is_restored_on_all_units() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 2, &[]);
        world.settle();
        let primary = world.check();
        let password = world.password();
        let say = |world: &World, command: &str| {
            world
                .fleet
                .say(&primary, "127.0.0.1", 6379, &password, command)
        };
        assert!(say(&world, "SET a old\n").starts_with("OK"));
        let told = world.action(&primary, "backup", Map::new());
        let path = told["path"].clone();
        assert!(path.starts_with("/var/backups/redis/"), "{told:?}");
        assert!(say(&world, "SET a new\n").starts_with("OK"));
        let replica = world
            .units()
            .into_iter()
            .find(|unit| *unit != primary)
            .unwrap();
        let refused = world.action(&replica, "restore", params(&json!({"path": path})));
        assert_eq!(
            refused["message"],
            "only the primary can be restored: the others follow it"
        );
        let refused = world.action(&primary, "restore", params(&json!({"path": "/nowhere"})));
        assert_eq!(refused["message"], "there is no such file on this unit");
        assert_eq!(say(&world, "GET a\n"), "new\n");
        world.action(&primary, "restore", params(&json!({"path": path})));
        world.pass(1);
        assert_eq!(world.check(), primary);
        assert_eq!(say(&world, "GET a\n"), "old\n");
        let replicas = world
            .fleet
            .say(&replica, "127.0.0.1", 6379, &password, "GET a\n");
        assert_eq!(replicas, "old\n");
        assert!(say(&world, "SET a newer\n").starts_with("OK"));
    }
}

#[test]
fn cluster_info_tells_of_replicas_and_of_nodes() {
    let mut world = World::deployed(PROFILES[1], 2, &[]);
    world.settle();
    let primary = world.check();
    let told = world.action(&primary, "cluster-info", Map::new());
    assert_eq!(
        (&*told["role"], &*told["connected-slaves"]),
        ("master", "1")
    );
    let mut world = World::deployed(PROFILES[1], 3, &[("cluster-enabled", "true")]);
    world.settle();
    let leader = world.leader();
    let told = world.action(&leader, "cluster-info", Map::new());
    assert_eq!(told["cluster-state"], "ok");
    assert!(told["node-2"].contains("connected"), "{told:?}");
}

#[test]
fn nagios_is_given_checks_that_know_no_password() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 1, &[("nagios_context", "here")]);
        let metadata = json!({"name": "nrpe", "summary": "a test", "description": "a test", "subordinate": true,
            "requires": {"nrpe": {"interface": "nrpe-external-master", "scope": "container"}}});
        let documents = Documents {
            metadata,
            config: Value::Null,
            actions: Value::Null,
        };
        let nrpe = Charm::of(Registry::new([], []), &documents, &Value::Null).unwrap();
        world.sim.deploy("nrpe", &nrpe, 0).unwrap();
        world
            .sim
            .model()
            .integrate(("redis", "nrpe-external-master"), ("nrpe", "nrpe"))
            .unwrap();
        world.settle();
        world.set("port", "6400");
        world.settle();
        let password = world.password();
        let unit = world.units().remove(0);
        let disk = world.sim.disk(&unit);
        let check = disk.text("/etc/nagios/nrpe.d/check_redis.cfg").unwrap();
        assert!(
            check.contains("command[check_redis]=") && check.contains("-p 6400"),
            "{check}"
        );
        assert!(!check.contains(&password));
        let readable = world.sim.model().everything_readable();
        assert!(
            readable.contains("here-redis-0") && readable.contains("check_redis_process"),
            "{readable}"
        );
    }
}
