//! The commit record: how a document and Juju's transaction stay one.

use std::collections::BTreeMap;

use ensign::{Context, Result};
use ensign_testing::Faults;

use crate::support::{Flush, NEXT, STATE, Unit, nothing};

/// Counts hooks that were committed.
fn count(ctx: &mut Context) -> Result {
    let n = ctx.kv().get_or("n", 0)?;
    ctx.kv().set("n", &(n + 1))
}

/// Counts in every `start`.
fn counting() -> Unit {
    Unit::new(&[handler!("charm::count", [hook!("start")], count)])
}

/// The id of the record in `state.next`.
fn id(unit: &Unit) -> String {
    unit.document()["record"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_hook_that_changes_nothing_makes_no_state_call() {
    let mut unit = counting();
    for _ in 0..2 {
        unit.hook("install").ok();
    }
    let faults = Faults::none();
    let ran = unit.hook_under("update-status", &faults).ok();
    assert_eq!(ran.tools, Vec::<String>::new());
    assert_eq!(faults.steps(), ["make folder .ensign"]);
}

#[test]
fn a_record_that_juju_took_over_is_promoted_by_the_next_hook() {
    let mut unit = counting();
    unit.hook("start").ok();
    assert_eq!(unit.juju.state()["ensign-commit"], id(&unit));
    assert_eq!(unit.disk.text(STATE), None);
    let next = unit.hook("update-status").ok();
    assert_eq!(next.tools, ["state-get"]);
    assert!(unit.disk.text(STATE).is_some() && unit.disk.text(NEXT).is_none());
    assert_eq!(unit.stored("n"), 1);
}

#[test]
fn a_record_that_juju_did_not_take_over_is_dropped() {
    let mut unit = counting();
    unit.hook("start").ok();
    unit.flush = Flush::Nothing;
    unit.hook("start").ok();
    assert_eq!(unit.stored("n"), 2, "staged");
    unit.hook("update-status").ok();
    assert_eq!(unit.stored("n"), 1, "and dropped");
    unit.hook("start").ok();
    assert_eq!(unit.stored("n"), 2);
}

#[test]
fn a_killed_hooks_record_is_dropped() {
    for step in ["tool state-set", "replace state.next"] {
        let mut unit = counting();
        unit.hook("start").ok();
        let faults = Faults::before(step);
        unit.hook_under("start", &faults);
        assert!(faults.struck());
        unit.hook("start").ok();
        assert_eq!(unit.stored("n"), 2, "{step}");
    }
}

#[test]
fn a_late_flush_of_an_earlier_attempt_does_not_pass_for_this_one() {
    let mut unit = counting();
    unit.flush = Flush::Nothing;
    unit.hook("start").ok();
    let first = id(&unit);
    unit.flush = Flush::Nothing;
    unit.hook("start").ok();
    let second = id(&unit);
    assert_ne!(first, second, "every context has an id of its own");
    assert_eq!(first.len(), 32, "128 bits");
    // The first attempt's changes arrive only now.
    unit.juju
        .store_state(BTreeMap::from([("ensign-commit".to_owned(), first)]));
    unit.hook("update-status").ok();
    assert_eq!(unit.stored("n"), serde_json::Value::Null);
}

#[test]
fn a_later_process_of_the_same_context_goes_on_from_its_document() {
    let mut unit = counting();
    unit.flush = Flush::Nothing;
    unit.hook("start").ok();
    let first = id(&unit);
    for n in 2..=3 {
        let again = unit.same_context("start").ok();
        assert!(!again.tools.contains(&"state-get".to_owned()));
        assert_eq!(unit.stored("n"), n);
        assert_eq!(id(&unit), first, "one context, one id");
    }
    // One that changes nothing leaves it alone.
    let quiet = unit.same_context("update-status").ok();
    assert_eq!(quiet.tools, Vec::<String>::new());
    unit.hook("update-status").ok();
    assert_eq!(unit.stored("n"), 3);
}

#[test]
fn a_context_that_fails_after_its_first_process_takes_both_back() {
    let mut unit = counting();
    unit.flush = Flush::Nothing;
    unit.hook("start").ok();
    unit.flush = Flush::Nothing;
    unit.same_context("start").ok();
    unit.hook("update-status").ok();
    assert_eq!(unit.stored("n"), serde_json::Value::Null);
}

#[test]
fn a_context_that_was_killed_and_flushed_all_the_same_has_its_record() {
    // Juju flushes a juju-exec whatever becomes of it: what was published has a record then.
    let mut unit = Unit::new(&[handler!("charm::a", [hook!("start")], |ctx| {
        count(ctx)?;
        ctx.publish(
            "db:0",
            ensign::Bag::App,
            [("k".to_owned(), Some("v".to_owned()))],
        );
        Ok(())
    })]);
    unit.juju.leader(true);
    unit.juju.relate("db");
    let whole = Faults::none();
    unit.hook_under("start", &whole).ok();
    for moment in 0..whole.moments() {
        unit.juju.app_data("db", "k", "");
        let before = unit.stored("n").as_i64().unwrap_or(0);
        unit.flush = Flush::Regardless;
        unit.hook_under("start", &Faults::at(moment));
        let published = unit.juju.app_bag("db").get("k").is_some_and(|v| v == "v");
        unit.hook("update-status").ok();
        let counted = unit.stored("n").as_i64().unwrap_or(0) > before;
        assert!(
            counted || !published,
            "published without a record at {moment}"
        );
    }
}

#[test]
fn two_actions_and_a_hook_settle_each_other() {
    let mut unit = Unit::new(&[
        handler!("charm::count", [hook!("start")], count),
        handler!("charm::action", [action!("count")], count),
        handler!("charm::quiet", [action!("quiet")], nothing),
    ]);
    unit.hook("start").ok();
    unit.action("count").ok();
    unit.flush = Flush::Nothing;
    unit.action("count").ok();
    unit.action("quiet").ok();
    assert_eq!(unit.stored("n"), 2);
    unit.hook("start").ok();
    assert_eq!(unit.stored("n"), 3);
}
