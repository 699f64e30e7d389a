//! B68–B86: endpoints; D14–D17, D32.

mod data;
mod departing;
mod foreign;
mod interface;
mod lost;
mod reference;
mod requests;
mod secret;

use ensign::Handler;
use serde_json::json;

use crate::support::{Flush, Ran, Unit, fails, nothing};

// Handlers by hand do not say that they name one.
ensign::endpoints!();

const DB: &str = "db:3";
const MYSQL: &str = "mysql/0";

/// Handlers of the flags of `db`, and of two fields.
fn watching() -> [&'static Handler; 6] {
    [
        handler!("any", [clause!(When: "endpoint.db.changed")], nothing),
        handler!("departed", [clause!(When: "endpoint.db.departed")], nothing),
        handler!("host", [clause!(When: "endpoint.db.changed.host")], nothing),
        handler!("joined", [clause!(When: "endpoint.db.joined")], nothing),
        handler!("port", [clause!(When: "endpoint.db.changed.port")], nothing),
        handler!("waits", [changed!("endpoint" = "db.host")], nothing),
    ]
}

/// The same, and a hook handler `clear` that clears what the charm has to.
fn unit() -> Unit {
    let [a, b, c, d, e, f] = watching();
    with(&[
        a,
        b,
        c,
        d,
        e,
        f,
        handler!("clear", [hook!("start")], |ctx| {
            ctx.clear_flag("endpoint.db.changed")?;
            ctx.clear_flag("endpoint.db.changed.host")?;
            ctx.clear_flag("endpoint.db.changed.port")
        }),
    ])
}

/// A unit with two endpoints.
fn with(handlers: &[&'static Handler]) -> Unit {
    let mut unit = Unit::new(handlers);
    unit.build["metadata"] = json!({
        "requires": {"db": {"interface": "mysql"}, "backup": {"interface": "mysql"}},
        "provides": {"site": {"interface": "http"}},
        "peers": {"cluster": {"interface": "charm-peers"}},
    });
    unit
}

/// Relates `db` to `mysql` with this data of its first unit, and runs the hooks that Juju does.
fn relate(unit: &mut Unit, pairs: &[(&str, &str)]) -> Ran {
    unit.juju.relate_to(DB, "mysql");
    unit.relation_hook(DB, "created", None).ok();
    join(unit, MYSQL, pairs)
}

fn join(unit: &mut Unit, name: &str, pairs: &[(&str, &str)]) -> Ran {
    unit.juju.relation(DB, |r| r.data(name, pairs));
    unit.relation_hook(DB, "joined", Some(name)).ok();
    unit.relation_hook(DB, "changed", Some(name)).ok()
}

/// One unit publishes, and its hook runs.
fn publishes(unit: &mut Unit, name: &str, pairs: &[(&str, &str)]) -> String {
    unit.juju.relation(DB, |r| r.data(name, pairs));
    ran(unit.relation_hook(DB, "changed", Some(name)))
}

#[track_caller]
fn ran(ran: Ran) -> String {
    ran.ok().ran.join(" ")
}

#[test]
fn an_endpoint_that_nothing_names_costs_nothing() {
    let mut unit = with(&[handler!("start", [hook!("start")], nothing)]);
    unit.juju.relate_to(DB, "mysql");
    unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "a")]));
    let ran = unit.relation_hook(DB, "joined", Some(MYSQL)).ok();
    assert_eq!(ran.tools, ["state-set"], "it remembers its build");
    unit.hook("start").ok();
    assert!(unit.hook("start").ok().tools.is_empty());
    // Nor do those that are not named.
    let mut unit = super::endpoint::unit();
    unit.hook("install").ok();
    unit.hook("start").ok();
    assert_eq!(unit.hook("update-status").ok().tools, ["relation-ids"]);
}

#[test]
fn b68_relations_are_sorted_by_number_and_named_after_their_endpoint() {
    let mut unit = with(&[handler!("look", [hook!("start")], |ctx| {
        let db = ctx.endpoint("db")?;
        let ids: Vec<_> = db
            .relations(ctx)?
            .iter()
            .map(|r| r.id().to_owned())
            .collect();
        assert_eq!(ids, ["db:3", "db:9", "db:10"]);
        assert_eq!(ctx.endpoint("backup")?.relations(ctx)?, []);
        Ok(())
    })]);
    for id in ["db:10", "db:9", "db:3", "site:1"] {
        unit.juju.relate_to(id, "mysql");
    }
    let ran = unit.hook("start").ok();
    assert_eq!(
        ran.calls("relation-ids"),
        2,
        "one for each that was asked for"
    );
}

