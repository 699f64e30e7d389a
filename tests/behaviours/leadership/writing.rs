//! Writing leader data: D7, D10–D13, refusals, lost answers, secrets.

use ensign::prelude::{Leadership, Level};
use ensign::{Context, ErrorKind, Result};

use super::{ran, watching};
use crate::support::{Happening, Unit, fails};

/// Fails as `leader_set` fails, and shows that nothing has changed before.
fn refused(ctx: &mut Context) -> Result {
    let before = ctx.flags()?;
    let error = ctx.leader_set([("k", "v"), ("l", "w")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLeader);
    assert_eq!(ctx.leader_get("k")?, None);
    let mut after = ctx.flags()?;
    // Who was refused does not lead.
    assert!(!after.contains(&"leadership.is_leader".to_owned()));
    let leads = before.iter().find(|f| *f == "leadership.is_leader");
    after.extend(leads.cloned());
    after.sort();
    assert_eq!(after, before);
    Ok(())
}

#[test]
fn d07_off_the_leader_leader_set_is_refused_before_anything_happens() {
    let mut unit = Unit::new(&[handler!("a", [hook!("install")], refused)]);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.calls("leader-set"), 0);
    assert!(unit.juju.settings().is_empty());
    let mut unit =
        Unit::new(&[handler!("a", [hook!("install")], |ctx| ctx.leader_set([("k", "v")]))]);
    let error = unit.hook("install").err();
    assert_eq!(
        error.kind(),
        ErrorKind::NotLeader,
        "the charm may pass it on"
    );
    assert!(unit.stored_flags().is_empty());
}

#[test]
fn d07_when_the_controller_refuses_no_flag_has_changed() {
    for words in [
        "not the leader",
        "failed to merge leadership settings: application \"charm\": checking leadership \
         continuity: \"charm/0\" is not leader of \"charm\"",
    ] {
        let mut unit = Unit::new(&[handler!("a", [hook!("install")], refused)]);
        unit.juju.leader(true);
        let words =
            format!("ERROR cannot write leadership settings: cannot write settings: {words}\n");
        unit.juju.answer("leader-set", 1, "", &words);
        let ran = unit.hook("install").ok();
        assert_eq!(ran.calls("leader-set"), 1);
    }
}

