//! B1–B8: entry point and order of a hook; D34.

use ensign::prelude::{Leadership, Level, Status};
use ensign::{Bag, Context, ErrorKind, Outcome, Result};
use ensign_testing::Faults;

use crate::support::{Unit, fails, nothing};

/// Shows in the list of steps when a handler runs.
fn works(ctx: &mut Context) -> Result {
    ctx.status_set(Status::Active("ready".to_owned()))
}

fn position(steps: &[String], step: &str) -> usize {
    steps
        .iter()
        .position(|s| s == step)
        .unwrap_or_else(|| panic!("no `{step}` in {steps:?}"))
}

#[test]
fn b01_a_hook_brings_flags_up_to_date_dispatches_and_commits() {
    let mut unit = Unit::new(&[handler!(
        "charm::lead",
        [clause!(When: "leadership.is_leader")],
        works
    )]);
    unit.juju.leader(true);
    let faults = Faults::none();
    unit.hook_under("install", &faults).ok();
    let steps = faults.steps();
    let order = [
        "tool is-leader",
        "tool status-set",
        "replace state.next",
        "tool state-set",
    ];
    assert!(
        order.map(|s| position(&steps, s)).is_sorted(),
        "automatic flags, handlers, commit: {steps:?}"
    );
}

#[test]
fn b02_a_trigger_registered_at_load_time_sees_the_automatic_flags() {
    let mut unit = Unit::with_triggers(
        &[handler!(
            "charm::a",
            [clause!(When: "reconfigure")],
            |ctx| { ctx.clear_flag("reconfigure") }
        )],
        &[trigger!(when "config.changed.port", set ["reconfigure"], clear [])],
    );
    unit.juju.config("port", 80);
    assert_eq!(unit.hook("install").ok().times("charm::a"), 1);
    assert_eq!(unit.hook("start").ok().times("charm::a"), 0);
    unit.juju.config("port", 81);
    assert_eq!(unit.hook("config-changed").ok().times("charm::a"), 1);
}

#[test]
fn b03_automatic_flags_come_in_a_fixed_order_config_first_and_only_for_those_who_ask() {
    let leader = handler!(
        "charm::leader",
        [clause!(When: "leadership.is_leader")],
        nothing
    );
    let config = handler!("charm::config", [clause!(When: "config.set.x")], nothing);
    let first = |handlers: &[&'static ensign::Handler]| {
        let tools = Unit::new(handlers).hook("install").ok().tools;
        let reads = ["config-get", "is-leader", "leader-get"];
        let mut seen: Vec<String> = tools;
        seen.retain(|t| reads.contains(&t.as_str()));
        seen
    };
    assert_eq!(
        first(&[leader, config]),
        ["config-get", "is-leader", "leader-get"]
    );
    assert_eq!(
        first(&[config, leader]),
        first(&[leader, config]),
        "whatever the order of registration"
    );
    assert_eq!(first(&[config]), ["config-get"]);
    assert_eq!(
        first(&[handler!("charm::quiet", [clause!(WhenNot: "x")], nothing)]),
        Vec::<String>::new(),
        "a namespace nobody mentions costs no tool call"
    );
}

#[test]
fn b03_the_first_read_of_a_namespace_refreshes_it_by_any_means() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        ctx.log(Level::Info, "before");
        assert!(ctx.is_flag_set("leadership.is_leader")?);
        assert!(ctx.is_flag_set("leadership.set.k")?);
        Ok(())
    })]);
    unit.juju.leader(true);
    unit.juju.setting("k", "v");
    let tools = unit.hook("install").ok().tools;
    assert_eq!(tools[..3], ["juju-log", "is-leader", "leader-get"]);
}

#[test]
fn b03_what_ends_a_hook_happens_only_after_success() {
    let mut unit = Unit::new(&[
        handler!("charm::config", [clause!(When: "config.changed")], nothing),
        handler!("charm::fails", [hook!("install")], fails),
    ]);
    let faults = Faults::none();
    unit.hook_under("install", &faults).err();
    let steps = faults.steps();
    assert!(!steps.iter().any(|s| s.contains("state")), "{steps:?}");
}

