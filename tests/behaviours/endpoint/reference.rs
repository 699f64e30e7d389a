//! Fields that refer to secrets: what reads them, and what cannot be published so.

use ensign::ErrorKind;
use ensign::prelude::Secret;
use serde_json::json;

use super::{DB, MYSQL, join, relate, with};
use crate::support::Unit;

/// What the tool for owners says of somebody else's.
const NOT_OURS: &str = "ERROR secret \"9m4e2mr0ui3e8a215n4g\" not found\n";

/// A unit whose hook `start` does this.
macro_rules! starts {
    ($run:expr) => {
        with(&[handler!("start", [hook!("start")], $run)])
    };
}

#[test]
fn where_juju_has_no_secrets_the_field_is_plain_and_reads_the_same() {
    for version in ["2.9.50", "3.6.1"] {
        // A tool that is missing counts, whatever the version.
        let mut unit: Unit = starts!(|ctx| {
            let relation = ctx.endpoint("db")?.relations(ctx)?.remove(0);
            let theirs = relation.received(ctx)?;
            assert_eq!(theirs.secret(ctx, "password")?.unwrap().expose(), "hunter2");
            assert_eq!(theirs.secret(ctx, "missing")?, None);
            assert_eq!(theirs.secrets(ctx, "password")?, None);
            relation.publish(ctx, [("token", Secret::new("in clear"))])
        });
        unit.env("JUJU_VERSION", version);
        relate(&mut unit, &[("password", "hunter2")]);
        unit.hook("start").ok();
        let bag = unit.juju.relation(DB, |r| r.bag("charm/0"));
        assert_eq!(bag["token"], "in clear");
        assert_eq!(unit.hook("start").ok().calls("relation-set"), 0);
    }
}

#[test]
fn secrets_of_other_frameworks_are_followed_too() {
    let mut unit = starts!(|ctx| {
        let theirs = ctx
            .endpoint("db")?
            .unit(ctx, MYSQL)?
            .unwrap()
            .received(ctx)?;
        assert_eq!(theirs.secret(ctx, "tls-ca")?.unwrap().expose(), "c");
        assert_eq!(
            theirs.secret(ctx, "tls_ca")?.unwrap().expose(),
            "c",
            "under another spelling"
        );
        let error = theirs.secret(ctx, "secret-user").unwrap_err();
        assert!(
            error.line().contains("`tls-ca`, `user`"),
            "{}",
            error.line()
        );
        let all = theirs.secrets(ctx, "secret-user")?.unwrap();
        assert_eq!(all["user"].expose(), "u");
        Ok(())
    });
    let uri = "secret:9m4e2mr0ui3e8a215n4g";
    relate(
        &mut unit,
        &[("tls-ca", uri), ("tls_ca", uri), ("secret-user", uri)],
    );
    unit.juju.answer("secret-info-get", 1, "", NOT_OURS);
    unit.juju
        .answer("secret-get", 0, "{\"tls-ca\": \"c\", \"user\": \"u\"}", "");
    unit.hook("start").ok();
}

#[test]
fn a_secret_that_may_not_be_read_is_an_error_and_one_that_is_gone_is_none() {
    let mut unit = starts!(|ctx| {
        let theirs = ctx
            .endpoint("db")?
            .unit(ctx, MYSQL)?
            .unwrap()
            .received(ctx)?;
        match theirs.secret(ctx, "password") {
            Ok(found) => ctx.kv().set("found", &found.is_some()),
            Err(error) => ctx.kv().set("found", &error.line()),
        }
    });
    relate(
        &mut unit,
        &[("password", "secret:9m4e2mr0ui3e8a215n4g?key=password&v=1")],
    );
    unit.juju.answer("secret-info-get", 1, "", NOT_OURS);
    unit.juju
        .answer("secret-get", 1, "", "ERROR permission denied\n");
    unit.hook("start").ok();
    let error = unit.stored("found").to_string();
    assert!(
        error.contains("the secret that `password` refers to"),
        "{error}"
    );
    let gone = "ERROR secret \"secret:9m4e2mr0ui3e8a215n4g\" not found\n";
    unit.juju.answer("secret-get", 1, "", gone);
    unit.hook("start").ok();
    assert_eq!(unit.stored("found"), json!(false));
}

#[test]
fn what_cannot_be_published_is_refused_whole_and_at_once() {
    let mut unit = starts!(|ctx| {
        let relation = ctx.endpoint("db")?.relations(ctx)?.remove(0);
        let long = Secret::new("x".repeat(8_193));
        let plain: ensign::Value = "there".into();
        let error = relation
            .publish(ctx, [("plain", plain), ("password", long.into())])
            .unwrap_err();
        assert!(error.line().contains("8193 bytes"), "{}", error.line());
        assert_eq!(
            relation.published(ctx)?.get("plain"),
            None,
            "the group is whole"
        );
        let error = relation
            .publish(
                ctx,
                [("a_key", Secret::new("1")), ("a-key", Secret::new("2"))],
            )
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let error = relation
            .publish_app(ctx, [("k", Secret::new("1"))])
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLeader);
        Ok(())
    });
    relate(&mut unit, &[]);
    let absent = "ERROR consumer label \"ensign.endpoint.db.3.unit\" not found\n";
    unit.juju.answer("secret-get", 1, "", absent);
    let ran = unit.hook("start").ok();
    assert_eq!(ran.calls("relation-set"), 0);
}

#[test]
fn who_came_to_lead_after_the_hook_began_does_not_make_a_second_secret() {
    let mut unit = starts!(|ctx| {
        let relation = ctx.endpoint("db")?.relations(ctx)?.remove(0);
        let error = relation
            .publish_app(ctx, [("password", Secret::new("new"))])
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLeader);
        Ok(())
    });
    unit.juju.leader(true);
    relate(&mut unit, &[]);
    join(&mut unit, "mysql/1", &[]);
    unit.juju.answer(
        "secret-get",
        0,
        "{\"password\": \"old\", \"ensign-salt\": \"0\"}",
        "",
    );
    let unknown = "ERROR secret \"ensign.endpoint.db.3.app\" not found\n";
    unit.juju.answer("secret-info-get", 1, "", unknown);
    let ran = unit.hook("start").ok();
    assert_eq!((ran.calls("secret-add"), ran.calls("relation-set")), (0, 0));
}

#[test]
fn a_hook_about_one_of_its_secrets_wakes_an_endpoint_that_no_handler_waits_for() {
    let mut unit = starts!(|ctx| ctx.endpoint("db")?.publish(ctx, [("a", "1")]));
    relate(&mut unit, &[]);
    unit.hook("start").ok();
    unit.juju.answer("secret-remove", 0, "", "");
    unit.env("JUJU_SECRET_ID", "secret:9m4e2mr0ui3e8a215n4g");
    unit.env("JUJU_SECRET_REVISION", "1");
    for (label, removed) in [
        ("ensign.endpoint.db.3.unit", 1),
        // Its removal is the leader's business.
        ("ensign.endpoint.db.3.app", 0),
        ("ensign.endpoint.dbx.3.unit", 0),
        ("the-charm's-own", 0),
    ] {
        unit.env("JUJU_SECRET_LABEL", label);
        let ran = unit.hook("secret-remove").ok();
        assert_eq!(ran.calls("secret-remove"), removed, "{label}");
    }
}
