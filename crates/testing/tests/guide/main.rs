//! The pages that say how to do things: their code stands here, runs in a model, and does what they say.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod leadership;
mod rolling;
mod secrets;

use std::collections::BTreeSet;
use std::path::Path;

use ensign::handler::{HANDLERS, Registry};
use ensign::{Handler, TRIGGERS};
use ensign_testing::{Charm, Documents, Profile, Sim, UnitName};
use serde_json::{Value, json};

const PROFILES: [Profile; 2] = [Profile::V3_6, Profile::V4_0];

/// A charm of the handlers of one of the modules, with peers and these options and actions.
fn charm(page: &str, config: Value, actions: Value) -> Charm {
    let file = format!("{page}.rs");
    let handlers: Vec<&'static Handler> = HANDLERS
        .iter()
        .filter(|handler| handler.file.ends_with(&file))
        .collect();
    assert!(!handlers.is_empty());
    let triggers = TRIGGERS
        .iter()
        .filter(|trigger| trigger.file.ends_with(&file));
    let documents = Documents {
        metadata: json!({"name": "charm", "summary": "a test", "description": "a test",
                         "peers": {"cluster": {"interface": "charm-peers"}}}),
        config,
        actions,
    };
    Charm::of(Registry::new(handlers, triggers), &documents, &Value::Null).unwrap()
}

/// Three units of it.
fn model(profile: Profile, charm: &Charm) -> Sim {
    let mut sim = Sim::new(profile, 7);
    sim.deploy("charm", charm, 3).unwrap();
    sim
}

fn leader(sim: &Sim) -> UnitName {
    let status = sim.model().status();
    status.applications["charm"].leader.clone().unwrap()
}

/// What all living units have in a file.
#[track_caller]
fn file(sim: &Sim, path: &str) -> Option<String> {
    let all: BTreeSet<Option<String>> = sim.files("charm", path).into_values().collect();
    assert_eq!(all.len(), 1, "units disagree");
    all.into_iter().next().unwrap()
}

fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            found.push(block.join("\n"));
        }
    }
    found
}

#[test]
fn the_pages_show_the_code_that_is_tested() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in ["leadership", "secrets", "rolling"] {
        let text = std::fs::read_to_string(here.join(format!("../../docs/{page}.md"))).unwrap();
        let code = std::fs::read_to_string(here.join(format!("tests/guide/{page}.rs"))).unwrap();
        let shown = blocks(&text, "rust");
        assert!(!shown.is_empty(), "{page}.md shows no code");
        for block in shown {
            assert!(
                code.contains(&block),
                "docs/{page}.md shows what tests/guide/{page}.rs has not:\n{block}"
            );
        }
    }
}