#[test]
fn b04_the_commit_is_state_then_record_then_publication() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("start")], |ctx| {
        ctx.publish("db:0", Bag::App, [("k".to_owned(), Some("v".to_owned()))]);
        Ok(())
    })]);
    unit.juju.leader(true);
    unit.juju.relate("db");
    let faults = Faults::none();
    unit.hook_under("start", &faults).ok();
    assert_eq!(
        faults.steps()[faults.steps().len() - 3..],
        ["replace state.next", "tool state-set", "tool relation-set"]
    );
    assert_eq!(unit.juju.app_bag("db")["k"], "v");
}

#[test]
fn b05_a_failing_handler_is_logged_as_error_and_nothing_is_kept() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [hook!("install")], |ctx| {
            ctx.set_flag("a")?;
            ctx.set_flag("b")?;
            ctx.kv().set("k", "v")?;
            ctx.leader_set([("key", "value")])?;
            ctx.publish("db:0", Bag::App, [("k".to_owned(), Some("v".to_owned()))]);
            works(ctx)
        }),
        handler!("charm::b", [clause!(When: "a")], fails),
    ]);
    unit.juju.leader(true);
    unit.juju.relate("db");
    let ran = unit.hook("install");
    assert!(!ran.flushed);
    let error = ran.err();
    assert_eq!(error.kind(), ErrorKind::Other);
    assert!(
        error
            .line()
            .starts_with("handler `charm::b` (reactive/charm.rs:"),
        "{error:?}"
    );
    let log = unit.juju.log().join("\n");
    assert!(log.starts_with("ERROR: handler `charm::b`"), "{log}");
    assert!(log.contains("failed: out of paper; rolled back: "), "{log}");
    assert!(log.contains(" and 1 relation write;"), "{log}");
    assert!(
        log.contains("already done: leader settings `key`, the unit's status"),
        "{log}"
    );
    assert_eq!(unit.disk.text(crate::support::NEXT), None);
    assert_eq!(unit.disk.text(crate::support::STATE), None);
    assert!(unit.juju.app_bag("db").is_empty());
    assert!(unit.juju.state().is_empty());
    assert_eq!(unit.juju.settings()["key"], "value", "this one was instant");
}

#[test]
fn b05_an_error_that_a_handler_ignored_still_fails_the_hook() {
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("install")], |ctx| {
        let name = "not a flag!";
        let _ignored = ctx.set_flag(name);
        Ok(())
    })]);
    let error = unit.hook("install").err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.line().contains("`not a flag!`"), "{error}");
}

#[test]
fn b07_the_dispatch_path_says_which_hook_it_is_before_any_other_name() {
    let mut unit = Unit::new(&[
        handler!("charm::install", [hook!("install")], nothing),
        handler!("charm::start", [hook!("start")], nothing),
    ]);
    unit.env("JUJU_HOOK_NAME", "install");
    assert_eq!(unit.hook("start").ok().ran, ["charm::start"]);
}

#[test]
fn b07_a_juju_exec_dispatches_nothing() {
    let mut unit = Unit::new(&[handler!("charm::a", [clause!(WhenNot: "x")], nothing)]);
    let ran = unit.exec().ok();
    assert_eq!(ran.ran, Vec::<String>::new());
    assert_eq!(ran.tools, Vec::<String>::new());
    assert_eq!(unit.disk.text(crate::support::NEXT), None);
}

#[test]
fn b08_restricted_hooks_run_the_handlers_of_that_very_hook_and_have_no_state() {
    use ensign::handler::Clause;
    let mut unit = Unit::new(&[
        handler!("charm::metrics", [Clause::CollectMetrics], nothing),
        handler!("charm::meter", [Clause::MeterStatusChanged], nothing),
        handler!("charm::hook", [hook!("collect-metrics")], nothing),
        handler!(
            "charm::leader",
            [clause!(When: "leadership.is_leader")],
            nothing
        ),
        handler!("charm::flag", [clause!(WhenNot: "x")], nothing),
    ]);
    unit.juju.leader(true);
    let ran = unit.hook("collect-metrics").ok();
    assert_eq!(ran.ran, ["charm::metrics"]);
    assert_eq!(ran.tools, Vec::<String>::new());
    let ran = unit.hook("meter-status-changed").ok();
    assert_eq!(ran.ran, ["charm::meter"]);
    assert!(unit.disk.paths().is_empty(), "{:?}", unit.disk.paths());
}

