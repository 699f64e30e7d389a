//! Leader data in the peer relation: staging, the first writer, hidden relations, proved losses.

use ensign::prelude::Leadership;
use ensign::{Handler, Result};

use super::{ran, watching};
use crate::support::{Flush, NEXT, Unit, nothing};

/// Makes a value where there is none; everybody stores it.
fn bootstrap() -> [&'static Handler; 2] {
    [
        handler!(
            "make",
            [
                clause!(When: "leadership.is_leader"),
                clause!(WhenNot: "leadership.set.k")
            ],
            |ctx| {
                let n = ctx.kv().get_or("made", 0)? + 1;
                ctx.kv().set("made", &n)?;
                ctx.leader_set([("k", format!("value {n}"))])
            }
        ),
        handler!("store", [changed!("leader" = "k")], |ctx| {
            let value = ctx.leader_get("k")?;
            ctx.write_file("/etc/k", value.as_deref().unwrap_or("none"))
        }),
    ]
}

fn leader(handlers: &[&'static Handler]) -> Unit {
    let unit = Unit::new(handlers).on_four();
    unit.juju.leader(true);
    unit
}

fn staged(unit: &Unit) -> serde_json::Value {
    unit.document()["memory"]["leadership."]["staged"].clone()
}

fn in_bag(unit: &Unit, key: &str) -> Option<String> {
    unit.juju.app_bag("cluster").get(key).cloned()
}

#[test]
fn a_steady_hook_calls_three_tools_and_two_in_hooks_of_the_relation() {
    let mut unit = leader(&bootstrap());
    unit.juju.relate("cluster");
    for _ in 0..3 {
        unit.hook("update-status").ok();
    }
    assert_eq!(
        unit.hook("update-status").ok().tools,
        ["is-leader", "relation-ids", "relation-get", "secret-get"],
        "as long as no bell was rung the leader has to look"
    );
    unit.juju.leader(false);
    unit.hook("update-status").ok();
    unit.hook("update-status").ok();
    assert_eq!(
        unit.hook("update-status").ok().tools,
        ["is-leader", "relation-ids", "relation-get"]
    );
    assert_eq!(
        unit.hook("cluster-relation-changed").ok().tools,
        ["is-leader", "relation-get"]
    );
}

#[test]
fn before_the_relation_is_there_a_plain_value_is_staged_and_has_its_flags() {
    let [a, b, c, d, e] = watching();
    let [make, store] = bootstrap();
    let mut unit = leader(&[a, b, c, d, e, make, store]);
    assert_eq!(
        ran(&mut unit, "install"),
        "leads make any changed set store"
    );
    assert_eq!(staged(&unit)["k"], "value 1");
    // It stays as it is through every hook that cannot reach the relation.
    assert_eq!(ran(&mut unit, "leader-elected"), "leads set");
    assert_eq!(staged(&unit)["k"], "value 1");
    unit.juju.relate("cluster");
    let created = unit.hook("cluster-relation-created").ok();
    assert_eq!(created.ran, ["leads", "set"], "nothing is new about it");
    assert_eq!(in_bag(&unit, "leader.k").unwrap(), "value 1");
    assert!(in_bag(&unit, "leader.ensign-gen").is_some());
    assert_eq!(
        staged(&unit),
        serde_json::Value::Null,
        "it left with the commit that published it"
    );
    assert_eq!(ran(&mut unit, "start"), "leads set");
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "value 1");
    let document = unit.document().to_string();
    assert!(
        !document.contains("value 1"),
        "only digests stay: {document}"
    );
}

#[test]
fn a_staged_value_can_be_changed_and_taken_back() {
    let mut unit = leader(&[
        handler!("install", [hook!("install")], |ctx| {
            ctx.leader_set([("a", "1"), ("b", "1")])?;
            ctx.leader_set([("a", "2")])?;
            ctx.leader_unset(["b"])?;
            assert_eq!(ctx.leader_get("a")?.unwrap(), "2");
            assert_eq!(ctx.leader_get("b")?, None);
            Ok(())
        }),
        handler!("later", [hook!("leader-elected")], |ctx| {
            assert_eq!(ctx.leader_get("a")?.unwrap(), "2");
            ctx.leader_set([("a", ""), ("c", "3")])
        }),
    ]);
    unit.hook("install").ok();
    unit.hook("leader-elected").ok();
    assert_eq!(staged(&unit), serde_json::json!({"c": "3"}));
}

