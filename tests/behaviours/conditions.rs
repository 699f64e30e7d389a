//! B30–B39: conditions; D25, D26.

use ensign::handler::Clause;
use serde_json::json;

use crate::support::{Unit, fails, nothing};

/// The four conditions, each over `a` and `b`.
fn four() -> Unit {
    Unit::new(&[
        handler!(
            "set",
            [hook!("one-relation-created", "two-relation-created")],
            |ctx| { ctx.set_flag("a") }
        ),
        handler!("set_b", [hook!("two-relation-created")], |ctx| ctx
            .set_flag("b")),
        handler!("all", [clause!(When: "a", "b")], nothing),
        handler!("any", [clause!(WhenAny: "a", "b")], nothing),
        handler!("none", [clause!(WhenNot: "a", "b")], nothing),
        handler!("not_all", [clause!(WhenNotAll: "a", "b")], nothing),
    ])
}

#[test]
fn b31_all_any_none_and_not_all_mean_what_they_say() {
    let ran = |hook: &str| {
        let ran = four().hook(hook).ok();
        ran.queues.concat()
    };
    assert_eq!(ran("install"), ["none", "not_all"], "neither is set");
    assert_eq!(ran("one-relation-created"), ["any", "not_all"], "one is");
    assert_eq!(ran("two-relation-created"), ["all", "any"], "both are");
}

fn with_endpoints(mut unit: Unit) -> Unit {
    unit.build["metadata"] = json!({
        "provides": {"website": {"interface": "http"}},
        "requires": {"db": {"interface": "mysql"}, "cache": {"interface": "redis"}, "old": "mysql"},
        "peers": {"cluster": {"interface": "redis-peers"}},
    });
    unit
}

#[test]
fn b35_hook_patterns_stand_for_alternatives_and_for_endpoints_of_a_role_and_interface() {
    let mut unit = with_endpoints(Unit::new(&[
        handler!("charm::either", [hook!("{install,start}")], nothing),
        handler!(
            "charm::mysql",
            [hook!("{requires:mysql}-relation-{joined,changed}")],
            nothing
        ),
        handler!(
            "charm::mixed",
            [hook!("{website,requires:redis}-relation-joined")],
            nothing
        ),
        handler!(
            "charm::nobody",
            [hook!("{provides:mysql}-relation-joined")],
            nothing
        ),
    ]));
    for (hook, expected) in [
        ("install", "charm::either"),
        ("start", "charm::either"),
        ("db-relation-joined", "charm::mysql"),
        ("db-relation-changed", "charm::mysql"),
        ("old-relation-changed", "charm::mysql"),
        ("website-relation-joined", "charm::mixed"),
        ("cache-relation-joined", "charm::mixed"),
    ] {
        assert_eq!(unit.hook(hook).ok().ran, [expected], "{hook}");
    }
    for hook in ["stop", "db-relation-departed", "website-relation-changed"] {
        assert!(unit.hook(hook).ok().ran.is_empty(), "{hook}");
    }
}

#[test]
fn d26_peer_and_peers_are_the_same_role() {
    let mut unit = with_endpoints(Unit::new(&[
        handler!(
            "charm::peer",
            [hook!("{peer:redis-peers}-relation-created")],
            nothing
        ),
        handler!(
            "charm::peers",
            [hook!("{peers:redis-peers}-relation-created")],
            nothing
        ),
    ]));
    let ran = unit.hook("cluster-relation-created").ok();
    assert_eq!(ran.ran, ["charm::peer", "charm::peers"]);
}

#[test]
fn b38_only_once_holds_until_the_handler_has_completed_once() {
    let mut unit = Unit::new(&[
        handler!("charm::once", [Clause::OnlyOnce], |ctx| {
            let tries = ctx.kv().get_or("tries", 0)?;
            ctx.kv().set("tries", &(tries + 1))
        }),
        handler!(
            "charm::later",
            [Clause::OnlyOnce, clause!(When: "ready")],
            nothing
        ),
        handler!("charm::ready", [hook!("start")], |ctx| ctx
            .set_flag("ready")),
    ]);
    assert_eq!(unit.hook("install").ok().ran, ["charm::once"]);
    assert_eq!(
        unit.hook("start").ok().ran,
        ["charm::ready", "charm::later"],
        "its other conditions hold it back as usual"
    );
    assert!(unit.hook("update-status").ok().ran.is_empty());
}

