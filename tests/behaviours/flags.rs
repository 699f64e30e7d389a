//! B40–B49: flags and triggers; D21, D28, D35.

use ensign::{Context, ErrorKind, Result, Trigger};

use crate::support::{Happening, Unit, nothing};

/// A unit whose `install` does one thing.
macro_rules! installs {
    ($run:expr) => {
        Unit::new(&[handler!("charm::install", [hook!("install")], $run)])
    };
}

#[test]
fn b40_flags_are_listed_sorted_by_name() {
    let mut unit = installs!(|ctx| {
        for flag in ["b", "a.b", "c", "a", "a-b"] {
            ctx.set_flag(flag)?;
        }
        assert_eq!(ctx.flags()?, ["a", "a-b", "a.b", "b", "c"]);
        Ok(())
    });
    unit.hook("install").ok();
    assert_eq!(unit.stored_flags(), ["a", "a-b", "a.b", "b", "c"]);
}

#[test]
fn b41_toggle_sets_or_clears_and_is_idempotent() {
    installs!(|ctx| {
        for (set, expected) in [(true, true), (true, true), (false, false), (false, false)] {
            ctx.toggle_flag("a", set)?;
            assert_eq!(ctx.is_flag_set("a")?, expected);
        }
        Ok(())
    })
    .hook("install")
    .ok();
}

#[test]
fn b42_questions_read_at_once_what_the_hook_has_written() {
    installs!(|ctx| {
        assert!(!ctx.any_flags_set(["a", "b"])?);
        ctx.set_flag("a")?;
        assert!(ctx.is_flag_set("a")? && !ctx.is_flag_set("b")?);
        assert!(ctx.any_flags_set(["a", "b"])? && !ctx.all_flags_set(["a", "b"])?);
        assert_eq!(ctx.unset_flags(["c", "a", "b"])?, ["c", "b"]);
        ctx.set_flag("b")?;
        assert!(ctx.all_flags_set(["a", "b"])?);
        ctx.clear_flag("a")?;
        assert!(!ctx.is_flag_set("a")? && !ctx.all_flags_set(["a", "b"])?);
        Ok(())
    })
    .hook("install")
    .ok();
}

#[test]
fn b43_a_trigger_waits_for_exactly_one_flag_and_does_at_least_one_thing() {
    fn refused(trigger: fn() -> ensign::TriggerBuilder) -> String {
        thread_local!(static TRIGGER: std::cell::Cell<Option<fn() -> ensign::TriggerBuilder>> = const { std::cell::Cell::new(None) });
        TRIGGER.set(Some(trigger));
        // What the handler ignores fails the hook all the same.
        let mut unit = installs!(|ctx| {
            let _ignored = ctx.register_trigger(TRIGGER.get().unwrap()());
            Ok(())
        });
        unit.hook("install").err().line()
    }
    let both = refused(|| Trigger::when("a").when_not("b").set_flag("c"));
    assert!(both.contains("both `when` and `when_not`"), "{both}");
    let neither = refused(|| ensign::TriggerBuilder::default().set_flag("c"));
    assert!(neither.contains("neither `when` nor"), "{neither}");
    let idle = refused(|| Trigger::when("a"));
    assert!(idle.contains("at least one flag"), "{idle}");
    let name = refused(|| Trigger::when("a").set_flag("no flag"));
    assert!(name.contains("`no flag` is not a flag name"), "{name}");
}

#[test]
fn b44_a_trigger_fires_at_the_moment_of_a_real_change() {
    installs!(|ctx| {
        ctx.register_trigger(Trigger::when("a").set_flag("b").clear_flag("c"))?;
        ctx.set_flag("c")?;
        assert!(!ctx.is_flag_set("b")?);
        ctx.set_flag("a")?;
        assert!(ctx.is_flag_set("b")? && !ctx.is_flag_set("c")?);
        ctx.clear_flag("b")?;
        ctx.set_flag("a")?;
        assert!(!ctx.is_flag_set("b")?, "`a` was set already");
        Ok(())
    })
    .hook("install")
    .ok();
}

#[test]
fn b44_what_a_trigger_sets_matches_like_any_flag() {
    let mut unit = Unit::with_triggers(
        &[
            handler!("charm::a", [clause!(WhenNot: "a")], |ctx| ctx.set_flag("a")),
            handler!("charm::b", [clause!(When: "b")], nothing),
        ],
        &[trigger!(when "a", set ["b"], clear [])],
    );
    let ran = unit.hook("install").ok();
    assert_eq!(ran.queues, [vec!["charm::a"], vec!["charm::b"]]);
}