#[test]
fn b08_flags_values_and_leadership_are_errors_in_restricted_hooks() {
    use ensign::handler::Clause;
    type Call = fn(&mut Context) -> Result;
    let calls: [(&str, Call); 9] = [
        ("set_flag", |ctx| ctx.set_flag("a")),
        ("is_flag_set", |ctx| ctx.is_flag_set("a").map(drop)),
        ("flags", |ctx| ctx.flags().map(drop)),
        ("register_trigger", |ctx| {
            ctx.register_trigger(ensign::Trigger::when("a").set_flag("b"))
        }),
        ("kv", |ctx| ctx.kv().set("k", "v")),
        ("data_set", |ctx| ctx.data_set("k", "v").map(drop)),
        ("is_leader", |ctx| ctx.is_leader().map(drop)),
        ("leader_get", |ctx| ctx.leader_get("k").map(drop)),
        ("leader_set", |ctx| ctx.leader_set([("k", "v")])),
    ];
    thread_local!(static CALL: std::cell::Cell<Option<Call>> = const { std::cell::Cell::new(None) });
    let mut unit = Unit::new(&[handler!(
        "charm::metrics",
        [Clause::CollectMetrics],
        |ctx| { CALL.get().unwrap()(ctx) }
    )]);
    for (name, call) in calls {
        CALL.set(Some(call));
        let ran = unit.hook("collect-metrics");
        let error = ran.error.unwrap_or_else(|| panic!("`{name}` went through"));
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{name}: {error:?}");
        assert!(error.line().contains("restricted"), "{name}: {error:?}");
    }
}

#[test]
fn d34_stop_ends_dispatch_at_once_and_commits() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [hook!("install")], |ctx| {
            ctx.set_flag("a")?;
            Ok(Outcome::Stop)
        }),
        handler!("charm::b", [hook!("install")], nothing),
        handler!("charm::c", [clause!(When: "a")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.ran, ["charm::a"]);
    assert_eq!(unit.stored_flags(), ["a"]);
    assert_eq!(unit.hook("start").ok().ran, ["charm::c"]);
}

#[test]
fn an_action_runs_its_handlers_then_those_it_concerns_and_fails_with_any_of_them() {
    let mut unit = Unit::new(&[
        handler!("charm::dump", [action!("dump")], |ctx| ctx
            .set_flag("dumped")),
        handler!("charm::dumped", [clause!(When: "dumped")], fails),
        handler!("charm::other", [clause!(WhenNot: "x")], nothing),
    ]);
    let ran = unit.action("dump");
    assert_eq!(ran.ran, ["charm::dump", "charm::dumped"]);
    let text = ran.err().line();
    assert!(text.starts_with("handler `charm::dumped`"), "{text}");
    assert!(unit.stored_flags().is_empty());
}

#[test]
fn an_action_that_nobody_implements_is_an_error() {
    let mut unit = Unit::new(&[handler!("charm::other", [clause!(WhenNot: "x")], nothing)]);
    let ran = unit.action("restore");
    assert!(ran.ran.is_empty());
    let error = ran.err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.line().contains("the action `restore`"), "{error:?}");
}

#[test]
fn two_handlers_of_one_id_are_an_error_at_start() {
    let mut unit = Unit::new(&[
        handler!("charm::a", [clause!(When: "x")], nothing),
        handler!("charm::a", [clause!(When: "y")], nothing),
    ]);
    let ran = unit.hook("install");
    assert_eq!(ran.ran, Vec::<String>::new());
    let text = ran.err().line();
    assert!(
        text.contains("two handlers have the id `charm::a`"),
        "{text}"
    );
    assert!(unit.juju.logged("ERROR: two handlers"));
}
