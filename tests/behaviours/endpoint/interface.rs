//! B33, B34, B69: handlers of interface layers.

use ensign::handler::{Clause, Source};
use ensign::prelude::{Endpoint, Interface};
use ensign::{Flag, FromContext, Handler, Outcome, TriggerDecl};
use serde_json::json;

use super::{DB, MYSQL, ran, with};
use crate::support::{NO_TRIGGER, Unit};

const INTERFACE: Interface = Interface::requires("mysql");

/// As the macros write it.
static JOINED: Handler = Handler {
    after: &["mysql::changed"],
    interface: Some(INTERFACE),
    ..Handler::new(
        "mysql::joined",
        &[
            Clause::When(&[Flag::new("endpoint.{endpoint_name}.joined")]),
            Clause::WhenNot(&[Flag::new("{endpoint_name}.ready")]),
        ],
        |ctx| {
            let endpoint = Endpoint::from_context(ctx)?;
            let times: u32 = ctx.kv().get_or(endpoint.name(), 0)?;
            ctx.kv().set(endpoint.name(), &(times + 1))?;
            ctx.set_flag(endpoint.expand_name("{endpoint_name}.ready"))?;
            Ok(Outcome::Done)
        },
    )
};

static CHANGED: Handler = Handler {
    interface: Some(INTERFACE),
    ..Handler::new(
        "mysql::changed",
        &[Clause::WhenChanged(&[Source {
            kind: "endpoint",
            key: "{endpoint_name}.host",
        }])],
        |_| Ok(Outcome::Done),
    )
};

static GONE: TriggerDecl = TriggerDecl {
    when_not: Some(Flag::new("endpoint.{endpoint_name}.joined")),
    clear: &[Flag::new("{endpoint_name}.ready")],
    interface: Some(INTERFACE),
    ..NO_TRIGGER
};

static FIRST: TriggerDecl = TriggerDecl {
    when: Some(Flag::new("endpoint.{endpoint_name}.joined")),
    set: &[Flag::new("{endpoint_name}.first")],
    interface: Some(INTERFACE),
    ..NO_TRIGGER
};

fn unit() -> Unit {
    let mut unit = with(&[]);
    unit.registry = ensign::Registry::new([&JOINED, &CHANGED], [&GONE, &FIRST]);
    unit
}

#[test]
fn b33_a_handler_is_there_once_for_each_endpoint_of_its_interface_and_role() {
    let mut unit = unit();
    unit.juju.relate_to(DB, "mysql");
    unit.juju.relate_to("backup:4", "mysql");
    unit.juju.relate_to("site:5", "web");
    unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "a")]));
    assert_eq!(
        ran(unit.relation_hook(DB, "joined", Some(MYSQL))),
        "mysql::changed(db) mysql::joined(db)"
    );
    assert_eq!(
        ran(unit.relation_hook("backup:4", "joined", Some(MYSQL))),
        "mysql::joined(backup)"
    );
    assert_eq!(
        ran(unit.relation_hook("site:5", "joined", Some("web/0"))),
        ""
    );
    // A charm without such an endpoint has no such handler, and calls no tool for it.
    unit.build["metadata"] = json!({"provides": {"db": {"interface": "mysql"}}});
    let other = unit.hook("update-status").ok();
    assert_eq!(other.calls("relation-ids"), 0);
}

#[test]
fn b34_a_handler_gets_its_endpoint_once_however_many_conditions_it_has() {
    let mut unit = unit();
    for (id, name) in [(DB, "db"), ("backup:4", "backup")] {
        unit.juju.relate_to(id, "mysql");
        unit.relation_hook(id, "joined", Some(MYSQL)).ok();
        assert_eq!(unit.stored(name), 1);
    }
}

#[test]
fn b69_triggers_are_there_for_each_endpoint_before_its_flags_are_brought_up_to_date() {
    let mut unit = unit();
    unit.juju.relate_to(DB, "mysql");
    unit.relation_hook(DB, "joined", Some(MYSQL)).ok();
    assert_eq!(
        unit.stored_flags(),
        ["db.first", "db.ready", "endpoint.db.joined"]
    );
    unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
    let left = unit.stored_flags();
    assert!(!left.contains(&"db.ready".to_owned()), "{left:?}");
    assert!(left.contains(&"db.first".to_owned()), "{left:?}");
}

#[test]
fn an_endpoint_is_for_handlers_that_stand_for_one() {
    let mut unit = with(&[handler!("start", [hook!("start")], |ctx| {
        assert!(Endpoint::from_context(ctx).is_err());
        Ok(())
    })]);
    unit.hook("start").ok();
}
