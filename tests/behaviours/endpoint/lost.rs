//! Early releases of Juju 4 store a hook's state and may lose its relation data.

use super::{DB, relate, with};
use crate::support::{Flush, Unit};

/// Publishes once, and remembers that it has.
fn once(four: bool) -> Unit {
    let mut unit = with(&[handler!(
        "publish",
        [clause!(WhenNot: "published")],
        |ctx| {
            let Some(relation) = ctx.endpoint("db")?.relations(ctx)?.pop() else {
                return Ok(());
            };
            relation.publish(ctx, [("a", "1"), ("b", "2")])?;
            ctx.set_flag("published")
        }
    )]);
    if four {
        unit.juju.become_four();
        unit.env("JUJU_VERSION", "4.0.1");
    }
    unit
}

#[test]
fn data_that_is_proved_lost_is_published_again() {
    let mut unit = once(true);
    unit.juju.relate_to(DB, "mysql");
    unit.flush = Flush::StateOnly;
    assert!(!unit.hook("start").ok().flushed);
    assert_eq!(unit.juju.relation(DB, |r| r.bag("charm/0")).len(), 0);
    assert_eq!(unit.hook("start").ok().times("publish"), 1);
    assert_eq!(unit.juju.relation(DB, |r| r.bag("charm/0")).len(), 2);
    assert_eq!(unit.hook("update-status").ok().times("publish"), 0);
}

#[test]
fn data_that_arrived_is_not_published_again() {
    for four in [false, true] {
        let mut unit = once(four);
        relate(&mut unit, &[]);
        assert_eq!(unit.juju.relation(DB, |r| r.sets), 1);
        // Somebody else changed a part of it since.
        unit.juju.relation(DB, |r| r.data("charm/0", &[("a", "")]));
        let next = unit.hook("update-status").ok();
        assert_eq!(next.times("publish"), 0);
        assert_eq!(unit.juju.relation(DB, |r| r.sets), 1);
    }
}

#[test]
fn a_relation_that_is_gone_proves_nothing() {
    let mut unit = once(true);
    unit.juju.relate_to(DB, "mysql");
    unit.hook("start").ok();
    unit.juju.break_relation(DB);
    assert_eq!(unit.hook("update-status").ok().times("publish"), 0);
}

/// Publishes for the application, once.
fn once_for_all() -> Unit {
    let mut unit = with(&[handler!(
        "publish",
        [clause!(WhenNot: "published")],
        |ctx| {
            let Some(relation) = ctx.endpoint("db")?.relations(ctx)?.pop() else {
                return Ok(());
            };
            relation.publish_app(ctx, [("a", "1")])?;
            ctx.set_flag("published")
        }
    )]);
    unit.juju.become_four();
    unit.env("JUJU_VERSION", "4.0.1");
    unit.juju.leader(true);
    unit.juju.relate_to(DB, "mysql");
    unit
}

#[test]
fn data_of_the_application_is_proved_lost_while_nobody_else_can_have_led() {
    let mut unit = once_for_all();
    unit.flush = Flush::StateOnly;
    assert!(!unit.hook("start").ok().flushed);
    assert_eq!(unit.hook("start").ok().times("publish"), 1);
    assert_eq!(unit.juju.relation(DB, |r| r.bag("charm")).len(), 1);
}

#[test]
fn what_another_leader_has_put_back_proves_nothing() {
    let mut unit = once_for_all();
    assert!(unit.hook("start").ok().flushed);
    unit.wait(31);
    unit.juju.relation(DB, |r| r.data("charm", &[("a", "")]));
    assert_eq!(unit.hook("update-status").ok().times("publish"), 0);
}
