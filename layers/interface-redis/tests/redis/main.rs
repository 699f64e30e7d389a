//! Both sides of the interface in a model: what is offered reaches a client, a new password too, and the server learns
//! who uses it.

#![allow(missing_docs, clippy::unwrap_used)]

mod client;
mod server;

use ensign::handler::{HANDLERS, Registry};
use ensign::{Handler, TRIGGERS};
use ensign_testing::{Charm, Documents, Profile, Sim};
use serde_json::{Map, Value, json};

/// The handlers of the interface and those of one of the two charms.
fn charm(name: &str, endpoints: &Value) -> Charm {
    let own = format!("redis/{name}.rs");
    let ours = |file: &str| file.ends_with(&own) || !file.contains("tests/");
    let handlers: Vec<&'static Handler> = HANDLERS.iter().filter(|h| ours(h.file)).collect();
    let triggers = TRIGGERS.iter().filter(|t| ours(t.file));
    let mut metadata = json!({"name": name, "summary": "a test", "description": "a test"});
    let all = metadata.as_object_mut().unwrap();
    all.extend(endpoints.as_object().unwrap().clone());
    let documents = Documents {
        metadata,
        config: Value::Null,
        actions: json!({"rotate": {}}),
    };
    Charm::of(Registry::new(handlers, triggers), &documents, &Value::Null).unwrap()
}

fn related(profile: Profile) -> Sim {
    let server = charm(
        "server",
        &json!({"provides": {"redis": {"interface": "redis"}}}),
    );
    let client = charm(
        "client",
        &json!({"requires": {"kv": {"interface": "redis"}}}),
    );
    let mut sim = Sim::new(profile, 7);
    sim.deploy("server", &server, 1).unwrap();
    sim.deploy("client", &client, 1).unwrap();
    sim.model()
        .integrate(("server", "redis"), ("client", "kv"))
        .unwrap();
    sim.settle().unwrap();
    sim
}

fn file(sim: &Sim, application: &str, path: &str) -> Option<String> {
    let files = sim.files(application, path);
    files.into_values().next().flatten()
}

#[test]
fn what_is_offered_reaches_a_client_and_so_does_a_new_password() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        let mut sim = related(profile);
        let told = file(&sim, "client", "/etc/told").unwrap();
        assert_eq!(told, "Standalone 10.0.0.9:6379 first available");
        assert_eq!(file(&sim, "server", "/etc/used").unwrap(), "true");
        let unit = sim.files("server", "/").into_keys().next().unwrap();
        let model = |sim: &Sim| sim.model().everything_readable();
        assert!(!model(&sim).contains("first"), "it is a secret");
        sim.model().run_action(&unit, "rotate", Map::new()).unwrap();
        sim.settle().unwrap();
        let told = file(&sim, "client", "/etc/told").unwrap();
        assert_eq!(told, "Standalone 10.0.0.9:6379 second available");
        assert!(model(&sim).contains("hostname"), "the unit's own server");
    }
}

#[test]
fn without_a_relation_nothing_is_available() {
    let mut sim = related(Profile::V4_0);
    sim.model().remove_application("server").unwrap();
    sim.settle().unwrap();
    assert_eq!(file(&sim, "client", "/etc/told").unwrap(), "nothing");
}
