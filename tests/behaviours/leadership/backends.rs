//! Where leader data is kept: the layer's options.

use ensign::prelude::Leadership;
use ensign::{Error, ErrorKind};
use serde_json::json;

use crate::support::Unit;

/// A leader with the peer relation `cluster`, and these options.
fn charm(options: &serde_json::Value) -> Unit {
    let mut unit =
        Unit::new(&[handler!("a", [hook!("start")], |ctx| ctx.leader_set([("k", "v")]))]);
    unit.build["metadata"] = json!({"peers": {"cluster": {"interface": "x"}}});
    unit.build["options"] = json!({"leadership": options});
    unit.juju.leader(true);
    unit.juju.relate("cluster");
    unit.juju.relate("other");
    unit
}

fn on_four(options: &serde_json::Value) -> Unit {
    let mut unit = charm(options);
    unit.juju.become_four();
    unit.env("JUJU_VERSION", "4.0.1");
    unit
}

#[track_caller]
fn refused(mut unit: Unit, hook: &str) -> Error {
    let ran = unit.hook(hook);
    assert!(ran.ran.is_empty() || hook == "start");
    ran.err()
}

#[test]
fn auto_is_the_settings_where_juju_has_them_and_the_peer_relation_elsewhere() {
    for options in [json!({}), json!({"backend": "auto"})] {
        let mut unit = charm(&options);
        unit.hook("start").ok();
        assert_eq!(unit.juju.settings()["k"], "v");
        let (bag, settings) = (unit.juju.app_bag("cluster"), unit.juju.all_settings());
        assert_eq!(
            bag["leader.k"], "v",
            "a mirror for the day there are no settings"
        );
        assert_eq!(bag["leader.ensign-gen"], settings["ensign-gen"]);
        let mut unit = on_four(&options);
        unit.hook("start").ok();
        assert_eq!(unit.juju.app_bag("cluster")["leader.k"], "v");
    }
}

#[test]
fn the_peer_relation_can_be_asked_for() {
    let mut unit = charm(&json!({"backend": "peer"}));
    let tools = unit.hook("start").ok().tools;
    assert!(!tools.contains(&"leader-set".to_owned()), "{tools:?}");
    assert_eq!(unit.juju.app_bag("cluster")["leader.k"], "v");
    let tools = unit.hook("update-status").ok().tools;
    assert!(!tools.iter().any(|t| t.starts_with("leader-")), "{tools:?}");
}

#[test]
fn what_the_settings_hold_moves_once_when_the_peer_relation_is_asked_for() {
    let mut unit = Unit::new(&[
        handler!("a", [hook!("start")], |ctx| ctx.leader_set([("k", "v")])),
        handler!("b", [clause!(When: "leadership.set.old")], |_| Ok(())),
    ]);
    unit.build["metadata"] = json!({"peers": {"cluster": {"interface": "x"}}});
    unit.build["options"] = json!({"leadership": {"backend": "peer"}});
    unit.juju.relate("cluster");
    unit.juju.setting("old", "1");
    unit.juju.leader(false);
    unit.hook("update-status").ok();
    assert!(
        unit.juju.app_bag("cluster").is_empty(),
        "only the leader moves it"
    );
    unit.juju.leader(true);
    unit.hook("update-status").ok();
    assert_eq!(unit.juju.app_bag("cluster")["leader.old"], "1");
    unit.juju.setting("old", "2");
    unit.hook("start").ok();
    let bag = unit.juju.app_bag("cluster");
    assert_eq!(
        (&*bag["leader.old"], &*bag["leader.k"]),
        ("1", "v"),
        "once only"
    );
}

#[test]
fn settings_cannot_be_asked_for_where_juju_has_none() {
    let mut unit = charm(&json!({"backend": "settings"}));
    unit.hook("start").ok();
    assert_eq!(unit.juju.settings()["k"], "v");
    let error = refused(on_four(&json!({"backend": "settings"})), "start");
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.line().contains("`backend: settings`"), "{error:?}");
    assert!(error.advice().unwrap().contains("backend: auto"));
}

#[test]
fn an_unknown_backend_is_named_with_the_known_ones() {
    let error = refused(charm(&json!({"backend": "cloud"})), "start");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.line().contains("`cloud`"), "{error:?}");
    assert!(
        error
            .advice()
            .unwrap()
            .contains("`auto`, `settings`, `peer`")
    );
}

#[test]
fn two_peer_endpoints_need_a_choice() {
    let two = json!({"peers": {"cluster": {"interface": "x"}, "other": {"interface": "y"}}});
    let mut unit = on_four(&json!({}));
    unit.build["metadata"] = two.clone();
    let error = refused(unit, "start");
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.line().contains("`cluster`, `other`"), "{error:?}");
    assert!(error.advice().unwrap().contains("peer: NAME"));

    let mut unit = on_four(&json!({"peer": "other"}));
    unit.build["metadata"] = two.clone();
    unit.hook("start").ok();
    assert_eq!(unit.juju.app_bag("other")["leader.k"], "v");
    assert!(unit.juju.app_bag("cluster").is_empty());

    let mut unit = on_four(&json!({"peer": "db"}));
    unit.build["metadata"] = two;
    let error = refused(unit, "start");
    assert!(error.line().contains("names `db`"), "{error:?}");
}

#[test]
fn two_peer_endpoints_are_refused_at_start_by_whoever_mentions_leadership() {
    let mut unit = Unit::new(&[handler!(
        "a",
        [clause!(When: "leadership.is_leader")],
        |ctx| ctx.set_flag("ran")
    )])
    .on_four();
    unit.build["metadata"] = json!({"peers": {"cluster": "x", "other": "y"}});
    unit.juju.leader(true);
    let error = refused(unit, "install");
    assert!(error.line().contains("several peer endpoints"), "{error:?}");
}

#[test]
fn without_a_peer_endpoint_juju_4_says_who_leads_and_keeps_nothing() {
    let mut unit = Unit::new(&[
        handler!("lead", [hook!("install")], |ctx| {
            assert!(ctx.is_leader()?);
            assert_eq!(ctx.leader_get("k")?, None);
            Ok(())
        }),
        handler!("write", [hook!("start")], |ctx| ctx
            .leader_set([("k", "v")])),
    ])
    .on_four();
    unit.build["metadata"] = json!({});
    unit.juju.leader(true);
    unit.hook("install").ok();
    let error = unit.hook("start").err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.line().contains("no peer endpoint"), "{error:?}");
    let hint = error.advice().unwrap();
    assert!(hint.contains("interface: charm-peers"), "{hint}");
}
