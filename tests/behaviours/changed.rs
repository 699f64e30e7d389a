//! `when_changed`: D4, D8, D9, and handlers in doubt.

use ensign::prelude::Leadership;
use ensign::{Context, Handler, Result};
use ensign_testing::Faults;

use crate::support::{DOUBT, Flush, Unit, fails, nothing};

/// Writes the setting `k` to a file, or that there is none.
fn store(ctx: &mut Context) -> Result {
    let value = ctx.leader_get("k")?;
    ctx.write_file("/etc/k", value.as_deref().unwrap_or("none"))
}

fn stores() -> &'static Handler {
    handler!("charm::store", [changed!("leader" = "k")], store)
}

/// Runs after `charm::store`, and fails the hook `start`.
fn fails_in_start() -> &'static Handler {
    handler!("charm::z_fails", [clause!(WhenNot: "never")], |ctx| {
        match ctx.hook().name() {
            "start" => fails(ctx),
            _ => Ok(()),
        }
    })
}

/// How often the handler that waits for a change ran.
#[track_caller]
fn stored(unit: &mut Unit, hook: &str) -> usize {
    unit.hook(hook).ok().times("charm::store")
}

#[test]
fn d04_testing_a_condition_changes_nothing_for_other_readers() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [changed!("file" = "/etc/x")], nothing),
        handler!("charm::b", [changed!("file" = "/etc/x")], nothing),
        handler!(
            "charm::c",
            [changed!("file" = "/etc/y", "file" = "/etc/x")],
            nothing
        ),
    ]);
    let all = ["charm::a", "charm::b", "charm::c"];
    unit.disk.put("/etc/x", "1");
    assert_eq!(unit.hook("install").ok().ran, all);
    assert!(unit.hook("start").ok().ran.is_empty());
    unit.disk.put("/etc/x", "2");
    assert_eq!(unit.hook("start").ok().ran, all);
    unit.disk.put("/etc/y", "1");
    assert_eq!(unit.hook("start").ok().ran, ["charm::c"]);
}

#[test]
fn d04_the_order_of_conditions_does_not_matter() {
    let mut unit = Unit::new(&[
        handler!("charm::ready", [hook!("start")], |ctx| ctx
            .set_flag("ready")),
        handler!(
            "charm::a",
            [clause!(When: "ready"), changed!("file" = "/etc/x")],
            nothing
        ),
        handler!(
            "charm::b",
            [changed!("file" = "/etc/x"), clause!(When: "ready")],
            nothing
        ),
    ]);
    unit.disk.put("/etc/x", "1");
    assert!(unit.hook("install").ok().ran.is_empty());
    assert_eq!(
        unit.hook("start").ok().ran,
        ["charm::ready", "charm::a", "charm::b"]
    );
}

#[test]
fn d04_a_test_that_is_repeated_forgets_nothing() {
    let mut unit = Unit::new(&[
        handler!("charm::hook", [hook!("install")], |ctx| {
            ctx.set_flag("x")?;
            ctx.write_file("/etc/x", "written in phase hooks")
        }),
        // Clearing `x` tests the queued `b` again, twice.
        handler!("charm::a", [clause!(When: "x")], |ctx| {
            ctx.clear_flag("x")?;
            ctx.set_flag("x")
        }),
        handler!(
            "charm::b",
            [clause!(WhenNot: "y"), changed!("file" = "/etc/x")],
            nothing
        ),
        handler!("charm::stop", [clause!(When: "x")], |ctx| ctx
            .clear_flag("x")),
    ]);
    assert_eq!(unit.hook("install").ok().times("charm::b"), 1);
}

#[test]
fn d04_what_was_seen_is_recorded_per_handler_and_only_after_success() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [changed!("data" = "x")], nothing),
        handler!("charm::set", [hook!("install")], |ctx| {
            ctx.data_set("x", "1").map(drop)
        }),
        handler!("charm::b", [changed!("data" = "x")], |ctx| {
            match ctx.hook().name() {
                "install" => fails(ctx),
                _ => Ok(()),
            }
        }),
    ]);
    let ran = unit.hook("install");
    assert_eq!(ran.ran, ["charm::set", "charm::a", "charm::b"]);
    ran.err();
    // The data went with the hook; both are in doubt, and look at its absence.
    assert_eq!(unit.hook("start").ok().ran, ["charm::a", "charm::b"]);
    assert!(unit.hook("start").ok().ran.is_empty());
}

#[test]
fn d04_an_absence_is_news_only_to_those_who_saw_a_value() {
    let mut unit = Unit::new(&[handler!(
        "charm::store",
        [changed!("file" = "/etc/x")],
        nothing
    )]);
    assert_eq!(stored(&mut unit, "install"), 0, "there never was one");
    unit.disk.put("/etc/x", "1");
    assert_eq!(stored(&mut unit, "start"), 1);
    unit.disk.delete("/etc/x");
    assert_eq!(stored(&mut unit, "start"), 1, "it was removed");
    assert_eq!(stored(&mut unit, "start"), 0, "and that was told");
}

