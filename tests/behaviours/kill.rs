//! A unit is killed between any two things it does while it comes up, and still ends where it should.

use ensign::handler::Clause;
use ensign::prelude::Leadership;
use ensign::{Context, Handler, Result};
use ensign_testing::Faults;

use crate::support::{DOUBT, Flush, NEXT, Unit};

/// What becomes of the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    /// Juju starts the hook again.
    Retry,
    /// Juju has flushed what the killed process had buffered, as it does for a juju-exec, and starts it again.
    FlushedAllTheSame,
    /// Another unit leads when the hook is started again.
    AnotherLeads,
}

#[derive(Debug, Clone, Copy)]
struct Case {
    /// Juju 4, with leader data in the peer relation.
    four: bool,
    /// The value is secret: it cannot be staged.
    secret: bool,
    then: Then,
}

/// Where the unit is killed: in which hook, at which moment, and at which moment of the attempt after it.
#[derive(Debug, Clone, Copy)]
struct Kill {
    hook: usize,
    moment: usize,
    again: Option<usize>,
}

const THREE: [&str; 5] = [
    "install",
    "leader-elected",
    "config-changed",
    "start",
    "update-status",
];
const FOUR: [&str; 6] = [
    "install",
    "cluster-relation-created",
    "leader-elected",
    "config-changed",
    "start",
    "cluster-relation-changed",
];

/// Everything a charm can have: hook handlers, flags, a trigger's work, values, leader data, files, marks.
fn charm(secret: bool) -> Vec<&'static Handler> {
    fn make(ctx: &mut Context, secret: bool) -> Result {
        let password = ctx.password(12);
        if secret {
            return ctx.leader_set([("k", password)]);
        }
        ctx.leader_set([("k", password.expose())])
    }
    let make = if secret {
        handler!(
            "make",
            [
                clause!(When: "leadership.is_leader"),
                clause!(WhenNot: "leadership.set.k")
            ],
            |ctx| make(ctx, true)
        )
    } else {
        handler!(
            "make",
            [
                clause!(When: "leadership.is_leader"),
                clause!(WhenNot: "leadership.set.k")
            ],
            |ctx| make(ctx, false)
        )
    };
    vec![
        make,
        handler!("store", [changed!("leader" = "k")], |ctx| {
            let value = ctx.leader_get("k")?;
            ctx.write_secret_file("/etc/k", value.as_deref().unwrap_or("none"))
        }),
        handler!("install", [hook!("install")], |ctx| ctx
            .set_flag("installed")),
        handler!("once", [Clause::OnlyOnce], |ctx| {
            let n = ctx.kv().get_or("once", 0)?;
            ctx.kv().set("once", &(n + 1))
        }),
        handler!(
            "configure",
            [
                clause!(When: "installed", "leadership.set.k"),
                changed!("config" = "port")
            ],
            |ctx| {
                let port = ctx.config()?.int("port")?.unwrap();
                ctx.write_file("/etc/port", port.to_string())?;
                ctx.set_flag("configured")
            }
        ),
        handler!("restart", [changed!("file" = "/etc/port")], |ctx| {
            ctx.data_set("restarted", "yes")?;
            ctx.set_flag("restarted")
        }),
    ]
}

fn unit(case: Case) -> Unit {
    let mut unit = Unit::new(&charm(case.secret));
    if case.four {
        unit = unit.on_four();
    }
    unit.juju.leader(true);
    unit.juju.config("port", 80);
    unit
}

/// The value that every other unit sees.
fn value(unit: &Unit, case: Case) -> Option<String> {
    if !case.four {
        return unit.juju.settings().get("k").cloned();
    }
    let related = unit.juju.is_related("cluster");
    related.then(|| unit.juju.app_bag("cluster").get("leader.k").cloned())?
}

/// What happens elsewhere after the kill.
fn another_leads(unit: &Unit, case: Case) {
    unit.juju.leader(false);
    if case.four {
        unit.juju.relate("cluster");
    }
    if value(unit, case).is_none() && case.four {
        unit.juju.app_data("cluster", "leader.k", "theirs");
        unit.juju.app_data("cluster", "leader.ensign-gen", "1.ff");
    } else if value(unit, case).is_none() {
        unit.juju.setting("k", "theirs");
        unit.juju.setting("ensign-gen", "1.ff");
    }
}