#[test]
fn b45_when_not_triggers_fire_on_clear() {
    installs!(|ctx| {
        ctx.register_trigger(Trigger::when_not("a").set_flag("gone"))?;
        ctx.clear_flag("a")?;
        assert!(!ctx.is_flag_set("gone")?, "it was not set");
        ctx.set_flag("a")?;
        assert!(!ctx.is_flag_set("gone")?);
        ctx.clear_flag("a")?;
        assert!(ctx.is_flag_set("gone")?);
        Ok(())
    })
    .hook("install")
    .ok();
}

#[test]
fn b46_a_trigger_sets_then_clears_then_calls_and_nested_ones_run_depth_first() {
    fn note(ctx: &mut Context, what: &str) {
        let notes: Vec<String> = ctx.kv().get_or("notes", Vec::new()).unwrap();
        let flags = ctx.flags().unwrap().join(" ");
        let all = [notes, vec![format!("{what}: {flags}")]].concat();
        ctx.kv().set("notes", &all).unwrap();
    }
    let mut unit = installs!(|ctx| {
        ctx.set_flag("z")?;
        ctx.register_trigger(
            Trigger::when("a")
                .callback(|ctx| note(ctx, "outer"))
                .clear_flag("z")
                .set_flag("b"),
        )?;
        ctx.register_trigger(Trigger::when("b").callback(|ctx| note(ctx, "inner")))?;
        ctx.set_flag("a")
    });
    unit.hook("install").ok();
    assert_eq!(
        unit.stored("notes"),
        serde_json::json!(["inner: a b z", "outer: a b"])
    );
}

#[test]
fn b46_all_triggers_of_a_change_set_before_any_of_them_clears() {
    let mut unit = installs!(|ctx| {
        ctx.register_trigger(Trigger::when("a").clear_flag("b"))?;
        ctx.register_trigger(Trigger::when("a").set_flag("b").set_flag("c"))?;
        ctx.set_flag("a")
    });
    unit.hook("install").ok();
    assert_eq!(unit.stored_flags(), ["a", "c"]);
}

#[test]
fn b47_triggers_accumulate_without_duplicates_and_end_with_the_hook() {
    fn count(ctx: &mut Context) {
        let n = ctx.kv().get_or("n", 0).unwrap();
        ctx.kv().set("n", &(n + 1)).unwrap();
    }
    fn flip(ctx: &mut Context) -> Result {
        ctx.set_flag("a")?;
        ctx.clear_flag("a")
    }
    let mut unit = Unit::new(&[
        handler!("charm::install", [hook!("install")], |ctx| {
            for _ in 0..3 {
                ctx.register_trigger(Trigger::when("a").callback(count))?;
            }
            ctx.register_trigger(Trigger::when("a").set_flag("b"))?;
            flip(ctx)
        }),
        handler!("charm::start", [hook!("start")], flip),
    ]);
    unit.hook("install").ok();
    assert_eq!(unit.stored("n"), 1);
    assert_eq!(unit.stored_flags(), ["b"]);
    unit.hook("start").ok();
    assert_eq!(unit.stored("n"), 1, "nobody registered it in this hook");
}

#[test]
fn b48_a_trigger_does_not_undo_itself() {
    installs!(|ctx| {
        ctx.register_trigger(Trigger::when("a").set_flag("b"))?;
        ctx.set_flag("a")?;
        ctx.clear_flag("a")?;
        assert!(ctx.is_flag_set("b")?);
        Ok(())
    })
    .hook("install")
    .ok();
}

#[test]
fn b49_series_upgrades_have_a_flag_from_pre_to_post() {
    let mut unit = Unit::new(&[handler!(
        "charm::pause",
        [clause!(When: "upgrade.series.in-progress")],
        nothing
    )]);
    assert!(unit.hook("start").ok().ran.is_empty());
    assert_eq!(unit.hook("pre-series-upgrade").ok().ran, ["charm::pause"]);
    assert_eq!(unit.hook("update-status").ok().ran, ["charm::pause"]);
    assert!(unit.hook("post-series-upgrade").ok().ran.is_empty());
    assert!(unit.stored_flags().is_empty());
}

#[test]
fn an_upgrade_is_seen_by_its_build_whatever_hook_comes_first() {
    let handlers: [&'static ensign::Handler; 1] = [handler!(
        "charm::migrate",
        [clause!(When: "upgrade.charm")],
        nothing
    )];
    let mut unit = Unit::new(&handlers);
    assert!(unit.hook("install").ok().ran.is_empty(), "not an upgrade");
    unit.upgrade(&handlers, "two");
    // A forced upgrade of a unit in error runs no `upgrade-charm`.
    assert_eq!(unit.hook("config-changed").ok().ran, ["charm::migrate"]);
    assert!(unit.hook("update-status").ok().ran.is_empty());
}

