//! Whatever a charm types: an answer, never a panic, and an exit code of 0, 1 or 2.

use std::collections::BTreeMap;

use ensign_model::conformance::Case;
use ensign_model::{Answer, Call, ContextId, Exit, Profile, tools};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::json;

use crate::support::{BOTH, Sim, peered};

/// What arguments are made of: options, values that mean something, and anything at all.
fn argument() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "--help", "-h", "--", "-", "", "--format", "--format=json", "--format=yaml", "--format", "json", "smart",
            "-o", "--output", "out", "-r", "--relation", "cluster:0", "0", ":0", "x:9", "--app", "--application",
            "--application=true", "--file", "--file=-", "file", "--strict", "--all", "-a", "-az", "--include-data",
            "-l", "--labels", "--log-level", "ERROR", "-s", "data/0", "data", "--endpoints", "cluster,", "80/tcp",
            "80-90", "icmp", "app", "app/0", "app/9", "k=v", "k=", "=", "k", "active", "blocked", "private-address",
            "--now", "cluster", "--primary-address", "--bind-address", "--ingress-address", "--label", "--owner",
            "unit", "--peek", "--refresh", "secret:dpinesr5cdp6at1g60o0", "--revision", "1", "--unit", "--expire",
            "1h", "--rotate", "daily", "--description", "mon", "docker", "id", "running", "data=2", "a.b=c",
        ])
        .prop_map(str::to_owned),
        1 => "-{0,3}[a-z]{0,3}=?[ -~]{0,5}",
        1 => any::<String>(),
    ]
}

fn arguments() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(argument(), 0..6)
}

/// Calls a tool with whatever stdin it asks for.
fn call(sim: &mut Sim, context: &ContextId, argv: &[String], stdin: &[u8]) -> i32 {
    let mut call = Call {
        argv,
        stdin: None,
        cwd: "/charm",
    };
    let mut answer = sim.model.tool(context, &call, &mut sim.files);
    if answer == Answer::NeedsStdin {
        call.stdin = Some(stdin);
        answer = sim.model.tool(context, &call, &mut sim.files);
    }
    answer.result().expect("stdin was given").code
}

/// A hook of each kind a tool can tell apart, still running.
fn contexts(profile: Profile) -> [(Sim, ContextId); 3] {
    let mut commands = Sim::new(profile);
    let charm = peered().with_action("go");
    let unit = commands.model.deploy("app", charm.clone(), 2).unwrap()[0].clone();
    let hook = commands.until_hook(&unit, "cluster-relation-changed");
    let mut action = Sim::new(profile);
    let unit = action.model.deploy("app", charm, 1).unwrap()[0].clone();
    action.settle();
    action
        .model
        .run_action(&unit, "go", serde_json::Map::new())
        .unwrap();
    let go = action.until_hook(&unit, "go");
    let (mut plain, units) = Sim::settled(profile, 1);
    let run = plain.enter(&units[0]);
    [
        (commands, hook.context),
        (action, go.context),
        (plain, run.context),
    ]
}

#[test]
fn every_call_is_answered_with_a_code_that_juju_knows() {
    for profile in BOTH {
        let names = tools(profile);
        let mut contexts = contexts(profile);
        let strategy = (
            prop::sample::select(names.clone()),
            arguments(),
            prop::collection::vec(any::<u8>(), 0..40),
            0..contexts.len(),
        );
        let mut codes: BTreeMap<i32, u32> = BTreeMap::new();
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        for _ in 0..8000 {
            let (name, args, stdin, at) = strategy.new_tree(&mut runner).unwrap().current();
            let argv: Vec<String> = std::iter::once(name.to_owned()).chain(args).collect();
            let (sim, context) = &mut contexts[at];
            let code = call(sim, context, &argv, &stdin);
            assert!((0..=2).contains(&code), "{argv:?}: {code}");
            *codes.entry(code).or_default() += 1;
        }
        assert!(
            codes.len() == 3 && codes.values().all(|count| *count > 150),
            "calls of every kind were made: {codes:?}"
        );
        // What was buffered is committed or refused as a whole; either way the hook has an end.
        for (sim, context) in &mut contexts {
            let _ = sim.model.finish(context, Exit::Code(0)).unwrap();
        }
    }
}

#[test]
fn a_restricted_context_answers_every_call_too() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let names = tools(Profile::V3_6);
    let strategy = (prop::sample::select(names), arguments());
    for _ in 0..2000 {
        let (name, args) = strategy.new_tree(&mut runner).unwrap().current();
        let argv: Vec<String> = std::iter::once(name.to_owned()).chain(args).collect();
        let case = json!({
            "id": "x/0000",
            "context": {"unit": "redis/0", "kind": "restricted", "hook": "collect-metrics", "metrics": ["pings"]},
            "calls": [{"argv": argv, "code": 77}], "effects": {},
        });
        let case: Case = serde_json::from_value(case).unwrap();
        let difference = case.replay(Profile::V3_6).unwrap_err().to_string();
        let code = difference
            .strip_prefix("call 0: exit code: expected 77, found ")
            .unwrap_or_else(|| panic!("{argv:?}: {difference}"));
        assert!(["0", "1", "2"].contains(&code), "{argv:?}: {code}");
    }
}