#[test]
fn a_secret_value_is_never_staged_in_clear() {
    let mut unit = leader(&[
        handler!(
            "make",
            [
                clause!(When: "leadership.is_leader"),
                clause!(WhenNot: "leadership.set.k")
            ],
            |ctx| {
                let secret = ctx.password(16);
                ctx.leader_set([("k", secret)])
            }
        ),
        handler!("set", [clause!(When: "leadership.set.k")], nothing),
    ]);
    assert_eq!(ran(&mut unit, "install"), "make");
    assert_eq!(staged(&unit), serde_json::Value::Null);
    unit.juju.relate("cluster");
    assert_eq!(ran(&mut unit, "cluster-relation-created"), "make set");
    assert_eq!(in_bag(&unit, "leader.k").unwrap().len(), 16);
}

#[test]
fn a_publication_that_did_not_happen_happens_again() {
    for flush in [Flush::Nothing, Flush::StateOnly] {
        let mut unit = leader(&bootstrap());
        unit.hook("install").ok();
        unit.juju.relate("cluster");
        unit.flush = flush;
        unit.hook("cluster-relation-created").ok();
        assert_eq!(in_bag(&unit, "leader.k"), None);
        unit.hook("cluster-relation-created").ok();
        assert_eq!(in_bag(&unit, "leader.k").unwrap(), "value 1", "{flush:?}");
        assert_eq!(staged(&unit), serde_json::Value::Null);
    }
}

#[test]
fn the_first_writer_wins_and_what_was_staged_is_dropped_with_a_warning() {
    let mut unit = leader(&bootstrap());
    unit.hook("install").ok();
    // Another unit led in between.
    unit.juju.relate("cluster");
    unit.juju.app_data("cluster", "leader.k", "theirs");
    unit.juju.app_data("cluster", "leader.ensign-gen", "1.ff");
    unit.hook("cluster-relation-created").ok();
    assert!(
        unit.juju
            .logged("WARNING: the staged leader setting `k` is dropped"),
        "{:?}",
        unit.juju.log()
    );
    assert_eq!(in_bag(&unit, "leader.k").unwrap(), "theirs");
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "theirs");
    assert_eq!(staged(&unit), serde_json::Value::Null);
    assert!(
        unit.stored_flags()
            .contains(&"leadership.changed.k".to_owned())
    );
}

#[test]
fn a_key_that_was_set_and_revoked_since_does_not_come_back() {
    let mut unit = leader(&[
        handler!("install", [hook!("install")], |ctx| ctx
            .leader_set([("k", "old")])),
        handler!("set", [clause!(When: "leadership.set.k")], nothing),
    ]);
    assert_eq!(ran(&mut unit, "install"), "install set");
    unit.juju.relate("cluster");
    unit.juju.app_data("cluster", "leader.ensign-gen", "2.ff");
    assert_eq!(ran(&mut unit, "cluster-relation-created"), "");
    assert_eq!(in_bag(&unit, "leader.k"), None);
    assert!(unit.juju.logged("`k` is dropped"));
}

#[test]
fn who_no_longer_leads_publishes_nothing_of_what_was_staged() {
    let mut unit = leader(&bootstrap());
    unit.hook("install").ok();
    unit.juju.leader(false);
    unit.juju.relate("cluster");
    unit.hook("cluster-relation-created").ok();
    assert_eq!(in_bag(&unit, "leader.k"), None);
    assert!(
        unit.juju
            .logged("WARNING: the staged leader setting `k` is dropped: this unit no longer leads"),
        "{:?}",
        unit.juju.log()
    );
    assert!(unit.stored_flags().iter().all(|f| f != "leadership.set.k"));
    // It had written the value to a file: the absence is delivered too.
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "none");
}

#[test]
fn a_follower_waits_for_what_cannot_be_reached_yet() {
    let mut unit = Unit::new(&bootstrap()).on_four();
    assert_eq!(ran(&mut unit, "install"), "");
    unit.juju.relate("cluster");
    unit.juju.app_data("cluster", "leader.k", "theirs");
    unit.juju.app_data("cluster", "charms-own", "value");
    assert_eq!(ran(&mut unit, "cluster-relation-created"), "store");
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "theirs");
}

#[test]
fn what_is_not_the_layers_in_the_bag_stays_the_charms() {
    let mut unit = leader(&[handler!("start", [hook!("start")], |ctx| {
        assert_eq!(ctx.leader_get("own")?, None);
        assert_eq!(ctx.leader_settings()?.len(), 1);
        ctx.leader_set([("own", "2"), ("k", "")])
    })]);
    unit.juju.relate("cluster");
    unit.juju.app_data("cluster", "own", "1");
    unit.juju.app_data("cluster", "leader.k", "v");
    unit.hook("start").ok();
    assert_eq!(in_bag(&unit, "own").unwrap(), "1");
    assert_eq!(in_bag(&unit, "leader.own").unwrap(), "2");
    assert_eq!(in_bag(&unit, "leader.k"), None);
}