/// Runs the whole bootstrap with this kill. `false` if the hook has no such moment.
fn bootstrap(case: Case, kill: Kill) -> bool {
    let mut unit = unit(case);
    let hooks = if case.four { &FOUR[..] } else { &THREE[..] };
    let mut seen: Option<String> = None;
    for (i, hook) in hooks.iter().enumerate() {
        if hook.starts_with("cluster") {
            unit.juju.relate("cluster");
        }
        if i == kill.hook {
            for moment in [Some(kill.moment), kill.again].into_iter().flatten() {
                let faults = Faults::at(moment);
                if case.then == Then::FlushedAllTheSame {
                    unit.flush = Flush::Regardless;
                }
                unit.hook_under(hook, &faults);
                if !faults.struck() {
                    return false;
                }
                unit.wait(5);
                unchanged(&mut seen, &unit, case, kill);
            }
            if case.then == Then::AnotherLeads {
                another_leads(&unit, case);
            }
        }
        let ran = unit.hook(hook);
        assert!(ran.error.is_none(), "{case:?} {kill:?}: {:?}", ran.error);
        assert!(ran.flushed, "{case:?} {kill:?}");
        unchanged(&mut seen, &unit, case, kill);
    }
    converged(&mut unit, case, kill);
    true
}

/// What others may have seen never changes.
fn unchanged(seen: &mut Option<String>, unit: &Unit, case: Case, kill: Kill) {
    let now = value(unit, case);
    if seen.is_some() {
        assert_eq!(*seen, now, "{case:?} {kill:?}");
    }
    *seen = now;
}

fn converged(unit: &mut Unit, case: Case, kill: Kill) {
    let why = format!("{case:?} {kill:?}");
    for _ in 0..2 {
        unit.hook("update-status").ok();
    }
    let expected = value(unit, case);
    assert!(expected.is_some(), "{why}");
    assert_eq!(unit.disk.text("/etc/k"), expected, "{why}");
    assert_eq!(unit.disk.text("/etc/port").as_deref(), Some("80"), "{why}");
    let mut flags = unit.stored_flags();
    flags.retain(|f| f != "leadership.is_leader");
    assert_eq!(
        flags,
        ["configured", "installed", "leadership.set.k", "restarted"],
        "{why}"
    );
    assert_eq!(unit.stored("once"), 1, "{why}");
    assert_eq!(unit.disk.text(DOUBT), None, "{why}");
    assert_eq!(unit.disk.text(NEXT), None, "{why}");
    let quiet = unit.hook("update-status").ok();
    assert!(quiet.ran.is_empty(), "{why}: {:?}", quiet.ran);
}

/// Every kill of every hook, and how many there were. To die after a step is to die before the next one, so that
/// a `step` of 2 sees all that matters.
fn every_moment(case: Case, step: usize) -> usize {
    let hooks = if case.four { FOUR.len() } else { THREE.len() };
    let mut kills = 0;
    for hook in 0..hooks {
        for moment in (0..).step_by(step) {
            let kill = Kill {
                hook,
                moment,
                again: None,
            };
            if !bootstrap(case, kill) {
                break;
            }
            kills += 1;
        }
    }
    kills
}

fn cases(then: Then) -> [Case; 4] {
    [(false, false), (false, true), (true, false), (true, true)].map(|(four, secret)| Case {
        four,
        secret,
        then,
    })
}

#[test]
fn killed_at_every_moment_of_the_bootstrap_it_converges() {
    for case in cases(Then::Retry) {
        let kills = every_moment(case, 1);
        assert!(kills > 60, "{case:?}: only {kills} moments");
    }
}

#[test]
fn killed_and_flushed_all_the_same_it_converges() {
    for case in cases(Then::FlushedAllTheSame) {
        every_moment(case, 2);
    }
}

#[test]
fn killed_and_deposed_it_converges_on_the_next_leaders_value() {
    for case in cases(Then::AnotherLeads) {
        every_moment(case, 2);
    }
}

#[test]
fn killed_twice_in_the_same_hook_it_converges() {
    // The hooks in which the value is made and published.
    for (four, hook) in [(false, 0), (true, 1)] {
        let case = Case {
            four,
            secret: !four,
            then: Then::Retry,
        };
        for moment in (0..).step_by(2) {
            let kill = |again| Kill {
                hook,
                moment,
                again,
            };
            if !bootstrap(case, kill(None)) {
                break;
            }
            for again in (0..).step_by(2) {
                if !bootstrap(case, kill(Some(again))) {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_flush_that_fails_as_a_whole_or_in_part_converges() {
    for case in cases(Then::Retry) {
        let hooks = if case.four { &FOUR[..] } else { &THREE[..] };
        for flush in [Flush::Nothing, Flush::StateOnly] {
            for bad in 0..hooks.len() {
                let mut unit = unit(case);
                for (i, hook) in hooks.iter().enumerate() {
                    if hook.starts_with("cluster") {
                        unit.juju.relate("cluster");
                    }
                    if i == bad {
                        unit.flush = flush;
                        let failed = unit.hook(hook).ok();
                        if failed.flushed {
                            // Nothing was published: the state alone is the whole.
                            continue;
                        }
                    }
                    unit.hook(hook).ok();
                }
                let kill = Kill {
                    hook: bad,
                    moment: 0,
                    again: None,
                };
                converged(&mut unit, case, kill);
            }
        }
    }
}
