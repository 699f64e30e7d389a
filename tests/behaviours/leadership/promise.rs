//! The 30 seconds that Juju promises a leader.

use ensign::prelude::{Leadership, Status};
use ensign::{Context, ErrorKind, Result};

use crate::support::{Flush, Happening, Unit, nothing};

/// Takes as long as the test lets `status-set` take.
fn works(ctx: &mut Context) -> Result {
    ctx.status_set(Status::Maintenance("at work".to_owned()))
}

/// `a`, `b` and `c` lead; `a` works, and `c` writes.
fn charm() -> Unit {
    let unit = Unit::new(&[
        handler!("a", [clause!(When: "leadership.is_leader")], works),
        handler!("b", [clause!(When: "leadership.is_leader")], nothing),
        handler!("c", [clause!(When: "leadership.is_leader")], |ctx| ctx
            .leader_set([("k", "v")])),
        handler!("d", [clause!(WhenNot: "leadership.is_leader")], nothing),
    ]);
    unit.juju.leader(true);
    unit
}

#[test]
fn a_handler_that_requires_leadership_asks_again_after_20_seconds() {
    for (seconds, asked) in [(0, 1), (19, 1), (20, 2), (30, 2)] {
        let mut unit = charm();
        unit.juju.takes("status-set", seconds);
        let ran = unit.hook("install").ok();
        assert_eq!(ran.calls("is-leader"), asked, "after {seconds} s");
        assert_eq!(ran.ran, ["a", "b", "c"], "after {seconds} s");
    }
}

#[test]
fn handlers_that_do_not_require_it_do_not_ask() {
    let mut unit = Unit::new(&[
        handler!("a", [clause!(WhenAny: "leadership.is_leader", "x")], works),
        handler!(
            "b",
            [clause!(WhenAny: "leadership.is_leader", "x")],
            nothing
        ),
    ]);
    unit.juju.leader(true);
    unit.juju.takes("status-set", 60);
    assert_eq!(unit.hook("install").ok().calls("is-leader"), 1);
}

