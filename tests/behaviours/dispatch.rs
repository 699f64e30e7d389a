//! B9–B29: phases, iterations, re-invocation; what replaces them of D1–D3, D24, D29.

use std::cell::Cell;

use ensign::{Context, ErrorKind, FromContext, Result};

use crate::support::{Unit, nothing};

#[test]
fn b09_every_matching_hook_handler_runs_once_whatever_the_order_of_registration() {
    let handlers = [
        handler!("charm::a", [hook!("install")], |ctx| ctx.set_flag("seen")),
        handler!("charm::b", [hook!("start")], nothing),
        handler!("charm::c", [hook!("{install,start}")], nothing),
        handler!("charm::flag", [clause!(WhenNot: "never")], nothing),
    ];
    let mut reversed = handlers;
    reversed.reverse();
    for order in [handlers, reversed] {
        let ran = Unit::new(&order).hook("install").ok();
        assert_eq!(ran.ran, ["charm::a", "charm::c", "charm::flag"]);
    }
}

#[test]
fn b10_flag_handlers_run_in_phase_other_and_hook_handlers_in_phase_hooks() {
    let mut unit = Unit::new(&[
        handler!("charm::flag", [clause!(WhenNot: "x")], nothing),
        handler!("charm::hook", [hook!("install")], nothing),
    ]);
    assert_eq!(
        unit.hook("install").ok().ran,
        ["charm::hook", "charm::flag"]
    );
    assert_eq!(unit.hook("start").ok().ran, ["charm::flag"]);
}

#[test]
fn b11_all_handlers_are_tested_and_queued_before_the_first_runs() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(WhenNot: "never")], |ctx| ctx
            .set_flag("late")),
        handler!("charm::b", [clause!(WhenNot: "never")], nothing),
        handler!("charm::c", [clause!(When: "late")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.queues[0], ["charm::a", "charm::b"]);
    let queue = ran.events.iter().position(|e| e.starts_with("Queue"));
    let first = ran.events.iter().position(|e| e.starts_with("Run"));
    assert!(queue < first, "{:?}", ran.events);
    assert_eq!(ran.ran, ["charm::a", "charm::b", "charm::c"]);
}