#[test]
fn b38_a_handler_that_failed_has_not_completed() {
    let mut unit = Unit::new(&[
        handler!("charm::once", [Clause::OnlyOnce], nothing),
        handler!("charm::spoil", [clause!(WhenNot: "mended")], |ctx| {
            match ctx.hook().name() {
                "install" => fails(ctx),
                _ => ctx.set_flag("mended"),
            }
        }),
    ]);
    let ran = unit.hook("install");
    assert_eq!(ran.times("charm::once"), 1);
    ran.err();
    assert_eq!(unit.hook("start").ok().times("charm::once"), 1);
    assert_eq!(unit.hook("update-status").ok().times("charm::once"), 0);
}

#[test]
fn b39_not_unless_warns_names_what_is_missing_and_calls_the_function() {
    let mut unit = Unit::new(&[
        handler!(
            "charm::a",
            [
                hook!("install", "start"),
                clause!(NotUnless: "ready", "steady")
            ],
            nothing
        ),
        // It never triggers: this one names no other condition that could hold.
        handler!(
            "charm::b",
            [hook!("stop"), clause!(NotUnless: "ready")],
            nothing
        ),
        handler!("charm::steady", [hook!("start")], |ctx| ctx
            .set_flag("steady")),
        handler!("charm::aa", [hook!("start")], |ctx| ctx.set_flag("ready")),
    ]);
    assert_eq!(unit.hook("install").ok().ran, ["charm::a"]);
    assert_eq!(
        unit.juju.log(),
        ["WARNING: `charm::a` runs although `ready`, `steady` is not set"]
    );
    unit.hook("start").ok();
    assert_eq!(unit.juju.log().len(), 2, "`a` came before the others");
    unit.hook("start").ok();
    assert_eq!(unit.juju.log().len(), 2, "nothing was missing");
}

#[test]
fn d25_only_once_is_marked_under_the_handlers_id_wherever_it_stands() {
    let mut unit = Unit::new(&[handler!("charm::once", [Clause::OnlyOnce], nothing)]);
    assert_eq!(unit.hook("install").ok().times("charm::once"), 1);
    // Another line of another build: the id is the same, and so is the mark.
    unit.upgrade(
        &[handler!("charm::once", [Clause::OnlyOnce], nothing)],
        "two",
    );
    assert_eq!(unit.hook("upgrade-charm").ok().times("charm::once"), 0);
}

#[test]
fn d25_was_carries_the_mark_over_a_rename() {
    let mut unit = Unit::new(&[handler!("charm::old", [Clause::OnlyOnce], nothing)]);
    unit.hook("install").ok();
    unit.upgrade(
        &[
            handler!(
                "charm::new",
                [Clause::OnlyOnce],
                was & ["charm::old"],
                nothing
            ),
            handler!("charm::other", [Clause::OnlyOnce], nothing),
        ],
        "two",
    );
    assert_eq!(unit.hook("upgrade-charm").ok().ran, ["charm::other"]);
    assert!(unit.hook("update-status").ok().ran.is_empty());
}

#[test]
fn d25_marks_of_unknown_ids_survive_one_upgrade() {
    let with = || {
        [
            handler!("charm::once", [Clause::OnlyOnce], nothing) as &'static ensign::Handler,
            handler!("charm::b", [clause!(WhenNot: "x")], nothing),
        ]
    };
    let without = || [handler!("charm::b", [clause!(WhenNot: "x")], nothing) as &'static _];
    let mut unit = Unit::new(&with());
    unit.hook("install").ok();
    unit.upgrade(&without(), "two");
    unit.hook("upgrade-charm").ok();
    unit.upgrade(&with(), "three");
    assert_eq!(
        unit.hook("upgrade-charm").ok().times("charm::once"),
        0,
        "a downgrade finds its marks"
    );
    unit.upgrade(&without(), "four");
    unit.hook("upgrade-charm").ok();
    unit.upgrade(&without(), "five");
    unit.hook("upgrade-charm").ok();
    unit.upgrade(&with(), "six");
    assert_eq!(
        unit.hook("upgrade-charm").ok().times("charm::once"),
        1,
        "but not for ever"
    );
}