#[test]
fn lost_leadership_clears_the_flag_and_drops_queued_handlers() {
    let mut unit = charm();
    let lost = Happening {
        takes: 25,
        leads: Some(false),
        ..Happening::default()
    };
    unit.juju.during("status-set", lost);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.ran, ["a", "d"]);
    assert!(
        ran.events
            .iter()
            .any(|e| e.contains(r#"handler: "b", why: "`leadership.is_leader` is not set""#)),
        "{:?}",
        ran.events
    );
    assert!(unit.stored_flags().is_empty());
}

#[test]
fn a_write_asks_again_after_20_seconds_and_fails_once_leadership_is_lost() {
    let mut unit = Unit::new(&[handler!(
        "a",
        [clause!(When: "leadership.is_leader")],
        |ctx| {
            works(ctx)?;
            let error = ctx.leader_set([("k", "v")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotLeader);
            assert!(!ctx.is_flag_set("leadership.is_leader")?);
            Ok(())
        }
    )]);
    unit.juju.leader(true);
    let lost = Happening {
        takes: 20,
        leads: Some(false),
        ..Happening::default()
    };
    unit.juju.during("status-set", lost);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.calls("leader-set"), 0);
}

#[test]
fn more_than_30_seconds_between_two_positive_answers_break_the_promise() {
    for (seconds, holds) in [(30, true), (31, false)] {
        let mut unit = charm();
        unit.juju.takes("status-set", seconds);
        let ran = unit.hook("install").ok();
        assert_eq!(ran.calls("is-leader"), 2, "the answer is yes both times");
        assert_eq!(ran.times("c") == 1, holds, "{seconds} s: {:?}", ran.ran);
        assert_eq!(unit.juju.settings().contains_key("k"), holds);
        // The next hook has an answer of its own.
        assert_eq!(unit.hook("start").ok().times("c"), 1);
    }
}

#[test]
fn a_write_says_why_it_is_refused_although_the_unit_leads() {
    let mut unit = Unit::new(&[handler!("a", [hook!("install")], |ctx| {
        assert!(ctx.is_leader()?);
        works(ctx)?;
        ctx.leader_set([("k", "v")])
    })]);
    unit.juju.leader(true);
    unit.juju.takes("status-set", 31);
    let error = unit.hook("install").err();
    assert_eq!(error.kind(), ErrorKind::NotLeader);
    assert!(
        error
            .line()
            .contains("more than 30 seconds passed between two answers"),
        "{error:?}"
    );
    assert!(unit.juju.settings().is_empty());
}

#[test]
fn the_time_counts_from_before_the_question() {
    let mut unit = charm();
    unit.juju.takes("is-leader", 15);
    unit.juju.takes("status-set", 5);
    // 20 s after the question, though only 5 s after the answer.
    assert_eq!(unit.hook("install").ok().calls("is-leader"), 2);

    let mut unit = charm();
    unit.juju.takes("is-leader", 15);
    unit.juju.takes("status-set", 16);
    let ran = unit.hook("install").ok();
    assert_eq!(ran.times("c"), 0, "31 s after the question: {:?}", ran.ran);
}

#[test]
fn a_handler_that_held_leadership_for_longer_than_promised_is_warned_of() {
    for (seconds, warned) in [(30, false), (31, true)] {
        let mut unit = charm();
        unit.juju.takes("status-set", seconds);
        unit.hook("install").ok();
        let warning = "WARNING: `a` acted as the leader for more than the 30 seconds";
        assert_eq!(unit.juju.logged(warning), warned, "{:?}", unit.juju.log());
    }
}

#[test]
fn ensure_leader_asks_on_demand() {
    let mut unit = Unit::new(&[handler!("a", [hook!("install", "start")], |ctx| {
        ctx.ensure_leader()?;
        works(ctx)?;
        ctx.ensure_leader()
    })]);
    unit.juju.leader(true);
    unit.juju.takes("status-set", 1);
    unit.hook("install").ok();
    let lost = Happening {
        leads: Some(false),
        ..Happening::default()
    };
    unit.juju.during("status-set", lost);
    let ran = unit.hook("start");
    assert_eq!(ran.err().kind(), ErrorKind::NotLeader);
    // A negative answer holds until the context ends: nobody asks again.
    let ran = unit.hook("start");
    assert_eq!(ran.calls("is-leader"), 1);
    assert_eq!(ran.err().kind(), ErrorKind::NotLeader);
}

#[test]
fn is_leader_asks_again_after_20_seconds() {
    let mut unit = Unit::new(&[handler!("a", [hook!("install")], |ctx| {
        assert!(ctx.is_leader()? && ctx.is_leader()?);
        works(ctx)?;
        assert!(!ctx.is_leader()?);
        assert!(!ctx.is_flag_set("leadership.is_leader")?);
        Ok(())
    })]);
    unit.juju.leader(true);
    let lost = Happening {
        takes: 20,
        leads: Some(false),
        ..Happening::default()
    };
    unit.juju.during("status-set", lost);
    assert_eq!(unit.hook("install").ok().calls("is-leader"), 2);
}

#[test]
fn the_promise_holds_across_the_processes_of_one_context() {
    for (seconds, holds) in [(30, true), (31, false)] {
        let mut unit = Unit::new(&[
            handler!("first", [hook!("install")], |ctx| {
                assert!(ctx.is_leader()?);
                ctx.set_flag("changed.something")
            }),
            handler!("second", [hook!("start")], |ctx| ctx
                .leader_set([("k", "v")])),
        ]);
        unit.juju.leader(true);
        unit.flush = Flush::Nothing;
        unit.hook("install").ok();
        unit.wait(seconds);
        let ran = unit.same_context("start");
        assert_eq!(ran.error.is_none(), holds, "{seconds} s: {:?}", ran.error);
        // Another context has a promise of its own.
        unit.hook("start").ok();
    }
}

#[test]
fn data_that_is_published_at_the_end_is_checked_once_more_there() {
    // Seconds after the answer; whether the unit still leads then; whether the hook may commit.
    for (seconds, leads, commits) in [
        (19, false, true),
        (20, true, true),
        (20, false, false),
        (31, true, false),
    ] {
        let mut unit = Unit::new(&[handler!("a", [hook!("start")], |ctx| {
            ctx.leader_set([("k", "v")])?;
            ctx.set_flag("done")?;
            works(ctx)
        })])
        .on_four();
        unit.juju.leader(true);
        unit.juju.relate("cluster");
        unit.hook("install").ok();
        let happening = Happening {
            takes: seconds,
            leads: Some(leads),
            ..Happening::default()
        };
        unit.juju.during("status-set", happening);
        let ran = unit.hook("start");
        let case = format!("{seconds} s, leads: {leads}");
        if commits {
            // Within the promise Juju is not asked. Its own answer may differ: then it refuses the flush.
            if leads {
                assert!(ran.ok().flushed, "{case}");
            } else {
                assert!(!ran.flushed, "{case}");
            }
        } else {
            assert_eq!(ran.err().kind(), ErrorKind::NotLeader, "{case}");
        }
        let there = unit.juju.app_bag("cluster").contains_key("leader.k");
        assert_eq!(there, commits && leads, "{case}");
    }
}

/// Whenever it starts: the answer is never older than 30 seconds when the next one comes.
#[test]
fn the_promise_is_renewed_while_a_program_runs() {
    for before in 0..20 {
        let mut unit = Unit::new(&[handler!(
            "a",
            [clause!(When: "leadership.is_leader")],
            |ctx| {
                works(ctx)?;
                ctx.command("sleep").arg("100").run()?;
                ctx.leader_set([("k", "v")])
            }
        )])
        .that_sleeps();
        unit.juju.leader(true);
        unit.juju.takes("status-set", before);
        let ran = unit.hook("install").ok();
        assert!(unit.juju.settings().contains_key("k"));
        assert!(ran.calls("is-leader") >= 4, "{before} s before");
    }
}

#[test]
fn leadership_lost_while_a_program_runs_is_known_when_it_ends() {
    let mut unit = Unit::new(&[handler!(
        "a",
        [clause!(When: "leadership.is_leader")],
        |ctx| {
            works(ctx)?;
            ctx.command("sleep").arg("40").run()?;
            assert!(!ctx.is_flag_set("leadership.is_leader")?);
            Ok(())
        }
    )])
    .that_sleeps();
    unit.juju.leader(true);
    let lost = Happening {
        takes: 5,
        leads: Some(false),
        ..Happening::default()
    };
    unit.juju.during("status-set", lost);
    unit.hook("install").ok();
}