#[test]
fn b12_a_flag_set_during_an_iteration_matches_in_the_next() {
    let mut unit = Unit::new(&[
        handler!("charm::z_first", [clause!(WhenNot: "never")], |ctx| ctx
            .set_flag("a")),
        handler!("charm::a_second", [clause!(When: "a")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(
        ran.queues,
        [vec!["charm::z_first"], vec!["charm::a_second"]]
    );
}

#[test]
fn b13_queued_handlers_that_no_longer_match_after_a_clear_are_dropped_and_none_is_added() {
    let mut unit = Unit::new(&[
        handler!("charm::start", [hook!("install")], |ctx| ctx.set_flag("a")),
        handler!("charm::a", [clause!(When: "a")], |ctx| ctx.clear_flag("a")),
        handler!("charm::b", [clause!(When: "a")], nothing),
        handler!("charm::c", [clause!(WhenNot: "a")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(
        ran.queues,
        [vec!["charm::a", "charm::b"], vec!["charm::c"]],
        "`b` was queued and dropped, `c` waited for the next iteration"
    );
    assert_eq!(ran.ran, ["charm::start", "charm::a", "charm::c"]);
}

#[test]
fn b16_flags_persist_and_every_matching_handler_runs_in_every_later_hook() {
    let mut unit = Unit::new(&[
        handler!("charm::once", [hook!("install")], |ctx| ctx.set_flag("a")),
        handler!("charm::always", [clause!(When: "a")], nothing),
    ]);
    unit.hook("install").ok();
    for hook in ["start", "update-status", "update-status"] {
        assert_eq!(unit.hook(hook).ok().ran, ["charm::always"], "{hook}");
    }
    assert_eq!(unit.stored_flags(), ["a"]);
}

#[test]
fn b17_flags_set_by_hook_handlers_are_visible_in_the_first_iteration() {
    let mut unit = Unit::new(&[
        handler!("charm::hook", [hook!("install")], |ctx| ctx.set_flag("a")),
        handler!("charm::flag", [clause!(When: "a")], nothing),
    ]);
    assert_eq!(unit.hook("install").ok().queues, [vec!["charm::flag"]]);
}

#[test]
fn b18_conditions_of_one_handler_are_joined_by_and() {
    let mut unit = Unit::new(&[
        handler!("charm::set", [hook!("install")], |ctx| ctx.set_flag("a")),
        handler!("charm::more", [hook!("start")], |ctx| ctx.set_flag("b")),
        handler!("charm::less", [hook!("stop")], |ctx| ctx.set_flag("c")),
        handler!(
            "charm::both",
            [
                clause!(When: "a"),
                clause!(WhenAny: "b", "x"),
                clause!(WhenNot: "c")
            ],
            nothing
        ),
    ]);
    assert_eq!(unit.hook("install").ok().times("charm::both"), 0);
    assert_eq!(unit.hook("start").ok().times("charm::both"), 1);
    assert_eq!(unit.hook("stop").ok().times("charm::both"), 0);
}

#[test]
fn b19_a_function_with_several_conditions_is_one_handler_and_runs_once() {
    let mut unit = Unit::new(&[
        handler!("charm::set", [hook!("install")], |ctx| {
            ctx.set_flag("a")?;
            ctx.set_flag("b")
        }),
        handler!(
            "charm::one",
            [clause!(When: "a"), clause!(When: "b")],
            nothing
        ),
    ]);
    assert_eq!(unit.hook("install").ok().times("charm::one"), 1);
}

#[test]
fn b21_in_the_first_iteration_every_flag_handler_may_run() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(WhenNot: "x")], nothing),
        handler!("charm::b", [clause!(WhenNotAll: "x", "y")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.queues, [vec!["charm::a", "charm::b"]]);
    // Nothing has changed since, and still they may.
    let ran = unit.hook("update-status").ok();
    assert_eq!(ran.queues, [vec!["charm::a", "charm::b"]]);
}

#[test]
fn b22_later_only_handlers_whose_flags_changed_in_the_previous_batch_may() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(WhenNot: "never")], |ctx| ctx
            .set_flag("x")),
        handler!("charm::b", [clause!(WhenNot: "other")], nothing),
        // Named in any of its conditions counts, in one that was true before and after, too.
        handler!(
            "charm::c",
            [clause!(WhenAny: "x", "y"), clause!(WhenNot: "other")],
            nothing
        ),
        handler!("charm::d", [clause!(WhenNotAll: "x", "y")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.queues[1], ["charm::c", "charm::d"]);
    assert_eq!(ran.times("charm::a"), 1);
    assert_eq!(ran.times("charm::b"), 1);
}

#[test]
fn b23_changes_become_visible_when_their_batch_ends_and_the_next_replaces_them() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(WhenNot: "never")], |ctx| ctx
            .set_flag("x")),
        handler!("charm::b", [clause!(When: "x")], |ctx| ctx.set_flag("y")),
        handler!("charm::c", [clause!(When: "y")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    // `b` saw `x` in one iteration, and not again when `y` had replaced it.
    assert_eq!(
        ran.queues,
        [vec!["charm::a"], vec!["charm::b"], vec!["charm::c"]]
    );
}

#[test]
fn b24_only_a_set_of_an_unset_and_a_clear_of_a_set_flag_is_a_change() {
    let mut unit = Unit::new(&[
        handler!("charm::hook", [hook!("install")], |ctx| ctx.set_flag("set")),
        handler!("charm::a", [clause!(WhenNot: "never")], |ctx| {
            ctx.set_flag("set")?;
            ctx.clear_flag("unset")
        }),
        handler!(
            "charm::b",
            [clause!(When: "set"), clause!(WhenNot: "unset")],
            nothing
        ),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.queues, [vec!["charm::a", "charm::b"]]);
    assert!(!ran.events.iter().any(|e| e.contains("unset")));
}

#[test]
fn b25_set_then_clear_in_one_batch_is_a_change() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(WhenNot: "never")], |ctx| {
            ctx.set_flag("x")?;
            ctx.clear_flag("x")
        }),
        handler!("charm::b", [clause!(WhenNot: "x")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.queues, [vec!["charm::a", "charm::b"], vec!["charm::b"]]);
}

#[test]
fn b26_a_handler_that_clears_and_sets_its_own_flag_runs_in_each_iteration() {
    let mut unit = Unit::new(&[
        handler!("charm::hook", [hook!("install")], |ctx| ctx.set_flag("x")),
        handler!("charm::again", [clause!(When: "x")], |ctx| {
            ctx.clear_flag("x")?;
            ctx.set_flag("x")
        }),
    ]);
    unit.registry = unit.registry.clone().with_limit(Some(7));
    let ran = unit.hook("install");
    assert_eq!(ran.times("charm::again"), 7);
    assert_eq!(ran.err().kind(), ErrorKind::Loop);
}

#[test]
fn b27_changes_before_dispatch_count_as_nothing_special() {
    let mut unit = Unit::with_triggers(
        &[
            handler!("charm::hook", [hook!("install")], |ctx| ctx.set_flag("x")),
            handler!("charm::a", [clause!(When: "x")], nothing),
            handler!("charm::config", [clause!(When: "config.set.port")], nothing),
        ],
        &[],
    );
    unit.juju.config("port", 80);
    let ran = unit.hook("install").ok();
    // Once in the first iteration, and not again although the flags changed just before it.
    assert_eq!(ran.queues, [vec!["charm::a", "charm::config"]]);
}

#[test]
fn b29_arguments_are_made_at_the_first_run_in_a_hook_and_reused() {
    thread_local!(static MADE: Cell<u32> = const { Cell::new(0) });
    #[derive(Debug, Clone, PartialEq)]
    struct Number(u32);
    impl FromContext for Number {
        fn from_context(_ctx: &mut Context) -> Result<Self> {
            MADE.set(MADE.get() + 1);
            Ok(Self(MADE.get()))
        }
    }
    fn takes_one(ctx: &mut Context) -> Result {
        let Number(number) = ensign::__private::argument(ctx, "charm::a", 0)?;
        let seen: Vec<u32> = ctx.kv().get_or("seen", Vec::new())?;
        ctx.kv().set("seen", &[seen, vec![number]].concat())?;
        ctx.set_flag("x")
    }
    let mut unit = Unit::new(&[handler!(
        "charm::a",
        [clause!(WhenNotAll: "x", "y")],
        takes_one
    )]);
    assert_eq!(unit.hook("install").ok().times("charm::a"), 2);
    assert_eq!(unit.stored("seen"), serde_json::json!([1, 1]));
    assert_eq!(unit.hook("start").ok().times("charm::a"), 1);
    assert_eq!(unit.stored("seen"), serde_json::json!([1, 1, 2]));
}

#[test]
fn d01_a_hook_that_does_not_settle_fails_and_names_the_cycle() {
    let mut unit = Unit::new(&[
        handler!("charm::ping", [clause!(When: "a")], |ctx| {
            ctx.clear_flag("a")?;
            ctx.set_flag("b")
        }),
        handler!("charm::pong", [clause!(When: "b")], |ctx| {
            ctx.clear_flag("b")?;
            ctx.set_flag("a")
        }),
        handler!("charm::start", [hook!("install")], |ctx| ctx.set_flag("a")),
    ]);
    let error = unit.hook("install").err();
    assert_eq!(error.kind(), ErrorKind::Loop);
    let text = error.line();
    assert!(
        text.contains(
            "`charm::ping` (clears `a`, sets `b`) → `charm::pong` (clears `b`, sets `a`)"
        ),
        "{text}"
    );
    assert!(unit.juju.logged("do not settle after 100 iterations"));
    assert_eq!(unit.stored_flags(), Vec::<String>::new());
}

#[test]
fn d01_the_limit_can_be_set_and_lifted() {
    fn count_to_150(ctx: &mut Context) -> Result {
        let n = ctx.kv().get_or("n", 0)? + 1;
        ctx.kv().set("n", &n)?;
        ctx.toggle_flag("odd", n % 2 == 1)?;
        ctx.toggle_flag("go", n < 150)
    }
    let charm = || {
        Unit::new(&[
            handler!("charm::go", [hook!("install")], |ctx| ctx.set_flag("go")),
            handler!(
                "charm::count",
                [clause!(When: "go"), clause!(WhenNotAll: "go", "odd", "x")],
                count_to_150
            ),
        ])
    };
    let mut unit = charm();
    unit.registry = unit.registry.clone().with_limit(Some(3));
    let text = unit.hook("install").err().line();
    assert!(text.contains("do not settle after 3 iterations"), "{text}");
    let mut unit = charm();
    assert_eq!(unit.hook("install").err().kind(), ErrorKind::Loop);
    let mut unit = charm();
    unit.registry = unit.registry.clone().with_limit(None);
    unit.hook("install").ok();
    assert_eq!(unit.stored("n"), 150);
}

#[test]
fn d02_the_order_is_layer_then_before_and_after_then_id() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::a",
            [clause!(WhenNot: "x")],
            after & ["charm::z"],
            nothing
        ),
        handler!("charm::b", [clause!(WhenNot: "x")], nothing),
        handler!("charm::z", [clause!(WhenNot: "x")], nothing),
        // Another id would not help: the layer comes first.
        handler!("zzz", [clause!(WhenNot: "x")], krate "base", nothing),
    ]);
    let expected = ["zzz", "charm::b", "charm::z", "charm::a"];
    assert_eq!(unit.hook("install").ok().ran, expected);

    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(WhenNot: "x")], nothing),
        handler!(
            "charm::z",
            [clause!(WhenNot: "x")],
            before & ["charm::a", "zzz"],
            nothing
        ),
        handler!("zzz", [clause!(WhenNot: "x")], krate "base", nothing),
    ]);
    // An order that is asked for beats the layers'.
    assert_eq!(
        unit.hook("install").ok().ran,
        ["charm::z", "zzz", "charm::a"]
    );
}