#[test]
fn b70_joined_follows_whether_any_remote_unit_is_there() {
    let mut unit = unit();
    unit.juju.relate_to(DB, "mysql");
    assert_eq!(ran(unit.relation_hook(DB, "created", None)), "");
    unit.juju.relate_to("db:4", "pg");
    assert_eq!(ran(unit.relation_hook(DB, "joined", Some(MYSQL))), "joined");
    assert_eq!(
        ran(unit.relation_hook("db:4", "joined", Some("pg/0"))),
        "joined"
    );
    let gone = ran(unit.relation_hook(DB, "departed", Some(MYSQL)));
    assert!(
        gone.contains("joined"),
        "one of another relation is still there"
    );
    let gone = ran(unit.relation_hook("db:4", "departed", Some("pg/0")));
    assert!(!gone.contains("joined"));
    assert!(
        !unit
            .stored_flags()
            .contains(&"endpoint.db.joined".to_owned())
    );
}

#[test]
fn b71_changed_is_set_for_fields_that_differ_from_last_time_until_it_is_cleared() {
    let mut unit = unit();
    let first = relate(&mut unit, &[("host", "a"), ("port", "1"), ("odd key", "x")]);
    assert_eq!(first.ran.join(" "), "any host joined port");
    // The framework does not clear them (D15): the charm does.
    assert_eq!(ran(unit.hook("update-status")), "any host joined port");
    assert_eq!(ran(unit.hook("start")), "clear joined");
    assert_eq!(publishes(&mut unit, MYSQL, &[("host", "a")]), "joined");
    assert_eq!(
        publishes(&mut unit, MYSQL, &[("host", "b")]),
        "any host joined waits"
    );
}

#[test]
fn b72_fields_are_compared_in_hooks_of_the_endpoint_only() {
    let mut unit = unit();
    relate(&mut unit, &[("host", "a")]);
    unit.hook("start").ok();
    unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "b")]));
    let other = unit.hook("update-status").ok();
    assert_eq!(other.ran.join(" "), "joined");
    assert_eq!(other.calls("relation-get"), 0);
    assert_eq!(publishes(&mut unit, MYSQL, &[]), "any host joined waits");
}

#[test]
fn b72_an_endpoint_that_was_never_looked_at_is_compared_in_any_hook() {
    let mut unit = with(&[handler!("start", [hook!("start")], nothing)]);
    unit.build["build"] = "old".into();
    relate(&mut unit, &[("host", "a")]);
    unit.upgrade(&watching(), "new");
    assert_eq!(ran(unit.hook("config-changed")), "any host joined waits");
    // A build that does not name it forgets to look, and the one after that compares all.
    unit.upgrade(&[], "other");
    unit.juju
        .relation(DB, |r| r.data(MYSQL, &[("host", "b"), ("port", "1")]));
    unit.hook("update-status").ok();
    unit.upgrade(&watching(), "newer");
    assert_eq!(
        ran(unit.hook("update-status")),
        "any host joined port waits"
    );
}

#[test]
fn b76_departed_is_cleared_while_others_are_there() {
    let mut unit = unit();
    relate(&mut unit, &[]);
    join(&mut unit, "mysql/1", &[]);
    assert_eq!(
        ran(unit.relation_hook(DB, "departed", Some("mysql/1"))),
        "departed joined"
    );
    assert_eq!(ran(unit.hook("update-status")), "joined");
    assert_eq!(
        ran(unit.relation_hook(DB, "departed", Some(MYSQL))),
        "departed"
    );
    assert_eq!(
        ran(unit.hook("update-status")),
        "departed",
        "nobody is there"
    );
    join(&mut unit, MYSQL, &[]);
    assert_eq!(ran(unit.hook("update-status")), "joined");
}

#[test]
fn b77_what_follows_from_the_automatic_flags_comes_after_them_and_not_where_nothing_is_compared() {
    let mut unit = with(&[
        handler!("hook", [hook!("db-relation-changed", "start")], |ctx| {
            let seen = ctx.is_flag_set("endpoint.db.changed")?;
            assert_eq!(seen, ctx.hook().name() != "start");
            Ok(())
        }),
        handler!("manage", [clause!(When: "endpoint.db.changed")], |ctx| {
            ctx.set_flag("db.ready")?;
            ctx.clear_flag("endpoint.db.changed")
        }),
    ]);
    unit.juju.relate_to(DB, "mysql");
    unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "a")]));
    assert_eq!(
        ran(unit.relation_hook(DB, "changed", Some(MYSQL))),
        "hook manage"
    );
    unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "b")]));
    assert_eq!(ran(unit.hook("start")), "hook");
}