#[test]
fn d04_a_file_written_again_within_the_resolution_of_its_time_stamp_is_seen() {
    let mut unit = Unit::new(&[handler!(
        "charm::store",
        [changed!("file" = "/etc/x")],
        nothing
    )]);
    unit.disk.put("/etc/x", "1");
    assert_eq!(stored(&mut unit, "install"), 1);
    // The same length, the same inode, the same time.
    unit.disk.scribble("/etc/x", "2");
    assert_eq!(stored(&mut unit, "start"), 1);
    unit.wait(10);
    assert_eq!(stored(&mut unit, "start"), 0);
}

#[test]
fn d04_a_file_that_one_handler_writes_wakes_the_other_in_the_next_iteration() {
    let mut unit = Unit::new(&[
        handler!("charm::z", [clause!(WhenNot: "never")], |ctx| {
            ctx.write_file("/etc/x", "1")
        }),
        handler!("charm::store", [changed!("file" = "/etc/x")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.queues, [vec!["charm::z"], vec!["charm::store"]]);
    assert_eq!(stored(&mut unit, "start"), 0, "the same content again");
}

#[test]
fn d04_actions_look_at_changes_and_consume_none() {
    let mut unit = Unit::new(&[
        handler!("charm::write", [action!("write")], |ctx| {
            ctx.write_file("/etc/x", "1")
        }),
        handler!("charm::look", [action!("look")], nothing),
        handler!("charm::store", [changed!("file" = "/etc/x")], nothing),
    ]);
    let ran = unit.action("write").ok();
    assert_eq!(ran.ran, ["charm::write", "charm::store"], "it concerned it");
    assert_eq!(unit.action("look").ok().ran, ["charm::look"]);
    assert_eq!(stored(&mut unit, "update-status"), 1, "a hook consumes");
    assert_eq!(stored(&mut unit, "update-status"), 0);
}

#[test]
fn a_change_of_config_is_delivered_once() {
    let mut unit = Unit::new(&[handler!(
        "charm::store",
        [changed!("config" = "port")],
        nothing
    )]);
    unit.juju.config("port", serde_json::Value::Null);
    assert_eq!(stored(&mut unit, "install"), 0);
    unit.juju.config("port", 80);
    assert_eq!(stored(&mut unit, "config-changed"), 1);
    assert_eq!(stored(&mut unit, "update-status"), 0);
    unit.juju.config("port", serde_json::Value::Null);
    assert_eq!(stored(&mut unit, "config-changed"), 1, "removed");
    assert_eq!(stored(&mut unit, "update-status"), 0);
}

#[test]
fn a_source_that_no_layer_offers_is_named() {
    let mut unit = Unit::new(&[handler!("charm::a", [changed!("moon" = "phase")], nothing)]);
    let text = unit.hook("install").err().line();
    assert!(
        text.contains("no linked layer offers the source `moon`"),
        "{text}"
    );
}

#[test]
fn d08_a_second_value_in_one_hook_is_delivered_on_the_leader_too() {
    let mut unit = Unit::new(&[
        handler!("charm::one", [hook!("install")], |ctx| ctx
            .leader_set([("k", "1")])),
        handler!("charm::two", [clause!(WhenNot: "done")], |ctx| {
            ctx.set_flag("done")?;
            ctx.leader_set([("k", "2")])
        }),
        stores(),
        // The one-hook flag is set already; its handlers must not miss the second value either.
        handler!(
            "charm::flag",
            [clause!(When: "leadership.changed.k")],
            nothing
        ),
    ]);
    unit.juju.leader(true);
    let ran = unit.hook("install").ok();
    assert_eq!(
        ran.queues,
        [
            vec!["charm::flag", "charm::store", "charm::two"],
            vec!["charm::flag", "charm::store"]
        ]
    );
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "2");
    let ran = unit.hook("start").ok();
    assert!(ran.ran.is_empty(), "{:?}", ran.ran);
}

#[test]
fn d08_a_value_set_and_taken_back_is_delivered_for_what_it_is_now() {
    let mut unit = Unit::new(&[
        handler!("charm::set", [hook!("start")], |ctx| {
            ctx.leader_set([("k", "2")])?;
            ctx.leader_set([("k", "1")])
        }),
        stores(),
    ]);
    unit.juju.leader(true);
    unit.juju.setting("k", "1");
    assert_eq!(stored(&mut unit, "install"), 1);
    assert_eq!(stored(&mut unit, "start"), 0);
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "1");
}

#[test]
fn d09_a_change_stays_pending_until_the_other_conditions_hold() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::store",
            [changed!("leader" = "k"), clause!(When: "ready")],
            store
        ),
        handler!(
            "charm::flag",
            [clause!(When: "leadership.changed.k", "ready")],
            nothing
        ),
        handler!("charm::ready", [hook!("update-status")], |ctx| ctx
            .set_flag("ready")),
    ]);
    unit.juju.setting("k", "1");
    assert_eq!(stored(&mut unit, "install"), 0);
    assert_eq!(stored(&mut unit, "start"), 0);
    let ran = unit.hook("update-status").ok();
    assert_eq!(ran.ran, ["charm::ready", "charm::store"]);
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "1");
    assert_eq!(stored(&mut unit, "update-status"), 0);
}