#[test]
fn a_hidden_relation_leaves_the_flags_as_they_were_and_writes_are_a_logged_no_op() {
    fn write(ctx: &mut ensign::Context) -> Result {
        ctx.leader_set([("k", "new")])
    }
    let [a, b, c, d, e] = watching();
    let [make, store] = bootstrap();
    let stop = handler!("stop", [hook!("stop", "remove", "update-status")], write);
    let mut unit = leader(&[a, b, c, d, e, make, store, stop]);
    unit.juju.relate("cluster");
    unit.hook("start").ok();
    let flags = unit.stored_flags();
    let bag = unit.juju.app_bag("cluster");
    unit.juju.unrelate("cluster");
    for hook in ["stop", "remove", "update-status"] {
        let ran = unit.hook(hook).ok();
        assert_eq!(
            ran.ran,
            ["stop", "any", "changed", "leads", "set"],
            "{hook}"
        );
        assert_eq!(unit.stored_flags(), flags, "{hook}");
        assert_eq!(ran.calls("relation-set"), 0);
    }
    assert!(unit.juju.logged("`k` not written: the unit is leaving"));
    assert_eq!(staged(&unit), serde_json::Value::Null);
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "value 1");
    assert_eq!(bag["leader.k"], "value 1");
}

#[test]
fn a_unit_that_never_saw_the_relation_stages_nothing_while_it_goes() {
    let mut unit = leader(&[handler!("stop", [hook!("stop")], |ctx| ctx.leader_set([("k", "v")]))]);
    unit.hook("stop").ok();
    assert_eq!(staged(&unit), serde_json::Value::Null);
    assert!(unit.juju.logged("`k` not written"));
}

#[test]
fn a_record_whose_write_is_proved_lost_is_dropped() {
    let mut unit = leader(&bootstrap());
    unit.juju.relate("cluster");
    // The state came through and the relation data did not: the id alone would promise too much.
    unit.flush = Flush::StateOnly;
    assert!(!unit.hook("start").ok().flushed);
    assert!(unit.juju.state().contains_key("ensign-commit"));
    let again = unit.hook("start").ok();
    assert_eq!(again.ran, ["make", "store"]);
    assert_eq!(
        unit.stored("made"),
        1,
        "nothing of the first attempt is left"
    );
    assert_eq!(in_bag(&unit, "leader.k").unwrap(), "value 1");
}

#[test]
fn a_record_is_kept_when_the_next_leader_has_written_since() {
    let mut unit = leader(&[
        handler!("start", [hook!("start")], |ctx| {
            ctx.set_flag("started")?;
            ctx.leader_set([("k", "mine")])
        }),
        handler!("store", [changed!("leader" = "k")], nothing),
    ]);
    unit.juju.relate("cluster");
    unit.hook("start").ok();
    unit.juju.app_data("cluster", "leader.k", "theirs");
    unit.juju.app_data("cluster", "leader.ensign-gen", "2.ff");
    unit.juju.leader(false);
    assert_eq!(ran(&mut unit, "update-status"), "store");
    assert!(unit.stored_flags().contains(&"started".to_owned()));
}

#[test]
fn the_base_is_what_was_read_before_the_contexts_first_write() {
    let mut unit = leader(&[handler!("start", [hook!("start")], |ctx| {
        let n = ctx.kv().get_or("n", 0)? + 1;
        ctx.kv().set("n", &n)?;
        ctx.leader_set([("k", format!("{n}"))])?;
        ctx.leader_set([("l", format!("{n}"))])
    })]);
    unit.juju.relate("cluster");
    unit.juju.app_data("cluster", "leader.ensign-gen", "7.ab");
    unit.flush = Flush::StateOnly;
    unit.hook("start").ok();
    assert_eq!(
        unit.document()["record"]["wrote"]["leadership."]["wrote"]["bag"]["base"],
        "7.ab -"
    );
    unit.hook("start").ok();
    assert_eq!(unit.stored("n"), 1, "the first attempt was dropped");
    assert!(
        in_bag(&unit, "leader.ensign-gen")
            .unwrap()
            .starts_with("9.")
    );
}

#[test]
fn a_flush_refused_for_lost_leadership_is_retried_as_follower_and_said() {
    let mut unit = leader(&bootstrap());
    unit.juju.relate("cluster");
    // Juju looks at the lease again when it takes the hook over.
    unit.flush = Flush::Nothing;
    unit.hook("start").ok();
    assert!(unit.disk.text(NEXT).is_some());
    unit.juju.leader(false);
    unit.juju.app_data("cluster", "leader.k", "theirs");
    unit.juju.app_data("cluster", "leader.ensign-gen", "1.ff");
    assert_eq!(ran(&mut unit, "start"), "store");
    assert_eq!(unit.disk.text("/etc/k").unwrap(), "theirs");
    assert!(
        unit.juju
            .log()
            .iter()
            .any(|l| l.contains("no longer leads") && l.contains("last")),
        "{:?}",
        unit.juju.log()
    );
}
