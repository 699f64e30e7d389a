//! Charms whose leader makes a value, which operators replace and remove.

use ensign::handler::{Clause, Registry, Source};
use ensign::prelude::*;
use ensign::{Handler, IntoOutcome};
use ensign_testing::campaign::{Step, Subject, Watch};
use ensign_testing::{Charm, Documents};
use serde_json::{Map, Value, json};

const FILE: &str = "/etc/k";

macro_rules! handler {
    ($id:literal, [$($clause:expr),*], $run:expr) => {{
        static HANDLER: Handler = Handler {
            id: $id,
            krate: "charm",
            file: "reactive/charm.rs",
            line: line!(),
            clauses: &[$($clause),*],
            sets: &[],
            clears: &[],
            before: &[],
            after: &[],
            was: &[],
            interface: None,
            endpoint: None,
            endpoints: None,
            run: |ctx| {
                let run: fn(&mut Context) -> Result = $run;
                run(ctx).into_outcome()
            },
        };
        &HANDLER
    }};
}

const LEADS: Clause = Clause::When(&[Flag::new("leadership.is_leader")]);
const NONE_YET: Clause = Clause::WhenNot(&[
    Flag::new("leadership.set.k"),
    Flag::new("leadership.set.revoked"),
]);
const CHANGED: Clause = Clause::WhenChanged(&[Source {
    kind: "leader",
    key: "k",
}]);

fn store(ctx: &mut Context) -> Result {
    let value = ctx.leader_get("k")?;
    ctx.write_secret_file(FILE, value.as_deref().unwrap_or("none"))
}

/// What every charm here does: a flag of its own, in hooks that change nothing else.
fn common() -> Vec<&'static Handler> {
    vec![
        handler!("store", [CHANGED], store),
        handler!("ready", [Clause::Hook(&["config-changed"])], |ctx| ctx
            .set_flag("ready")),
        handler!("revoke", [Clause::Action(&["revoke"])], |ctx| {
            ctx.leader_set([("k", ""), ("revoked", "yes")])
        }),
    ]
}

/// The leader makes a plain value.
pub(crate) fn plain() -> Subject {
    let mut handlers = common();
    handlers.push(handler!("make", [LEADS, NONE_YET], |ctx| {
        let value = ctx.password(16);
        ctx.leader_set([("k", value.expose())])
    }));
    handlers.push(handler!("rotate", [Clause::Action(&["rotate"])], |ctx| {
        let value = ctx.password(16);
        ctx.leader_set([("k", value.expose())])
    }));
    subject(handlers, true, &Value::Null).watch(watch())
}

/// The leader makes a secret value; with a peer relation, or, on 3.6, without.
pub(crate) fn secret(peers: bool) -> Subject {
    let mut handlers = common();
    handlers.push(handler!("make", [LEADS, NONE_YET], |ctx| {
        let value = ctx.password(16);
        ctx.leader_set([("k", value)])
    }));
    handlers.push(handler!("rotate", [Clause::Action(&["rotate"])], |ctx| {
        let value = ctx.password(16);
        ctx.leader_set([("k", value)])
    }));
    let options = json!({"leadership": {"secret": ["k"]}});
    subject(handlers, peers, &options).watch(watch())
}

/// Nobody makes a value by himself: operators write plain ones, and remove them.
pub(crate) fn operated() -> Subject {
    subject(
        vec![handler!("store", [CHANGED], store)],
        true,
        &Value::Null,
    )
    .step(Step::exec("unset", "charms.reactive leader_set k=").revokes())
    .watch(watch())
}

fn watch() -> Watch {
    Watch::key("k").file(FILE).absent_as("none")
}

fn subject(handlers: Vec<&'static Handler>, peers: bool, options: &Value) -> Subject {
    let mut metadata = json!({"name": "charm", "summary": "a test", "description": "a test"});
    if peers {
        metadata["peers"] = json!({"cluster": {"interface": "charm-peers"}});
    }
    let documents = Documents {
        metadata,
        config: Value::Null,
        actions: json!({"rotate": {}, "revoke": {}}),
    };
    let charm = Charm::of(Registry::new(handlers, []), &documents, options).unwrap();
    Subject::new("charm", &charm)
        .step(Step::action("rotate", "rotate", Map::new()))
        .step(Step::action("revoke", "revoke", Map::new()).revokes())
        .step(Step::exec("write", "charms.reactive leader_set k={value}"))
        .step(Step::exec(
            "write-and-flag",
            "charms.reactive leader_set k={value} ; charms.reactive set_flag written",
        ))
}
