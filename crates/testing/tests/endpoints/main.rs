//! Two related applications in a model: data both ways, units that come and go, the end of the relation, kills.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod client;
mod kills;
mod life;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use ensign::handler::{HANDLERS, Registry};
use ensign::{Handler, TRIGGERS};
use ensign_model::Documents;
use ensign_testing::{Charm, Profile, Sim};
use serde_json::{Value, json};

const PROFILES: [Profile; 3] = [Profile::V3_6, Profile::V4_0Early, Profile::V4_0];

/// The handlers and triggers of one of the two modules.
fn registry(file: &str) -> Registry {
    let handlers: Vec<&'static Handler> =
        HANDLERS.iter().filter(|h| h.file.ends_with(file)).collect();
    let triggers = TRIGGERS.iter().filter(|t| t.file.ends_with(file));
    assert!(!handlers.is_empty());
    Registry::new(handlers, triggers)
}

fn charm(name: &str, endpoints: &Value) -> Charm {
    let mut metadata = json!({"name": name, "summary": "a test", "description": "a test"});
    let all = metadata.as_object_mut().unwrap();
    all.extend(endpoints.as_object().unwrap().clone());
    let documents = Documents {
        metadata,
        config: Value::Null,
        actions: json!({"rotate": {}}),
    };
    Charm::of(registry(&format!("{name}.rs")), &documents, &Value::Null).unwrap()
}

/// `server` with so many units, related to `client` with two.
fn model(profile: Profile, seed: u64, servers: u32) -> Sim {
    let server = charm(
        "server",
        &json!({"provides": {"sql": {"interface": "sql"}, "admin": {"interface": "sql"}},
                "peers": {"cluster": {"interface": "server-peers"}}}),
    );
    let client = charm("client", &json!({"requires": {"db": {"interface": "sql"}}}));
    let mut sim = Sim::new(profile, seed);
    sim.deploy("server", &server, servers).unwrap();
    sim.deploy("client", &client, 2).unwrap();
    sim.model()
        .integrate(("server", "sql"), ("client", "db"))
        .unwrap();
    sim
}

/// What every living unit of an application has in a file, if all have the same.
fn file(sim: &Sim, application: &str, path: &str) -> String {
    let files: BTreeMap<_, _> = sim.files(application, path);
    let different: BTreeSet<_> = files.values().collect();
    assert_eq!(
        different.len(),
        1,
        "units of {application} disagree: {files:?}"
    );
    let one = different.first().copied().cloned().flatten();
    one.unwrap_or_else(|| panic!("no `{path}` on {application}"))
}

/// The names of an application's living units, each on a line.
fn names(sim: &Sim, application: &str) -> String {
    sim.files(application, "/")
        .keys()
        .map(|unit| format!("{unit}\n"))
        .collect()
}

/// Everything has reached everybody.
fn check(sim: &Sim) {
    assert_eq!(file(sim, "client", "/etc/servers"), names(sim, "server"));
    assert_eq!(file(sim, "server", "/etc/users"), names(sim, "client"));
    let password = file(sim, "client", "/etc/password");
    assert_eq!(password.len(), 16, "{password:?}");
    assert!(!sim.model().everything_readable().contains(&password));
    assert_eq!(file(sim, "client", "/etc/granted"), "true");
}