#[test]
fn d02_a_contradiction_in_the_order_is_an_error_at_start_whoever_is_due() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::a",
            [clause!(When: "never")],
            before & ["charm::b"],
            nothing
        ),
        handler!(
            "charm::b",
            [clause!(When: "never")],
            before & ["charm::a"],
            nothing
        ),
        handler!("charm::c", [hook!("install")], nothing),
    ]);
    let ran = unit.hook("install");
    assert_eq!(ran.ran, Vec::<String>::new());
    let error = ran.err();
    assert_eq!(error.kind(), ErrorKind::Loop);
    assert!(
        error.line().contains("among `charm::a`, `charm::b`"),
        "{error}"
    );

    let mut unit = Unit::new(&[handler!(
        "charm::a",
        [clause!(When: "never")],
        after & ["charm::gone"],
        nothing
    )]);
    let text = unit.hook("install").err().line();
    assert!(text.contains("after `charm::gone`, but no"), "{text}");
}

#[test]
fn d03_after_any_real_change_queued_handlers_are_tested_again() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(WhenNot: "d")], |ctx| ctx.set_flag("d")),
        handler!("charm::b", [clause!(WhenNot: "d")], |ctx| ctx.set_flag("d")),
        // A clear of an unset flag does nothing to anybody.
        handler!("charm::c", [clause!(WhenNot: "e")], |ctx| ctx
            .clear_flag("e")),
        handler!("charm::d", [clause!(WhenNot: "e")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(
        ran.queues[0],
        ["charm::a", "charm::b", "charm::c", "charm::d"]
    );
    assert_eq!(ran.ran, ["charm::a", "charm::c", "charm::d"]);
}

#[test]
fn d24_handlers_without_flags_run_in_the_flag_phase_only() {
    let mut unit = Unit::new(&[
        handler!("charm::hook", [hook!("install")], nothing),
        handler!("charm::file", [changed!("file" = "/etc/x")], nothing),
        handler!("charm::once", [ensign::handler::Clause::OnlyOnce], |ctx| {
            ctx.set_flag("x")
        }),
    ]);
    unit.disk.put("/etc/x", "1");
    assert_eq!(
        unit.hook("collect-metrics").ok().ran,
        Vec::<String>::new(),
        "not in restricted hooks"
    );
    let ran = unit.hook("install").ok();
    assert_eq!(ran.ran, ["charm::hook", "charm::file", "charm::once"]);
    assert_eq!(ran.queues, [vec!["charm::file", "charm::once"]]);
}

#[test]
fn d29_an_action_never_matches_a_hook_of_its_name() {
    let mut unit = Unit::new(&[
        handler!("charm::hook", [hook!("start")], nothing),
        handler!("charm::flag", [clause!(WhenNot: "x")], nothing),
        handler!("charm::action", [action!("start")], |ctx| ctx.set_flag("y")),
        handler!("charm::seen", [clause!(When: "y")], nothing),
    ]);
    // Of the flag handlers only those that the action concerns run.
    assert_eq!(
        unit.action("start").ok().ran,
        ["charm::action", "charm::seen"]
    );
    let ran = unit.hook("start").ok();
    assert_eq!(ran.times("charm::hook"), 1);
    assert_eq!(ran.times("charm::action"), 0);
}
