//! What is written as attributes: B30, B38, B39.

use ensign::Handler;
use ensign::handler::HANDLERS;
use ensign::prelude::*;
use serde_json::Value;

use crate::support::Unit;

#[when("a", "b")]
fn when() {}

#[when_all("a", "b")]
fn when_all() {}

#[when_not("a", "b")]
fn when_not() {}

#[when_none("a", "b")]
fn when_none() {}

#[only_once]
fn only_once() {}

#[only_once()]
fn only_once_with_parentheses() {}

/// Works.
#[not_unless("ready")]
#[hook("install")]
fn not_unless(ctx: &mut Context) -> Result {
    ctx.set_flag("worked")
}

/// The handler that a function of this module became.
fn handler(name: &str) -> &'static Handler {
    let id = format!("{}::{name}", module_path!());
    HANDLERS.iter().find(|h| h.id == id).unwrap()
}

fn clauses(name: &str) -> Value {
    let registry = ensign::Registry::new([handler(name)], []);
    ensign::dispatch::describe(&registry)["handlers"][0]["clauses"].clone()
}

#[test]
fn b30_when_is_when_all_and_when_not_is_when_none() {
    assert_eq!(clauses("when"), clauses("when_all"));
    assert_eq!(clauses("when_not"), clauses("when_none"));
    assert_ne!(clauses("when"), clauses("when_not"));
    for (set, ran) in [
        (&[][..], ["when_none", "when_not"]),
        (&["a", "b"], ["when", "when_all"]),
    ] {
        let all = ["when", "when_all", "when_none", "when_not"];
        let mut unit = Unit::new(&all.map(handler));
        unit.start_with(set);
        let names = ran.map(|n| handler(n).id);
        assert_eq!(unit.hook("update-status").ok().ran, names);
    }
}

#[test]
fn b38_only_once_goes_with_and_without_parentheses() {
    let names = ["only_once", "only_once_with_parentheses"];
    let mut unit = Unit::new(&names.map(handler));
    assert_eq!(unit.hook("install").ok().ran.len(), 2);
    assert_eq!(unit.hook("install").ok().ran.len(), 0);
}

#[test]
fn b39_the_function_of_not_unless_can_still_be_called_as_any_other() {
    let calls = handler!("calls", [hook!("start")], not_unless);
    let mut unit = Unit::new(&[handler("not_unless"), calls]);
    unit.hook("start").ok();
    assert_eq!(unit.stored_flags(), ["worked"]);
    assert!(unit.juju.log().is_empty(), "it is the handler that warns");
    unit.hook("install").ok();
    assert!(unit.juju.logged("runs although `ready` is not set"));
}