#[test]
fn b84_an_endpoint_is_found_by_name_or_by_a_flag_that_is_set() {
    let mut unit = with(&[handler!("look", [hook!("start")], |ctx| {
        assert_eq!(ctx.endpoint("db")?.name(), "db");
        let unknown = ctx.endpoint("bd").unwrap_err();
        assert_eq!(unknown.to_string(), "the charm has no endpoint `bd`");
        assert!(unknown.advice().unwrap().contains("`db`"));
        ctx.set_flag("db.ready")?;
        for (flag, found) in [
            ("endpoint.db.joined", true),
            ("db.ready", true),
            ("db.other", false),
            ("endpoint.site.joined", false),
            ("nobody.ready", false),
        ] {
            let endpoint = ctx.endpoint_from_flag(flag)?;
            assert_eq!(endpoint.is_some_and(|e| e.name() == "db"), found, "{flag}");
        }
        Ok(())
    })]);
    relate(&mut unit, &[]);
    unit.hook("start").ok();
}

#[test]
fn b86_expand_name_replaces_the_placeholder_or_prefixes_the_text() {
    let mut unit = with(&[handler!("look", [hook!("start")], |ctx| {
        let db = ctx.endpoint("db")?;
        assert_eq!(db.expand_name("joined"), "endpoint.db.joined");
        assert_eq!(db.expand_name("{endpoint_name}.ready"), "db.ready");
        assert_eq!(db.expand_name("x.{endpoint_name}.{other}"), "x.db.{other}");
        Ok(())
    })]);
    unit.hook("start").ok();
}

#[test]
fn d14_a_removed_key_and_application_data_are_changes() {
    let mut unit = unit();
    relate(&mut unit, &[("host", "a"), ("port", "1")]);
    unit.hook("start").ok();
    assert_eq!(
        publishes(&mut unit, MYSQL, &[("port", "")]),
        "any joined port"
    );
    unit.hook("start").ok();
    unit.juju
        .relation(DB, |r| r.data("mysql", &[("host", "vip")]));
    assert_eq!(
        ran(unit.relation_hook(DB, "changed", None)),
        "any host joined waits"
    );
    unit.hook("start").ok();
    unit.juju.relation(DB, |r| r.data("mysql", &[("host", "")]));
    assert_eq!(
        ran(unit.relation_hook(DB, "changed", None)),
        "any host joined waits"
    );
}

#[test]
fn d15_each_reader_has_its_own_cursor_and_nobody_has_to_clear_anything() {
    let mut unit = with(&[
        handler!("a", [changed!("endpoint" = "db.host")], nothing),
        handler!(
            "b",
            [clause!(When: "ready"), changed!("endpoint" = "db.host")],
            nothing
        ),
        handler!("ready", [hook!("start")], |ctx| ctx.set_flag("ready")),
    ]);
    relate(&mut unit, &[]);
    assert_eq!(publishes(&mut unit, MYSQL, &[("host", "a")]), "a");
    assert_eq!(ran(unit.hook("update-status")), "");
    assert_eq!(ran(unit.hook("start")), "ready b", "it waited for this one");
    assert_eq!(publishes(&mut unit, MYSQL, &[("port", "1")]), "");
    assert_eq!(publishes(&mut unit, MYSQL, &[("host", "b")]), "a b");
    // Who joins with a value, leaves with one, or takes it back: all of it is a change.
    unit.juju
        .relation(DB, |r| r.data("mysql/1", &[("host", "b")]));
    assert_eq!(
        ran(unit.relation_hook(DB, "joined", Some("mysql/1"))),
        "a b"
    );
    assert_eq!(
        ran(unit.relation_hook(DB, "departed", Some("mysql/1"))),
        "a b"
    );
    assert_eq!(publishes(&mut unit, MYSQL, &[("host", "")]), "a b");
    assert_eq!(publishes(&mut unit, MYSQL, &[]), "");
}

