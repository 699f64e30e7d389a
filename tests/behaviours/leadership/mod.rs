//! B53–B67: leadership over Juju's settings.

use ensign::Handler;
use ensign::prelude::Leadership;

use crate::support::{Unit, fails, nothing};

/// Handlers of the four kinds of flags, for the key `k`.
fn watching() -> [&'static Handler; 5] {
    [
        handler!("any", [clause!(When: "leadership.changed")], nothing),
        handler!("changed", [clause!(When: "leadership.changed.k")], nothing),
        handler!("leads", [clause!(When: "leadership.is_leader")], nothing),
        handler!(
            "other",
            [clause!(When: "leadership.changed.other")],
            nothing
        ),
        handler!("set", [clause!(When: "leadership.set.k")], nothing),
    ]
}

/// The watching handlers that ran.
#[track_caller]
fn ran(unit: &mut Unit, hook: &str) -> String {
    unit.hook(hook).ok().ran.join(" ")
}

/// A leader whose hook `start` does this.
macro_rules! leader {
    ($run:expr) => {{
        let [a, b, c, d, e] = watching();
        let unit = Unit::new(&[a, b, c, d, e, handler!("start", [hook!("start")], $run)]);
        unit.juju.leader(true);
        unit
    }};
}

mod backends;
mod peer;
mod promise;
mod removal;
mod secrets;
mod writing;

#[test]
fn b53_is_leader_is_brought_up_to_date_before_hook_handlers_run() {
    let mut unit = Unit::new(&[
        handler!("charm::hook", [hook!("install", "start")], |ctx| {
            let leads = ctx.hook().name() == "install";
            assert_eq!(ctx.is_flag_set("leadership.is_leader")?, leads);
            assert_eq!(ctx.is_leader()?, leads);
            Ok(())
        }),
        handler!(
            "charm::flag",
            [clause!(When: "leadership.is_leader")],
            nothing
        ),
    ]);
    unit.juju.leader(true);
    assert_eq!(ran(&mut unit, "install"), "charm::hook charm::flag");
    unit.juju.leader(false);
    assert_eq!(ran(&mut unit, "start"), "charm::hook");
}

#[test]
fn b54_each_key_that_has_a_value_has_a_flag() {
    let mut unit = Unit::new(&watching());
    unit.hook("install").ok();
    unit.juju.setting("k", "v");
    assert_eq!(ran(&mut unit, "start"), "any changed set");
    assert_eq!(ran(&mut unit, "update-status"), "set");
    unit.juju.remove_setting("k");
    assert!(!ran(&mut unit, "update-status").contains("set"));
    assert!(!unit.stored_flags().contains(&"leadership.set.k".to_owned()));
}

#[test]
fn b55_changed_flags_are_set_for_keys_that_differ_and_cleared_for_the_others() {
    let mut unit = Unit::new(&watching());
    unit.juju.setting("k", "1");
    unit.juju.setting("other", "1");
    unit.hook("install").ok();
    unit.juju.setting("other", "2");
    assert_eq!(ran(&mut unit, "start"), "any other set");
    assert_eq!(
        unit.stored_flags(),
        [
            "leadership.changed",
            "leadership.changed.other",
            "leadership.set.k",
            "leadership.set.other"
        ]
    );
    assert_eq!(ran(&mut unit, "start"), "set");
}

#[test]
fn b56_a_deleted_key_counts_as_changed_once() {
    let mut unit = Unit::new(&watching());
    unit.juju.setting("k", "v");
    unit.hook("install").ok();
    unit.juju.remove_setting("k");
    assert_eq!(ran(&mut unit, "start"), "any changed");
    assert_eq!(ran(&mut unit, "start"), "");
    assert!(unit.stored_flags().is_empty());
}

#[test]
fn b57_a_new_unit_sees_every_key_as_changed() {
    let mut unit = Unit::new(&watching());
    unit.juju.setting("k", "v");
    unit.juju.setting("other", "v");
    assert_eq!(ran(&mut unit, "install"), "any changed other set");
}

#[test]
fn b58_changed_flags_last_until_the_next_hook_starts() {
    let [a, b, c, d, e] = watching();
    let look = handler!("look", [action!("look")], |ctx| {
        let changed = ctx.is_flag_set("leadership.changed.k")?;
        ctx.kv().set("looked", &changed)
    });
    let mut unit = Unit::new(&[a, b, c, d, e, look]);
    unit.juju.setting("k", "v");
    unit.hook("install").ok();
    // Between hooks they are visible, and looking does not clear them.
    for _ in 0..2 {
        unit.action("look").ok();
        assert_eq!(unit.stored("looked"), true);
        let flags = unit.stored_flags();
        assert!(
            flags.contains(&"leadership.changed.k".to_owned()),
            "{flags:?}"
        );
    }
    assert_eq!(ran(&mut unit, "start"), "set");
    unit.action("look").ok();
    assert_eq!(unit.stored("looked"), false);
}

#[test]
fn b58_an_action_that_sees_a_change_first_consumes_nothing() {
    let [a, b, c, d, e] = watching();
    let mut unit = Unit::new(&[a, b, c, d, e, handler!("look", [action!("look")], nothing)]);
    unit.hook("install").ok();
    unit.juju.setting("k", "v");
    unit.action("look").ok();
    assert_eq!(ran(&mut unit, "start"), "any changed set");
    assert_eq!(ran(&mut unit, "start"), "set");
}

