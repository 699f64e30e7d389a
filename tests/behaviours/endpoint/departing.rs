//! Units that leave, and relations that break.

use super::{DB, MYSQL, join, ran, relate, with};

#[test]
fn b73_a_leaving_unit_is_departed_with_its_data_and_joined_no_more_whatever_juju_lists() {
    for listed in [false, true] {
        let mut unit = with(&[handler!("look", [hook!("db-relation-departed")], |ctx| {
            let db = ctx.endpoint("db")?;
            let joined: Vec<_> = db.units(ctx)?.iter().map(|u| u.name().to_owned()).collect();
            assert_eq!(joined, ["mysql/1"]);
            let gone = db.departed_units(ctx)?;
            assert_eq!(gone.len(), 1);
            assert_eq!(gone[0].name(), MYSQL);
            assert_eq!(gone[0].received(ctx)?.get("host"), Some("a"));
            assert!(ctx.is_flag_set("endpoint.db.departed")?);
            ctx.set_flag("looked")
        })]);
        relate(&mut unit, &[("host", "a")]);
        join(&mut unit, "mysql/1", &[]);
        if listed {
            // As some versions of Juju do.
            unit.juju
                .answer("relation-list", 0, "[\"mysql/0\", \"mysql/1\"]", "");
        }
        unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
        assert!(unit.stored_flags().contains(&"looked".to_owned()));
    }
}

#[test]
fn b74_a_relation_with_no_unit_left_drops_out_in_that_departed_hook() {
    let mut unit = with(&[handler!(
        "look",
        [hook!("db-relation-departed", "start")],
        |ctx| {
            let db = ctx.endpoint("db")?;
            let empty = ctx.hook().name() == "db-relation-departed";
            assert_eq!(db.relations(ctx)?.is_empty(), empty);
            assert_eq!(db.broken_relations(ctx)?, [""; 0], "it may be joined again");
            Ok(())
        }
    )]);
    relate(&mut unit, &[]);
    unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
    // Juju lists it until it breaks.
    unit.hook("start").ok();
}

#[test]
fn b75_departed_units_are_kept_until_the_charm_forgets_them() {
    let mut unit = with(&[
        handler!("count", [hook!("start")], |ctx| {
            let gone = ctx.endpoint("db")?.departed_units(ctx)?;
            ctx.kv()
                .set("gone", &gone.iter().map(|u| u.name()).collect::<Vec<_>>())
        }),
        handler!("forget", [hook!("stop")], |ctx| ctx
            .endpoint("db")?
            .forget_departed(ctx)),
        handler!("departed", [clause!(When: "endpoint.db.departed")], |_| Ok(
            ()
        )),
    ]);
    relate(&mut unit, &[("host", "a")]);
    join(&mut unit, "mysql/1", &[]);
    unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
    assert_eq!(
        ran(unit.relation_hook(DB, "departed", Some("mysql/1"))),
        "departed"
    );
    unit.juju.break_relation(DB);
    unit.relation_hook(DB, "broken", None).ok();
    unit.hook("start").ok();
    assert_eq!(
        unit.stored("gone"),
        serde_json::json!(["mysql/0", "mysql/1"])
    );
    assert_eq!(ran(unit.hook("stop")), "forget");
    unit.hook("start").ok();
    assert_eq!(unit.stored("gone"), serde_json::json!([]));
    assert!(!unit.document().to_string().contains("mysql/"));
}

#[test]
fn d16_the_names_of_departed_units_are_kept_and_nothing_of_their_data() {
    let mut unit = super::unit();
    relate(&mut unit, &[("host", "hunter2")]);
    unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
    unit.hook("update-status").ok();
    let memory = unit.document()["memory"]["endpoint.db."].clone();
    assert_eq!(memory["departed"], serde_json::json!(["db:3 mysql/0"]));
    assert!(!memory.to_string().contains("host"), "{memory}");
}

#[test]
fn d17_what_was_known_of_a_unit_goes_with_it_so_that_it_comes_back_as_new() {
    let mut unit = super::unit();
    relate(&mut unit, &[("host", "a")]);
    unit.hook("start").ok();
    unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
    let back = join(&mut unit, MYSQL, &[("host", "a")]);
    assert_eq!(back.ran.join(" "), "any host joined");
    let memory = unit.document()["memory"]["endpoint.db."].clone();
    assert_eq!(memory["departed"], serde_json::Value::Null, "it is here");
}

#[test]
fn a_broken_relation_is_told_apart_from_a_departed_unit() {
    let mut unit = with(&[handler!(
        "look",
        [hook!("{db-relation-broken,start}")],
        |ctx| {
            let broken = ctx.endpoint("db")?.broken_relations(ctx)?;
            let hook = ctx.hook().name().to_owned();
            ctx.kv().set(&hook, &broken)
        }
    )]);
    relate(&mut unit, &[]);
    unit.hook("start").ok();
    unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
    unit.juju.break_relation(DB);
    unit.relation_hook(DB, "broken", None).ok();
    assert_eq!(
        unit.stored("db-relation-broken"),
        serde_json::json!(["db:3"])
    );
    unit.hook("start").ok();
    assert_eq!(unit.stored("start"), serde_json::json!([]));
}

#[test]
fn a_departure_that_no_hook_announced_is_found_all_the_same() {
    let mut unit = super::unit();
    relate(&mut unit, &[("host", "a")]);
    unit.hook("start").ok();
    unit.juju.relation(DB, |r| r.members.clear());
    assert_eq!(ran(unit.hook("update-status")), "departed waits");
}
