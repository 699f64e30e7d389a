//! What is received and published.

use serde_json::json;

use super::{DB, MYSQL, join, relate, with};
use crate::support::{Unit, fails};
use ensign::prelude::Secret;

/// A unit whose hook `start` does this.
macro_rules! starts {
    ($run:expr) => {
        with(&[handler!("start", [hook!("start")], $run)])
    };
}

fn own(unit: &Unit, who: &str) -> serde_json::Value {
    json!(unit.juju.relation(DB, |r| r.bag(who)))
}

#[test]
fn b78_relations_and_units_are_lists_that_also_take_keys() {
    let mut unit = starts!(|ctx| {
        let db = ctx.endpoint("db")?;
        let units = db.units(ctx)?;
        let all: Vec<_> = units
            .iter()
            .map(|u| format!("{} {}", u.relation().id(), u.name()))
            .collect();
        assert_eq!(
            all,
            [
                "db:3 mysql/2",
                "db:3 mysql/10",
                "db:9 mysql/2",
                "db:10 mysql/1"
            ]
        );
        assert_eq!(db.unit(ctx, "mysql/2")?.unwrap(), units[0]);
        assert_eq!(db.unit(ctx, "mysql/7")?, None);
        let nine = db.relation(ctx, "db:9")?.unwrap();
        assert_eq!(nine.unit(ctx, "mysql/2")?.unwrap(), units[2]);
        assert_eq!(nine.unit(ctx, "mysql/10")?, None);
        assert_eq!(nine.app(ctx)?, "mysql");
        assert_eq!(nine.endpoint(), &db);
        assert_eq!(db.relation(ctx, "db:7")?, None);
        Ok(())
    });
    for (id, members) in [
        ("db:10", &["mysql/1"] as &[_]),
        ("db:9", &["mysql/2"]),
        (DB, &["mysql/10", "mysql/2"]),
    ] {
        unit.juju.relate_to(id, "mysql");
        unit.juju.relation(id, |r| {
            r.members = members.iter().map(|m| (*m).to_owned()).collect();
        });
    }
    unit.hook("start").ok();
}

#[test]
fn b79_of_two_values_the_merged_view_takes_that_of_the_lowest_relation_and_unit() {
    let mut unit = starts!(|ctx| {
        let db = ctx.endpoint("db")?;
        let merged = db.received(ctx)?;
        let all: Vec<_> = merged.iter().collect();
        assert_eq!(all, [("a", "2"), ("b", "10"), ("c", "pg")]);
        let pg = db.relation(ctx, "db:4")?.unwrap();
        assert_eq!(pg.received(ctx)?.get("a"), Some("pg"));
        Ok(())
    });
    relate(&mut unit, &[]);
    unit.juju.relate_to("db:4", "pg");
    unit.juju.relation("db:4", |r| {
        r.data("pg/0", &[("a", "pg"), ("c", "pg")]);
        r.members.insert("pg/0".to_owned());
    });
    join(&mut unit, "mysql/10", &[("a", "10"), ("b", "10")]);
    join(&mut unit, "mysql/2", &[("a", "2")]);
    unit.hook("start").ok();
}

#[test]
fn b80_what_is_received_cannot_be_written_and_a_missing_key_reads_as_nothing() {
    let mut unit = starts!(|ctx| {
        let db = ctx.endpoint("db")?;
        let unit = db.unit(ctx, MYSQL)?.unwrap();
        let received = unit.received(ctx)?;
        assert_eq!(received.get("host"), Some("a"));
        assert_eq!(received.get("nothing"), None);
        assert_eq!(received.json("nothing"), None);
        let app = unit.relation().received_app(ctx)?;
        assert_eq!((app.get("vip"), app.get("host")), (Some("v"), None));
        // There is no way to write but to the own bags.
        unit.relation().publish(ctx, [("host", "mine")])?;
        assert_eq!(unit.received(ctx)?, received);
        Ok(())
    });
    relate(&mut unit, &[("host", "a")]);
    unit.juju.relation(DB, |r| r.data("mysql", &[("vip", "v")]));
    unit.hook("start").ok();
    assert_eq!(own(&unit, MYSQL), json!({"host": "a"}));
    assert_eq!(own(&unit, "charm/0"), json!({"host": "mine"}));
}

#[test]
fn b81_the_decoded_view_is_json_or_else_the_text_and_writing_sorts_keys() {
    let mut unit = starts!(|ctx| {
        let relation = ctx.endpoint("db")?.relations(ctx)?.remove(0);
        let received = relation.received(ctx)?;
        for (key, value) in [
            ("number", json!(1)),
            ("list", json!(["a"])),
            ("text", json!("plain")),
            ("quoted", json!("x")),
        ] {
            assert_eq!(received.json(key), Some(value), "{key}");
        }
        relation.publish_fields(
            ctx,
            &json!({"map": {"b": 1, "a": null}, "text": "x", "gone": null, "n": 1}),
        )
    });
    relate(
        &mut unit,
        &[
            ("number", "1"),
            ("list", "[\"a\"]"),
            ("text", "plain"),
            ("quoted", "\"x\""),
        ],
    );
    unit.juju
        .relation(DB, |r| r.data("charm/0", &[("gone", "x")]));
    unit.hook("start").ok();
    assert_eq!(
        own(&unit, "charm/0"),
        json!({"map": "{\"a\":null,\"b\":1}", "text": "x", "n": "1"})
    );
}