#[test]
fn d09_what_comes_while_it_waits_is_delivered_as_it_is_then() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::store",
            [changed!("leader" = "k"), clause!(When: "ready")],
            store
        ),
        handler!("charm::ready", [hook!("update-status")], |ctx| ctx
            .set_flag("ready")),
    ]);
    unit.juju.setting("k", "1");
    assert_eq!(stored(&mut unit, "install"), 0);
    unit.juju.setting("k", "2");
    assert_eq!(stored(&mut unit, "update-status"), 1);
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "2");
}

#[test]
fn d09_a_failed_hook_delivers_again() {
    let mut unit = Unit::new(&[fails_in_start(), stores()]);
    assert_eq!(stored(&mut unit, "install"), 0);
    unit.juju.setting("k", "1");
    unit.hook("start").err();
    assert_eq!(stored(&mut unit, "update-status"), 1);
    assert_eq!(stored(&mut unit, "update-status"), 0);
}

/// How a hook can end without being committed after a handler has run in it.
const BAD_ENDINGS: [fn(&mut Unit); 3] = [
    // Another handler fails after it.
    |unit| drop(unit.hook("start").err()),
    // Juju does not take it over.
    |unit| {
        unit.flush = Flush::Nothing;
        unit.hook("other").ok();
    },
    // Killed just before the commit.
    |unit| {
        let faults = Faults::before("replace state.next");
        unit.hook_under("other", &faults);
        assert!(faults.struck());
    },
];

#[test]
fn a_handler_in_doubt_runs_again_after_the_value_was_revoked() {
    for bad_ending in BAD_ENDINGS {
        let mut unit = Unit::new(&[stores(), fails_in_start()]);
        unit.hook("install").ok();
        unit.juju.setting("k", "secret");
        bad_ending(&mut unit);
        assert_eq!(
            unit.disk.text("/etc/k").unwrap(),
            "secret",
            "it was written"
        );
        unit.juju.remove_setting("k");
        // Absent, and no delivery on record: without the doubt nobody would look.
        assert_eq!(stored(&mut unit, "update-status"), 1);
        assert_eq!(unit.disk.text("/etc/k").unwrap(), "none");
        assert_eq!(stored(&mut unit, "update-status"), 0, "the doubt is over");
        assert_eq!(unit.disk.text(DOUBT), None);
    }
}

#[test]
fn a_handler_in_doubt_runs_again_although_the_old_value_is_back() {
    for bad_ending in BAD_ENDINGS {
        let mut unit = Unit::new(&[stores(), fails_in_start()]);
        unit.juju.setting("k", "1");
        assert_eq!(stored(&mut unit, "install"), 1);
        unit.juju.setting("k", "2");
        bad_ending(&mut unit);
        unit.juju.setting("k", "1");
        assert_eq!(stored(&mut unit, "update-status"), 1);
        assert_eq!(unit.disk.text("/etc/k").unwrap(), "1");
        assert_eq!(stored(&mut unit, "update-status"), 0);
    }
}

#[test]
fn a_doubt_outlives_commits_in_which_its_handler_did_not_run() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::store",
            [changed!("leader" = "k"), clause!(WhenNot: "paused")],
            store
        ),
        fails_in_start(),
        handler!("charm::pause", [hook!("pause")], |ctx| ctx
            .set_flag("paused")),
        handler!("charm::resume", [hook!("resume")], |ctx| ctx
            .clear_flag("paused")),
        // Another one that delivers in between.
        handler!("charm::other", [changed!("leader" = "other")], nothing),
    ]);
    unit.juju.setting("k", "1");
    unit.hook("start").err();
    unit.juju.remove_setting("k");
    unit.juju.setting("other", "1");
    assert_eq!(stored(&mut unit, "pause"), 0);
    assert_eq!(stored(&mut unit, "update-status"), 0);
    assert_eq!(stored(&mut unit, "resume"), 1);
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "none");
    assert_eq!(stored(&mut unit, "update-status"), 0);
}

#[test]
fn a_doubt_follows_a_renamed_handler_and_ends_with_it() {
    let mut unit = Unit::new(&[stores(), fails_in_start()]);
    unit.juju.setting("k", "1");
    unit.hook("start").err();
    unit.juju.remove_setting("k");
    unit.upgrade(
        &[handler!(
            "charm::renamed",
            [changed!("leader" = "k")],
            was & ["charm::store"],
            store
        )],
        "two",
    );
    let ran = unit.hook("upgrade-charm").ok();
    assert_eq!(ran.ran, ["charm::renamed"]);
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "none");
    for _ in 0..3 {
        assert!(unit.hook("update-status").ok().ran.is_empty());
    }
}
