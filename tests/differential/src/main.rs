//! Reads worlds, one JSON object a line, runs each under Ensign, and answers with one line each: which handlers ran
//! in which iteration, what they saw, and which flags and leader settings there were after each hook.

#![allow(
    clippy::unwrap_used,
    reason = "a world that cannot be read is a bug of the test, and its place says which"
)]

mod endpoint;
mod interpreter;
mod registry;
#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the library's own tests use more of it"
)]
#[path = "../../support/mod.rs"]
#[macro_use]
mod support;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};

use serde::Serialize;
use serde_json::{Value, json};
use support::{Ran, Unit};

use interpreter::Running;
use world::{Hook, World};

/// What remote units have answered, by relation and unit.
type Answered = BTreeMap<(String, String), BTreeMap<String, String>>;

// Worlds name endpoints at run time only.
ensign::endpoints!();

/// What one hook did.
#[derive(Debug, Serialize)]
struct Seen {
    ok: bool,
    error: Option<String>,
    runs: Vec<Run>,
    flags: Vec<String>,
    settings: Value,
    /// What this unit and its application have published, by relation and member.
    published: BTreeMap<String, BTreeMap<String, Value>>,
}

/// One run of a handler.
#[derive(Debug, Serialize)]
struct Run {
    phase: String,
    iteration: usize,
    handler: String,
    looks: Vec<String>,
}

fn main() {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let world: World = serde_json::from_str(&line.unwrap()).unwrap();
        let seen = live(&world);
        serde_json::to_writer(&mut out, &seen).unwrap();
        out.write_all(b"\n").unwrap();
        out.flush().unwrap();
    }
}

/// All hooks of one unit.
fn live(world: &World) -> Vec<Seen> {
    let registries: Vec<_> = world.versions.iter().map(registry::of).collect();
    let mut unit = Unit::new(&[]);
    unit.build["metadata"] = world.metadata.clone();
    unit.build["config"] = world.options.clone();
    if world.metadata.get("peers").is_some() {
        unit.juju.relate("cluster");
    }
    let mut seen = Vec::new();
    let mut there = BTreeSet::new();
    let mut answered = Answered::new();
    for hook in &world.hooks {
        let now: BTreeSet<&String> = hook.relations.iter().flat_map(BTreeMap::keys).collect();
        for gone in there.difference(&now) {
            unit.juju.break_relation(gone);
        }
        there = now;
        unit.registry = registries[hook.version].clone();
        unit.build["build"] = json!(hook.version.to_string());
        prepare(&unit, hook, &mut answered);
        Running::begin(&world.versions[hook.version], &unit.juju, hook.leader);
        let ran = match &hook.relation {
            Some(relation) => {
                let (_, event) = hook.hook.rsplit_once('-').unwrap();
                unit.relation_hook(relation, event, hook.unit.as_deref())
            }
            None => unit.hook(&hook.hook),
        };
        let looks = Running::end();
        unit.juju.mend("leader-set");
        let ok = ran.error.is_none();
        let runs = runs(&ran, looks);
        seen.push(Seen {
            ok,
            error: ran.error.map(|e| e.line()),
            runs,
            flags: flags(&unit),
            settings: json!(unit.juju.settings()),
            published: published(&unit, hook),
        });
        // Juju would run it again and again.
        if hook.relations.is_some() && !ok {
            break;
        }
    }
    seen
}

/// What this side has published, where there is anything; of JSON what it says, since there is more than one way to
/// write it.
fn published(unit: &Unit, hook: &Hook) -> BTreeMap<String, BTreeMap<String, Value>> {
    let mut all = BTreeMap::new();
    for id in hook.relations.iter().flat_map(BTreeMap::keys) {
        for who in ["charm", "charm/0"] {
            let bag = unit.juju.relation(id, |r| r.bag(who));
            if !bag.is_empty() {
                all.insert(format!("{id} {who}"), said(bag));
            }
        }
    }
    all
}