#[test]
fn b59_changes_between_two_hooks_are_merged() {
    let mut unit = Unit::new(&watching());
    unit.juju.setting("k", "A");
    unit.hook("install").ok();
    unit.juju.setting("k", "B");
    unit.juju.setting("k", "A");
    assert_eq!(ran(&mut unit, "start"), "set", "A→B→A is no change");
}

#[test]
fn b60_a_group_is_written_whole_and_keys_are_removed() {
    let mut unit = Unit::new(&[
        handler!("install", [hook!("install")], |ctx| {
            ctx.leader_set([("a", "1"), ("b", "2"), ("c", "3")])
        }),
        handler!("start", [hook!("start")], |ctx| {
            ctx.leader_unset(["a", "never"])?;
            ctx.leader_set([("b", String::new()), ("d", "4".to_owned())])
        }),
    ]);
    unit.juju.leader(true);
    unit.hook("install").ok();
    unit.hook("start").ok();
    let settings: Vec<_> = unit.juju.settings().into_iter().collect();
    assert_eq!(
        settings,
        [("c".into(), "3".into()), ("d".into(), "4".to_owned())]
    );
}

#[test]
fn b61_the_leader_gets_the_flags_at_once_so_that_it_shares_handlers_with_followers() {
    let mut unit = leader!(|ctx| {
        ctx.leader_set([("k", "v")])?;
        assert!(ctx.all_flags_set(["leadership.set.k", "leadership.changed.k"])?);
        assert!(ctx.is_flag_set("leadership.changed")?);
        assert!(!ctx.is_flag_set("leadership.set.other")?);
        ctx.leader_unset(["k"])?;
        assert!(!ctx.is_flag_set("leadership.set.k")?);
        ctx.leader_set([("k", "v")])
    });
    unit.hook("install").ok();
    assert_eq!(ran(&mut unit, "start"), "start any changed leads set");

    // From a flag handler, they run in the next iteration.
    let [a, b, c, d, e] = watching();
    let make = handler!(
        "make",
        [
            clause!(When: "leadership.is_leader"),
            clause!(WhenNot: "leadership.set.k")
        ],
        |ctx| ctx.leader_set([("k", "v")])
    );
    let mut unit = Unit::new(&[a, b, c, d, e, make]);
    unit.juju.leader(true);
    let ran = unit.hook("install").ok();
    assert_eq!(
        ran.queues,
        [vec!["leads", "make"], vec!["any", "changed", "set"]]
    );
}

#[test]
fn b62_in_the_leaders_next_hook_the_changed_flags_are_gone() {
    let mut unit = leader!(|ctx| ctx.leader_set([("k", "v")]));
    ran(&mut unit, "start");
    assert_eq!(ran(&mut unit, "update-status"), "leads set");
}

#[test]
fn b63_setting_a_key_to_the_value_it_has_changes_nothing() {
    let mut unit = leader!(|ctx| ctx.leader_set([("k", "v"), ("gone", "")]));
    ran(&mut unit, "start");
    let before = unit.juju.settings();
    let again = unit.hook("start").ok();
    assert_eq!(again.ran.join(" "), "start leads set");
    assert_eq!(again.calls("leader-set"), 0);
    assert_eq!(unit.juju.settings(), before);
}

#[test]
fn b64_after_a_failed_hook_the_value_is_there_and_counts_as_changed() {
    let mut unit = leader!(|ctx| {
        ctx.leader_set([("k", "v")])?;
        fails(ctx)
    });
    unit.hook("install").ok();
    unit.hook("start").err();
    assert_eq!(unit.juju.settings()["k"], "v", "written at once");
    assert!(unit.juju.logged("already done: leader settings `k`"));
    assert_eq!(ran(&mut unit, "update-status"), "any changed leads set");
    assert_eq!(ran(&mut unit, "update-status"), "leads set");
}

#[test]
fn b65_leader_get_is_one_value_or_none_and_leader_settings_are_all() {
    let mut unit = Unit::new(&[handler!("a", [hook!("install")], |ctx| {
        assert_eq!(ctx.leader_get("a")?.unwrap(), "1");
        assert_eq!(ctx.leader_get("c")?, None);
        let all: Vec<String> = ctx
            .leader_settings()?
            .into_iter()
            .map(|(k, v)| format!("{k}={}", &*v))
            .collect();
        assert_eq!(all, ["a=1", "b=2"]);
        Ok(())
    })]);
    unit.juju.setting("a", "1");
    unit.juju.setting("b", "2");
    // The layer's own keys are no settings of the charm.
    unit.juju.setting("ensign-gen", "3.ff");
    unit.juju.setting(
        "ensign-secret",
        "secret:9m4e2mr0ui3e8a215n4g?ensign-rev=3.ff",
    );
    unit.hook("install").ok();
}

#[test]
fn b67_on_juju_4_the_tools_for_leader_settings_are_never_called() {
    let [a, b, c, d, e] = watching();
    let make = handler!("make", [hook!("start")], |ctx| ctx.leader_set([("k", "v")]));
    let mut unit = Unit::new(&[a, b, c, d, e, make]).on_four();
    unit.juju.leader(true);
    unit.juju.relate("cluster");
    for hook in ["install", "start", "update-status"] {
        let tools = unit.hook(hook).ok().tools;
        assert!(!tools.iter().any(|t| t.starts_with("leader-")), "{tools:?}");
    }
}