#[test]
fn d21_declared_triggers_that_cause_each_other_are_an_error_at_start() {
    let mut unit = Unit::with_triggers(
        &[handler!("charm::a", [hook!("install")], nothing)],
        &[
            trigger!(when "a", set ["b"], clear []),
            trigger!(when "b", set [], clear ["c"]),
            trigger!(when_not "c", set ["a"], clear []),
        ],
    );
    let ran = unit.hook("install");
    assert!(ran.ran.is_empty());
    let error = ran.err();
    assert_eq!(error.kind(), ErrorKind::Loop);
    assert_eq!(
        error.line(),
        "triggers cause each other: `a` set → `b` set → `c` cleared → `a` set"
    );
}

#[test]
fn d21_triggers_that_handlers_register_are_stopped_by_depth() {
    let mut unit = installs!(|ctx| {
        ctx.register_trigger(Trigger::when("a").clear_flag("b"))?;
        ctx.register_trigger(Trigger::when_not("b").clear_flag("a"))?;
        ctx.register_trigger(Trigger::when_not("a").set_flag("b"))?;
        ctx.register_trigger(Trigger::when("b").set_flag("a"))?;
        ctx.set_flag("b")
    });
    let error = unit.hook("install").err();
    assert_eq!(error.kind(), ErrorKind::Loop);
    let text = error.line();
    assert!(text.contains("more than 100 deep"), "{text}");
    assert!(text.contains("`b` → `a` → `b` → `a`"), "{text}");
}

#[test]
fn d21_a_callback_cannot_hide_that_it_called_itself_too_deep() {
    let mut unit = installs!(|ctx| {
        ctx.register_trigger(Trigger::when("a").callback(|ctx| {
            let _ignored = ctx.clear_flag("a");
        }))?;
        ctx.register_trigger(Trigger::when_not("a").callback(|ctx| {
            let _ignored = ctx.set_flag("a");
        }))?;
        ctx.set_flag("a")
    });
    assert_eq!(unit.hook("install").err().kind(), ErrorKind::Loop);
}

#[test]
fn a_callback_that_fails_between_two_handlers_fails_the_hook() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(When: "leadership.is_leader")], |ctx| {
            let lost = Trigger::when_not("leadership.is_leader").callback(|ctx| {
                let _ignored = ctx.set_flag("no flag");
            });
            ctx.register_trigger(lost)?;
            ctx.status_set(ensign::tools::Status::Active(String::new()))
        }),
        // Its turn finds out that leadership is lost, and it does not run.
        handler!("charm::b", [clause!(When: "leadership.is_leader")], nothing),
        handler!("charm::c", [clause!(WhenNot: "x")], nothing),
    ]);
    unit.juju.leader(true);
    let lost = Happening {
        takes: 25,
        leads: Some(false),
        ..Happening::default()
    };
    unit.juju.during("status-set", lost);
    let ran = unit.hook("install");
    assert_eq!(ran.ran, ["charm::a"]);
    let text = ran.err().line();
    assert!(text.starts_with("`no flag` is not a flag name"), "{text}");
}

#[test]
fn d28_triggers_are_never_persisted() {
    let mut unit = Unit::new(&[
        handler!("charm::install", [hook!("install")], |ctx| {
            ctx.register_trigger(Trigger::when("a").set_flag("b"))?;
            ctx.set_flag("unrelated")
        }),
        handler!("charm::start", [hook!("start")], |ctx| ctx.set_flag("a")),
    ]);
    unit.hook("install").ok();
    assert!(!unit.document().to_string().contains("\"a\""));
    unit.hook("collect-metrics").ok();
    unit.hook("start").ok();
    assert_eq!(unit.stored_flags(), ["a", "unrelated"]);
}

#[test]
fn d35_flags_are_names_and_nothing_else() {
    let mut unit = installs!(|ctx| ctx.set_flag("a"));
    unit.hook("install").ok();
    assert_eq!(unit.document()["flags"], serde_json::json!(["a"]));
    for bad in ["", "no flag", "a{b}", "{endpoint_name}", "ä", "a\n", "a/b"] {
        thread_local!(static NAME: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") });
        NAME.set(bad);
        let error = installs!(|ctx| ctx.set_flag(NAME.get()))
            .hook("install")
            .err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{bad:?}");
    }
}

#[test]
fn flags_are_found_by_regular_expression() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        for flag in [
            "apt.installed.redis",
            "apt.installed.curl",
            "apt.queued.vim",
            "ready",
        ] {
            ctx.set_flag(flag)?;
        }
        let found = ctx.flags_matching(r"^apt\.installed\.\w+$")?;
        assert_eq!(found, ["apt.installed.curl", "apt.installed.redis"]);
        let error = ctx.flags_matching("(").expect_err("no pattern");
        assert_eq!(error.kind(), ensign::ErrorKind::Invalid);
        assert!(
            error.line().starts_with("`(` is no regular expression"),
            "{}",
            error.line()
        );
        Ok(())
    })]);
    unit.hook("install").ok();
}