#[test]
fn d07_another_failure_of_the_tool_changes_no_flag_either() {
    let mut unit = Unit::new(&[handler!("a", [hook!("install")], |ctx| {
        let before = ctx.flags()?;
        let error = ctx.leader_set([("k", "v")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Tool);
        assert_eq!(ctx.flags()?, before);
        Ok(())
    })]);
    unit.juju.leader(true);
    unit.juju.answer("leader-set", 1, "", "ERROR disk full\n");
    unit.hook("install").ok();
}

#[test]
fn a_lost_answer_is_unknown_and_the_values_are_read_again() {
    for happened in [true, false] {
        thread_local!(static HAPPENED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
        HAPPENED.set(happened);
        let mut unit = Unit::new(&[handler!("a", [hook!("install")], |ctx| {
            let error = ctx.leader_set([("k", "v")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unknown);
            let there = ctx.leader_get("k")?.is_some();
            assert_eq!(there, HAPPENED.get());
            for flag in ["leadership.set.k", "leadership.changed.k"] {
                assert_eq!(ctx.is_flag_set(flag)?, there, "{flag}");
            }
            Ok(())
        })]);
        unit.juju.leader(true);
        if happened {
            let lost = Happening {
                answer_lost: true,
                ..Happening::default()
            };
            unit.juju.during("leader-set", lost);
        } else {
            let words = "ERROR cannot write leadership settings: cannot write settings: \
                         failed to call leadership api: connection is shut down\n";
            unit.juju.answer("leader-set", 1, "", words);
        }
        let ran = unit.hook("install").ok();
        assert_eq!(ran.calls("leader-get"), 2);
    }
}

#[test]
fn d10_values_are_strings_and_one_is_one() {
    let mut unit = leader!(|ctx| ctx.leader_set([("k", 1.to_string())]));
    assert_eq!(ran(&mut unit, "start"), "start any changed leads set");
    assert_eq!(ran(&mut unit, "start"), "start leads set");
}

#[test]
fn d11_an_empty_value_means_removal_at_once() {
    let mut unit = leader!(|ctx| {
        ctx.leader_set([("k", "")])?;
        assert_eq!(ctx.leader_get("k")?, None);
        assert!(!ctx.is_flag_set("leadership.set.k")?);
        Ok(())
    });
    unit.juju.setting("k", "v");
    unit.hook("install").ok();
    assert_eq!(ran(&mut unit, "start"), "start any changed leads");
    assert_eq!(ran(&mut unit, "update-status"), "leads");
    assert!(unit.juju.settings().is_empty());
}

#[test]
fn d12_settings_are_read_once_and_own_writes_are_visible() {
    let mut unit = leader!(|ctx| {
        ctx.leader_set([("k", "2")])?;
        assert_eq!(ctx.leader_get("k")?.unwrap(), "2");
        assert_eq!(ctx.leader_get("other")?.unwrap(), "1");
        ctx.leader_unset(["other"])?;
        assert_eq!(ctx.leader_settings()?.len(), 1);
        Ok(())
    });
    unit.juju.setting("k", "1");
    unit.juju.setting("other", "1");
    let start = unit.hook("start").ok();
    assert_eq!(
        start.calls("leader-get"),
        3,
        "once, and back after each write"
    );
    assert_eq!(start.calls("is-leader"), 1);
    for _ in 0..2 {
        unit.hook("update-status").ok();
    }
    let steady = unit.hook("update-status").ok();
    assert_eq!(
        steady.tools,
        ["is-leader", "leader-get", "secret-get"],
        "the application's secret is asked for as long as no bell was rung"
    );
}

#[test]
fn d13_a_group_is_one_call() {
    let mut unit = leader!(|ctx| ctx.leader_set([("a", "1"), ("b", "2"), ("c", "3")]));
    let start = unit.hook("start").ok();
    assert_eq!(start.calls("leader-set"), 1);
    assert_eq!(unit.juju.settings().len(), 3);
}

#[test]
fn who_leads_is_asked_before_leader_data_is_read() {
    let mut unit = Unit::new(&watching());
    unit.hook("install").ok();
    let ran = unit.hook("start").ok();
    let first = |tool: &str| ran.tools.iter().position(|t| t == tool).unwrap();
    assert!(first("is-leader") < first("leader-get"));
}

#[test]
fn keys_outside_the_flag_alphabet_are_read_and_written_without_flags_and_warned_of_once() {
    let mut unit = Unit::new(&[
        handler!("a", [hook!("install")], |ctx| {
            assert_eq!(ctx.leader_get("old key")?.unwrap(), "1");
            ctx.leader_set([("new/key", "2"), ("k", "3")])
        }),
        handler!("b", [clause!(When: "leadership.changed")], |ctx| {
            ctx.log(Level::Info, "changed");
            Ok(())
        }),
    ]);
    unit.juju.leader(true);
    unit.juju.setting("old key", "1");
    for hook in ["install", "start"] {
        unit.hook(hook).ok();
    }
    assert_eq!(unit.juju.settings()["new/key"], "2");
    let flags = unit.stored_flags();
    assert!(!flags.iter().any(|f| f.contains("key")), "{flags:?}");
    for key in ["`old key`", "`new/key`"] {
        let warnings = unit.juju.log();
        let warned = warnings.iter().filter(|l| l.contains(key));
        assert_eq!(warned.count(), 1, "{key}: {warnings:?}");
    }
}

#[test]
fn what_a_store_cannot_carry_is_refused_and_nothing_is_written() {
    type Pairs = &'static [(&'static str, &'static str)];
    thread_local!(static PAIRS: std::cell::Cell<Pairs> = const { std::cell::Cell::new(&[]) });
    let bad: [Pairs; 8] = [
        &[("", "v")],
        &[("a=b", "v")],
        &[(" k", "v")],
        &[("ensign-gen", "1.ff")],
        &[("ensign-secret", "x")],
        &[("k", "secret:9m4e2mr0ui3e8a215n4g?ensign-rev=1.ff")],
        &[("good", "v"), ("k", " outer white space")],
        &[("good", "v"), ("k", "new line\n")],
    ];
    for pairs in bad {
        PAIRS.set(pairs);
        let mut unit = Unit::new(&[handler!("a", [hook!("install")], |ctx| {
            let error = ctx.leader_set(PAIRS.get().iter().copied()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid, "{error:?}");
            Ok(())
        })]);
        unit.juju.leader(true);
        unit.hook("install").ok();
        assert!(unit.juju.settings().is_empty(), "{pairs:?}");
    }
}

#[test]
fn secret_values_stay_out_of_the_state_the_log_and_the_trace() {
    let mut unit = Unit::new(&[
        handler!("make", [hook!("install", "start")], |ctx| {
            let secret = ctx.password(32);
            let path = format!("/etc/{}", ctx.hook().name());
            ctx.write_secret_file(path, &secret)?;
            ctx.leader_set([("k", secret)])
        }),
        handler!("store", [changed!("leader" = "k")], |ctx| {
            let value = ctx.leader_get("k")?.unwrap();
            ctx.write_secret_file("/etc/q", &value)
        }),
        handler!("fails", [hook!("stop")], fails),
    ]);
    unit.juju.leader(true);
    let mut events = Vec::new();
    for hook in ["install", "start", "update-status"] {
        events.extend(unit.hook(hook).ok().events);
    }
    unit.hook("stop").err();
    let first = unit.disk.text("/etc/install").unwrap();
    let password = unit.disk.text("/etc/start").unwrap();
    assert!(password.len() == 32 && password != first);
    assert_eq!(unit.disk.text("/etc/q").unwrap(), password);
    assert_eq!(unit.disk.mode("/etc/q"), Some(0o600));
    for path in unit.disk.paths() {
        if path.starts_with("/charm") {
            let text = unit.disk.text(&path).unwrap();
            assert!(
                !text.contains(&password) && !text.contains(&first),
                "{path:?}"
            );
        }
    }
    let said = unit.juju.log().join("\n") + &events.join("\n");
    assert!(!said.contains(&password) && !said.contains(&first));
    // 3.6 has no other way than the command line, and that is said once.
    let log = unit.juju.log();
    let warnings = log.iter().filter(|l| l.contains("command line"));
    assert_eq!(warnings.count(), 1);
}

#[test]
fn d08_flags_tell_of_a_value_that_is_set_back_in_one_hook() {
    let mut unit = Unit::new(&[
        handler!("charm::change", [hook!("start")], |ctx| {
            ctx.set_flag("changing")?;
            ctx.leader_set([("k", "2"), ("new", "1")])
        }),
        handler!(
            "charm::flag",
            [clause!(When: "leadership.changed.k")],
            |ctx| {
                let seen: Vec<String> = ctx.kv().get_or("seen", Vec::new())?;
                let value = ctx.leader_get("k")?.unwrap().to_string();
                ctx.kv().set("seen", &[seen, vec![value]].concat())
            }
        ),
        // Later than the one that saw the other value.
        handler!("charm::later", [clause!(When: "changing")], |ctx| {
            ctx.clear_flag("changing")?;
            ctx.set_flag("restoring")
        }),
        handler!("charm::restore", [clause!(When: "restoring")], |ctx| {
            ctx.clear_flag("restoring")?;
            ctx.leader_set([("k", "1"), ("new", "")])
        }),
    ]);
    unit.juju.leader(true);
    unit.juju.setting("k", "1");
    unit.hook("install").ok();
    unit.hook("start").ok();
    assert_eq!(unit.stored("seen"), serde_json::json!(["1", "2", "1"]));
    let flags = unit.stored_flags();
    let set: Vec<&str> = flags.iter().map(String::as_str).collect();
    let expected = [
        "leadership.changed",
        "leadership.changed.k",
        "leadership.changed.new",
        "leadership.is_leader",
        "leadership.set.k",
    ];
    assert_eq!(set, expected);
    // They are gone in the next hook, as any are (B58).
    unit.hook("update-status").ok();
    let expected = ["leadership.is_leader", "leadership.set.k"];
    assert_eq!(unit.stored_flags(), expected);
}

#[test]
fn where_tools_are_no_processes_there_is_nothing_to_warn_of() {
    let mut unit = Unit::new(&[handler!("make", [hook!("install")], |ctx| {
        let secret = ctx.password(32);
        ctx.leader_set([("k", secret)])
    })]);
    unit.juju.leader(true);
    unit.juju.hide_arguments();
    unit.hook("install").ok();
    assert_eq!(unit.juju.settings()["k"].len(), 32);
    assert!(!unit.juju.logged("command line"), "{:?}", unit.juju.log());
}
