//! Whatever is registered, there is a list of findings: each with a code, a place and something to do.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::sample::{Sample, handler};
use super::*;

const FLAGS: [&str; 10] = [
    "a",
    "b",
    "c",
    "d.*",
    "d.e",
    "leadership.is_leader",
    "leadership.set.k",
    "config.set.port",
    "endpoint.{endpoint_name}.joined",
    "endpoint.db.changed",
];

const KINDS: [&str; 12] = [
    "when",
    "when_any",
    "when_not",
    "when_not_all",
    "not_unless",
    "when_changed",
    "hook",
    "action",
    "only_once",
    "collect_metrics",
    "",
    "nonsense",
];

const WORDS: [&str; 9] = [
    "leader=k",
    "config=port",
    "endpoint=db.x",
    "file",
    "{db,cache}-relation-{joined,changed}",
    "{requires:x}{",
    "install",
    "",
    "🦀-relation-joined",
];

fn flags() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(&FLAGS[..]), 0..4)
}

fn handlers() -> impl Strategy<Value = Json> {
    let args = prop_oneof![
        flags(),
        prop::collection::vec(prop::sample::select(&WORDS[..]), 0..3)
    ];
    let conditions = prop::collection::vec((prop::sample::select(&KINDS[..]), args), 0..4);
    let ids = prop::collection::vec(0_u8..12, 0..3);
    (
        0_u8..12,
        conditions,
        flags(),
        flags(),
        ids.clone(),
        ids,
        any::<bool>(),
    )
        .prop_map(|(id, conditions, sets, clears, before, was, calls)| {
            let conditions: Vec<(&str, &[&str])> = conditions
                .iter()
                .map(|(kind, args)| (*kind, args.as_slice()))
                .collect();
            let mut record = handler(&format!("t::h{id}"), &conditions);
            let names = |ids: Vec<u8>| {
                ids.into_iter()
                    .map(|id| format!("t::h{id}"))
                    .collect::<Vec<_>>()
            };
            record["sets"] = json!(sets);
            record["clears"] = json!(clears);
            record["before"] = json!(names(before));
            record["was"] = json!(names(was));
            if calls {
                record["calls"] = json!(["leader_set"]);
            }
            record
        })
}

fn triggers() -> impl Strategy<Value = Json> {
    (any::<bool>(), flags(), flags(), flags()).prop_map(|(on_set, cause, set, clear)| {
        let mut record = json!({"schema": 1, "kind": "trigger", "file": "f.rs", "line": 3, "set": set, "clear": clear});
        record[if on_set { "when" } else { "when_not" }] = json!(cause.first());
        record
    })
}

proptest! {
    #[test]
    fn any_registry_makes_a_list(
        handlers in prop::collection::vec(handlers(), 0..12),
        triggers in prop::collection::vec(triggers(), 0..5),
    ) {
        let sample = Sample::new()
            .metadata("peers: {db: x}\n")
            .file("dispatch", "#!/bin/sh\n")
            .registered(&handlers)
            .registered(&triggers);
        let charm = sample.charm();
        let mut findings = Findings::default();
        for check in CHECKS {
            check(&charm, &mut findings);
        }
        vanished::check(&charm, &Sample::new().charm(), &mut findings);
        vanished::check(&Sample::new().charm(), &charm, &mut findings);
        for finding in sorted(findings.sorted()) {
            prop_assert!(finding.number > 0 && finding.code().is_some(), "{finding}");
            prop_assert!(finding.hint.is_some(), "{finding}");
            prop_assert!(finding.to_string().contains(&finding.message));
        }
    }

    #[test]
    fn any_script_makes_a_list(lines in prop::collection::vec(prop_oneof![
        Just("@when 'a' \"b".to_owned()),
        Just("@hook install \\".to_owned()),
        Just("@when".to_owned()),
        Just("function f() {".to_owned()),
        Just("g ( ) { set_flag a; }".to_owned()),
        Just("reactive_handler_main".to_owned()),
        Just("function".to_owned()),
        Just("ü() (".to_owned()),
        any::<String>(),
    ], 0..12)) {
        let text = format!("#!/bin/bash\n{}", lines.join("\n"));
        let sample = Sample::new().file("dispatch", "#!/bin/sh\n").file("reactive/x.sh", &text);
        for finding in proof(sample.path(), None).unwrap() {
            prop_assert!(finding.hint.is_some() && finding.number > 0, "{finding}");
        }
    }
}
