//! A hook that removes an old revision of the leader's secret, and gives it a new value as well.

use ensign::handler::Registry;
use ensign::prelude::{Leadership, Secret};
use ensign_testing::{Charm, Profile, Sim};
use serde_json::{Map, Value, json};

/// Of two calls for one secret in a hook Juju keeps the last: the new value must not be the one that is lost.
#[test]
fn a_value_written_where_a_revision_is_removed_is_not_lost() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        let handlers = vec![
            handler!("make", [hook!("start")], |ctx| {
                if ctx.is_leader()? {
                    ctx.leader_set([("k", Secret::new("first"))])?;
                }
                Ok(())
            }),
            handler!("rotate", [action!("rotate")], |ctx| {
                ctx.leader_set([("k", Secret::new("second"))])
            }),
            handler!("again", [hook!("secret-remove")], |ctx| {
                ctx.leader_set([("k", Secret::new("third"))])
            }),
            handler!("store", [changed!("leader" = "k")], |ctx| {
                let value = ctx.leader_get("k")?;
                ctx.write_secret_file("/etc/k", value.as_deref().unwrap_or("none"))
            }),
        ];
        let documents = ensign_testing::Documents {
            metadata: json!({"name": "charm", "summary": "a test", "description": "a test",
                "peers": {"cluster": {"interface": "charm-peers"}}}),
            config: Value::Null,
            actions: json!({"rotate": {}}),
        };
        let charm = Charm::of(Registry::new(handlers, []), &documents, &Value::Null).unwrap();
        let mut sim = Sim::new(profile, 7);
        sim.deploy("charm", &charm, 2).unwrap();
        sim.settle().unwrap();
        let leader = sim.model().status().applications["charm"].leader.clone();
        sim.model()
            .run_action(&leader.unwrap(), "rotate", Map::new())
            .unwrap();
        sim.settle().unwrap();
        for (unit, text) in sim.files("charm", "/etc/k") {
            assert_eq!(text.as_deref(), Some("third"), "{profile:?} {unit}");
        }
    }
}