/// A bag that is not empty. Ids of own requests are random.
fn said(bag: BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let mut said = BTreeMap::new();
    let mut requests = Vec::new();
    for (key, text) in bag {
        if endpoint::is_plain(&key) {
            said.insert(key, json!(text));
            continue;
        }
        let mut value: Value = serde_json::from_str(&text).unwrap();
        if let Some(id) = key.strip_prefix("request_") {
            let named = value.as_object_mut().unwrap().remove("request_id");
            assert_eq!(named, Some(json!(id)));
            requests.push(value);
        } else {
            said.insert(key, value);
        }
    }
    if !requests.is_empty() {
        requests.sort_by_key(|asked| (asked["job"].to_string(), asked["size"].as_u64()));
        said.insert("requests".to_owned(), Value::Array(requests));
    }
    said
}

/// The remote unit of a hook answers, or takes its answer back.
fn hear(unit: &Unit, hook: &Hook, answered: &mut Answered) {
    answered.retain(|(relation, _), _| {
        let there = hook.relations.iter().flatten();
        there.into_iter().any(|(id, _)| id == relation)
    });
    let (Some(relation), Some(who)) = (&hook.relation, &hook.unit) else {
        return;
    };
    if hook.answers.is_empty() {
        return;
    }
    let said = answered.entry((relation.clone(), who.clone())).or_default();
    for (key, text) in unit.juju.relation(relation, |r| r.bag("charm/0")) {
        let Some(id) = key.strip_prefix("request_") else {
            continue;
        };
        let asked: Value = serde_json::from_str(&text).unwrap();
        let Some(answer) = hook.answers.get(asked["job"].as_str().unwrap()) else {
            continue;
        };
        let response = format!("response_{id}");
        match answer {
            Some(result) => said.insert(response, json!({"result": result}).to_string()),
            None => said.remove(&response),
        };
    }
}

/// What happened outside since the last hook.
fn prepare(unit: &Unit, hook: &Hook, answered: &mut Answered) {
    // What one hook was promised is over in the next.
    unit.wait(60);
    unit.juju.leader(hook.leader);
    for (option, value) in &hook.config {
        unit.juju.config(option, value.clone());
    }
    for (key, value) in &hook.elsewhere {
        match value {
            Some(value) => unit.juju.setting(key, value),
            None => unit.juju.remove_setting(key),
        }
    }
    for (id, relation) in hook.relations.iter().flatten() {
        unit.juju.relate_to(id, &relation.app);
    }
    hear(unit, hook, answered);
    for (id, relation) in hook.relations.iter().flatten() {
        unit.juju.relation(id, |known| {
            known.members = relation.units.keys().cloned().collect();
            let units = relation.units.iter().chain(&relation.gone);
            for (who, data) in units.chain([(&relation.app, &relation.data)]) {
                let before = known.bag(who);
                let answers = answered.get(&(id.clone(), who.clone()));
                let data: BTreeMap<_, _> =
                    data.iter().chain(answers.into_iter().flatten()).collect();
                let gone = before.keys().filter(|key| !data.contains_key(key));
                let gone = gone.map(|key| (key.as_str(), ""));
                let pairs = data.iter().map(|(k, v)| (k.as_str(), v.as_str()));
                known.data(who, &gone.chain(pairs).collect::<Vec<_>>());
            }
        });
    }
    if hook.broken {
        let text = "ERROR cannot write leadership settings: cannot write settings: no space left\n";
        unit.juju.answer("leader-set", 1, "", text);
    }
}

/// The flags on disk, less the one that charms.reactive has not.
fn flags(unit: &Unit) -> Vec<String> {
    let mut flags = unit.stored_flags();
    flags.retain(|flag| flag != "upgrade.charm");
    flags
}

/// Every run with its phase and iteration, as the tracer told them in order.
fn runs(ran: &Ran, looks: Vec<Vec<String>>) -> Vec<Run> {
    let mut looks = looks.into_iter();
    let mut place = (String::new(), 0);
    let mut runs = Vec::new();
    for event in &ran.events {
        if let Some(queue) = event.strip_prefix("Queue { phase: \"") {
            let (phase, rest) = queue.split_once("\", iteration: ").unwrap();
            let (iteration, _) = rest.split_once(',').unwrap();
            place = (phase.to_owned(), iteration.parse().unwrap());
        } else if let Some(handler) = event.strip_prefix("Run { handler: \"") {
            runs.push(Run {
                phase: place.0.clone(),
                iteration: place.1,
                handler: handler.trim_end_matches("\" }").to_owned(),
                looks: looks.next().unwrap_or_default(),
            });
        }
    }
    runs
}
