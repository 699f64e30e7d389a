//! B111: what a tracer sees; D5.

use crate::support::{Unit, nothing};

fn charm() -> Unit {
    let unit = Unit::new(&[
        handler!("charm::hook", [hook!("install")], |ctx| ctx.set_flag("x")),
        handler!("charm::a", [clause!(When: "x")], |ctx| {
            let ran = ctx.kv().get_or("ran", 0)?;
            ctx.kv().set("ran", &(ran + 1))?;
            ctx.clear_flag("x")
        }),
        handler!("charm::b", [clause!(When: "x")], nothing),
        handler!("charm::file", [changed!("file" = "/etc/x")], |ctx| {
            let seen = ctx.kv().get_or("files", 0)?;
            ctx.kv().set("files", &(seen + 1))
        }),
        handler!("charm::c", [clause!(WhenNot: "x")], nothing),
    ]);
    unit.disk.put("/etc/x", "1");
    unit
}

#[test]
fn b111_a_tracer_sees_flags_phases_queues_and_who_left_because_of_a_change() {
    let ran = charm().hook("install").ok();
    assert_eq!(
        ran.events,
        [
            r#"Start { flags: [] }"#,
            r#"Queue { phase: "hooks", iteration: 0, handlers: ["charm::hook"] }"#,
            r#"Run { handler: "charm::hook" }"#,
            r#"Flag { by: "charm::hook", flag: "x", set: true, left: [] }"#,
            r#"Queue { phase: "other", iteration: 0, handlers: ["charm::a", "charm::b", "charm::file"] }"#,
            r#"Run { handler: "charm::a" }"#,
            r#"Flag { by: "charm::a", flag: "x", set: false, left: ["charm::b"] }"#,
            r#"Run { handler: "charm::file" }"#,
            r#"Queue { phase: "other", iteration: 1, handlers: ["charm::c"] }"#,
            r#"Run { handler: "charm::c" }"#,
            r#"Settled { iterations: 2 }"#,
        ]
    );
}

#[test]
fn b111_a_start_shows_all_flags_sorted() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        ctx.set_flag("b")?;
        ctx.set_flag("a")
    })]);
    unit.hook("install").ok();
    let ran = unit.hook("start").ok();
    assert_eq!(ran.events[0], r#"Start { flags: ["a", "b"] }"#);
}

#[test]
fn d05_a_tracer_changes_nothing_that_happens() {
    let (mut heard, mut unheard) = (charm(), charm());
    for hook in ["install", "start", "update-status"] {
        if hook == "update-status" {
            heard.disk.put("/etc/x", "2");
            unheard.disk.put("/etc/x", "2");
        }
        let (with, without) = (heard.hook(hook).ok(), unheard.hook_unheard(hook).ok());
        assert_eq!(with.tools, without.tools, "{hook}");
        assert_eq!(heard.document(), unheard.document(), "{hook}");
    }
    assert_eq!(heard.stored("files"), 2);
}
