//! Hook tools that fail, are missing or print garbage: the hook fails in words, and nothing is half done.

use ensign::prelude::Leadership;
use ensign::{Error, Handler};

use crate::support::{DOUBT, NEXT, Unit, nothing};

/// Uses every tool that the pipeline calls by itself.
fn charm() -> [&'static Handler; 4] {
    [
        handler!(
            "make",
            [
                clause!(When: "leadership.is_leader"),
                clause!(WhenNot: "leadership.set.k")
            ],
            |ctx| ctx.leader_set([("k", "v")])
        ),
        handler!("store", [changed!("leader" = "k")], |ctx| {
            let value = ctx.leader_get("k")?;
            ctx.write_file("/etc/k", value.as_deref().unwrap_or("none"))
        }),
        handler!("port", [clause!(When: "config.changed.port")], |ctx| ctx
            .set_flag("configured")),
        handler!("hook", [hook!("start")], nothing),
    ]
}

/// How a tool can fail: its exit code, what it prints, and what it says.
const WAYS: [(i32, &str, &str); 6] = [
    (1, "", "ERROR something is wrong\n"),
    (2, "", "ERROR unrecognized arguments\n"),
    (1, "", "ERROR bad request: unknown command: it\n"),
    (0, "not JSON\n", ""),
    (0, "", ""),
    (0, "{\"half\": \n", ""),
];

/// Breaks one tool in one way in the hook `start`. Returns the error, if the tool was needed at all.
fn broken(four: bool, tool: &str, way: (i32, &str, &str)) -> Option<Error> {
    let mut unit = Unit::new(&charm());
    if four {
        unit = unit.on_four();
    }
    unit.juju.leader(true);
    unit.juju.config("port", 80);
    // Something to settle, and the relation comes only now.
    unit.hook("install").ok();
    unit.juju.config("port", 81);
    unit.juju.relate("cluster");
    let bag = unit.juju.app_bag("cluster");
    unit.juju.answer(tool, way.0, way.1, way.2);
    let ran = unit.hook("start");
    if ran.error.is_some() {
        assert!(!ran.flushed);
        assert_eq!(unit.juju.app_bag("cluster"), bag);
    }
    unit.juju.mend(tool);
    for _ in 0..3 {
        unit.hook("update-status").ok();
    }
    assert_eq!(
        unit.disk.text("/etc/k").as_deref(),
        Some("v"),
        "{tool} {way:?}"
    );
    assert_eq!(
        unit.stored_flags(),
        ["configured", "leadership.is_leader", "leadership.set.k"]
    );
    assert_eq!(unit.disk.text(NEXT).or(unit.disk.text(DOUBT)), None);
    ran.error
}

#[test]
fn a_tool_that_fails_or_prints_garbage_fails_the_hook_and_is_named() {
    for (four, tool) in [
        (false, "is-leader"),
        (false, "leader-get"),
        (false, "config-get"),
        (false, "state-get"),
        (true, "is-leader"),
        (true, "relation-ids"),
        (true, "relation-get"),
        (true, "state-get"),
    ] {
        for way in WAYS {
            let Some(error) = broken(four, tool, way) else {
                panic!("`{tool}` went through with {way:?}");
            };
            assert!(error.line().contains(tool), "{tool} {way:?}: {error:?}");
        }
    }
}

#[test]
fn a_write_that_is_refused_fails_the_hook_and_is_made_again() {
    for (four, tool) in [
        (true, "relation-set"),
        (true, "state-set"),
        (false, "state-set"),
    ] {
        for way in &WAYS[..3] {
            let error = broken(four, tool, *way).unwrap();
            assert!(error.line().contains(tool), "{tool} {way:?}: {error:?}");
        }
    }
}

#[test]
fn a_log_that_cannot_be_written_fails_nothing() {
    for way in WAYS {
        let mut unit = Unit::new(&[handler!("a", [hook!("install")], |ctx| {
            ctx.log(ensign::tools::Level::Info, "hello");
            ctx.set_flag("a")
        })]);
        unit.juju.answer("juju-log", way.0, way.1, way.2);
        unit.hook("install").ok();
        assert_eq!(unit.stored_flags(), ["a"]);
    }
}