#[test]
fn d32_flags_of_an_endpoint_go_with_its_last_relation() {
    let mut unit = unit();
    relate(&mut unit, &[("host", "a")]);
    unit.relation_hook(DB, "departed", Some(MYSQL)).ok();
    unit.juju.break_relation(DB);
    let broken = ran(unit.relation_hook(DB, "broken", None));
    assert_eq!(broken, "departed");
    // A relation that vanishes without a hook, as one removed by force.
    relate(&mut unit, &[("host", "a")]);
    unit.juju.break_relation(DB);
    assert_eq!(ran(unit.hook("update-status")), "departed waits");
    assert_eq!(unit.stored_flags(), ["endpoint.db.departed"]);
}

#[test]
fn actions_and_juju_exec_see_changes_and_consume_none() {
    let [a, b, c, d, e, f] = watching();
    let mut unit = with(&[a, b, c, d, e, f, handler!("act", [action!("act")], nothing)]);
    relate(&mut unit, &[]);
    unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "a")]));
    let document = unit.document();
    unit.action("act").ok();
    unit.exec().ok();
    assert_eq!(unit.document(), document);
    assert_eq!(publishes(&mut unit, MYSQL, &[]), "any host joined waits");
    assert_eq!(publishes(&mut unit, MYSQL, &[]), "any host joined");
}

#[test]
fn a_hook_that_fails_or_is_skipped_leaves_its_change_to_the_next_one() {
    for flush in [Flush::Whole, Flush::Nothing] {
        let mut unit = with(&[
            handler!("host", [clause!(When: "endpoint.db.changed.host")], |ctx| {
                if ctx.hook().name() == "db-relation-changed" {
                    return fails(ctx);
                }
                nothing(ctx)
            }),
            handler!("waits", [changed!("endpoint" = "db.host")], nothing),
        ]);
        if flush == Flush::Nothing {
            unit.registry = ensign::Registry::new(watching(), []);
        }
        unit.juju.relate_to(DB, "mysql");
        unit.relation_hook(DB, "joined", Some(MYSQL)).ok();
        unit.hook("update-status").ok();
        unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "a")]));
        unit.flush = flush;
        unit.relation_hook(DB, "changed", Some(MYSQL));
        // The operator said `resolved --no-retry`: Juju never runs that hook again.
        let next = ran(unit.hook("update-status"));
        assert!(next.contains("host") && next.contains("waits"), "{next}");
        let settled = unit.hook("update-status").ok();
        assert_eq!(settled.calls("relation-get"), 0);
    }
}

#[test]
fn a_steady_hook_reads_no_data_however_many_units_there_are() {
    let mut unit = unit();
    unit.juju.relate_to("db:4", "pg");
    relate(&mut unit, &[("host", "a")]);
    for number in 1..5 {
        join(
            &mut unit,
            &format!("mysql/{number}"),
            &[("host", "a"), ("port", "1")],
        );
    }
    unit.relation_hook("db:4", "joined", Some("pg/0")).ok();
    unit.hook("start").ok();
    // This one finds out what has become of that.
    unit.hook("update-status").ok();
    for _ in 0..3 {
        let steady = unit.hook("update-status").ok();
        assert_eq!(steady.ran, ["joined"]);
        let looks = ["relation-ids", "relation-list", "relation-list"];
        assert_eq!(
            steady.tools, looks,
            "one a relation, and nothing is written"
        );
    }
}

#[test]
fn tools_are_called_as_often_as_the_documentation_says() {
    let mut unit = unit();
    let calls = |ran: Ran| {
        let ran = ran.ok();
        let of = |tool: &str| ran.calls(tool);
        (of("relation-ids"), of("relation-list"), of("relation-get"))
    };
    unit.juju.relate_to(DB, "mysql");
    unit.juju.relate_to("db:4", "pg");
    unit.juju.relation(DB, |r| r.data(MYSQL, &[("host", "a")]));
    // Each application's data once; whose name is not known from the hook is asked for.
    assert_eq!(calls(unit.relation_hook(DB, "created", None)), (1, 3, 2));
    assert_eq!(
        calls(unit.relation_hook(DB, "joined", Some(MYSQL))),
        (1, 2, 1)
    );
    assert_eq!(
        calls(unit.relation_hook(DB, "changed", Some(MYSQL))),
        (1, 2, 1)
    );
    assert_eq!(calls(unit.hook("update-status")), (1, 2, 0));
    assert_eq!(calls(unit.hook("config-changed")), (1, 2, 0));
    assert_eq!(calls(unit.relation_hook(DB, "changed", None)), (1, 2, 1));
    assert_eq!(
        calls(unit.relation_hook(DB, "departed", Some(MYSQL))),
        (1, 2, 0)
    );
}