#[test]
fn b82_data_is_published_once_at_the_end_only_if_it_changed_and_lost_if_the_hook_fails() {
    let mut unit = with(&[
        handler!("start", [hook!("start")], |ctx| {
            let relation = ctx.endpoint("db")?.relations(ctx)?.remove(0);
            relation.publish(ctx, [("a", "1"), ("b", "2")])?;
            relation.publish(ctx, [("a", "3")])?;
            relation.publish_app(ctx, [("vip", Secret::new("v"))])?;
            relation.unpublish(ctx, ["old"])?;
            let going = relation.published(ctx)?;
            assert_eq!((going.get("a"), going.get("old")), (Some("3"), None));
            assert_eq!(relation.published_app(ctx)?.get("vip"), Some("v"));
            Ok(())
        }),
        handler!("stop", [hook!("stop")], |ctx| {
            ctx.endpoint("db")?.publish(ctx, [("a", "lost")])?;
            fails(ctx)
        }),
    ]);
    unit.juju.leader(true);
    relate(&mut unit, &[]);
    unit.juju
        .relation(DB, |r| r.data("charm/0", &[("old", "x"), ("b", "2")]));
    let ran = unit.hook("start").ok();
    assert_eq!(
        ran.calls("relation-set"),
        2,
        "one for the unit, one for the application"
    );
    assert_eq!(ran.tools.last().unwrap(), "relation-set");
    assert_eq!(own(&unit, "charm/0"), json!({"a": "3", "b": "2"}));
    assert_eq!(own(&unit, "charm"), json!({"vip": "v"}));
    assert_eq!(unit.hook("start").ok().calls("relation-set"), 0);
    unit.hook("stop").err();
    assert_eq!(own(&unit, "charm/0"), json!({"a": "3", "b": "2"}));
}

#[test]
fn b82_what_juju_returns_decides_not_a_memory_of_having_published() {
    let mut unit = starts!(|ctx| ctx.endpoint("db")?.publish(ctx, [("a", "1")]));
    relate(&mut unit, &[]);
    unit.hook("start").ok();
    // Somebody else changed it, as `juju exec relation-set` does.
    unit.juju.relation(DB, |r| r.data("charm/0", &[("a", "2")]));
    unit.hook("start").ok();
    assert_eq!(own(&unit, "charm/0"), json!({"a": "1"}));
}

#[test]
fn b82_only_the_leader_publishes_for_the_application() {
    let mut unit = starts!(|ctx| {
        let refused = ctx
            .endpoint("db")?
            .publish_app(ctx, [("a", "1")])
            .unwrap_err();
        assert_eq!(refused.kind(), ensign::ErrorKind::NotLeader);
        ctx.endpoint("db")?.publish(ctx, [("", "x")]).unwrap_err();
        Ok(())
    });
    relate(&mut unit, &[]);
    assert_eq!(unit.hook("start").ok().calls("relation-set"), 0);
}

#[test]
fn b83_a_default_is_published_only_where_the_key_is_missing() {
    let mut unit = starts!(|ctx| {
        let relation = ctx.endpoint("db")?.relations(ctx)?.remove(0);
        relation.publish_default(ctx, "there", "other")?;
        relation.publish_default(ctx, "missing", "default")
    });
    relate(&mut unit, &[]);
    unit.juju
        .relation(DB, |r| r.data("charm/0", &[("there", "x")]));
    assert_eq!(unit.hook("start").ok().calls("relation-set"), 1);
    assert_eq!(
        own(&unit, "charm/0"),
        json!({"there": "x", "missing": "default"})
    );
    assert_eq!(unit.hook("start").ok().calls("relation-set"), 0);
}

#[test]
fn b85_a_peer_without_peers_has_an_application_and_its_data() {
    let mut unit = starts!(|ctx| {
        let cluster = ctx.endpoint("cluster")?;
        assert!(!cluster.is_joined(ctx)?);
        assert_eq!(cluster.units(ctx)?, []);
        let relation = cluster.relations(ctx)?.remove(0);
        assert_eq!(relation.app(ctx)?, "charm");
        let data = relation.received_app(ctx)?;
        assert_eq!(data.get("seed"), Some("x"));
        assert_eq!(data.get("leader.k"), None, "that is the leadership layer's");
        assert_eq!(relation.published_app(ctx)?.get("seed"), Some("x"));
        relation.publish(ctx, [("address", "10.0.0.1")])
    });
    unit.juju.relate("cluster");
    unit.juju.app_data("cluster", "seed", "x");
    unit.juju.app_data("cluster", "leader.k", "v");
    let ran = unit.hook("start").ok();
    assert_eq!(ran.calls("relation-list"), 1, "nobody is asked whose it is");
    let bag = unit.juju.relation("cluster:0", |r| r.bag("charm/0"));
    assert_eq!(bag["address"], "10.0.0.1");
}

#[test]
fn an_address_comes_from_jujus_network_configuration() {
    let mut unit = starts!(|ctx| {
        let db = ctx.endpoint("db")?;
        assert_eq!(db.network(ctx)?.ingress_address(), Some("10.0.0.1"));
        let relation = db.relations(ctx)?.remove(0);
        assert_eq!(relation.network(ctx)?.ingress_address(), Some("10.0.0.1"));
        Ok(())
    });
    relate(&mut unit, &[]);
    let ran = unit.hook("start").ok();
    assert_eq!((ran.calls("network-get"), ran.calls("unit-get")), (2, 0));
}

#[test]
fn what_others_publish_is_remembered_as_digests_only() {
    let mut unit = super::unit();
    relate(&mut unit, &[("host", "hunter2")]);
    unit.hook("update-status").ok();
    let text = unit.document().to_string();
    assert!(text.contains("host") && !text.contains("hunter2"), "{text}");
}
