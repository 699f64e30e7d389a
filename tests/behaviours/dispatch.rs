//! B9–B29: phases, iterations, re-invocation.

use crate::support::{Unit, nothing};

#[test]
fn b10_flag_handlers_run_in_phase_other_and_hook_handlers_in_phase_hooks() {
    let mut unit = Unit::new(&[
        handler!("charm::flag", [clause!(WhenNot: "x")], nothing),
        handler!("charm::hook", [hook!("install")], nothing),
    ]);
    assert_eq!(
        unit.hook("install").ok().ran,
        ["charm::hook", "charm::flag"]
    );
    assert_eq!(unit.hook("start").ok().ran, ["charm::flag"]);
}

#[test]
fn b12_a_flag_set_during_an_iteration_matches_in_the_next() {
    let mut unit = Unit::new(&[
        handler!("charm::z_first", [clause!(WhenNot: "never")], |ctx| ctx
            .set_flag("a")),
        handler!("charm::a_second", [clause!(When: "a")], nothing),
    ]);
    let ran = unit.hook("install").ok();
    assert_eq!(
        ran.queues,
        [vec!["charm::z_first"], vec!["charm::a_second"]]
    );
    // Settled with Juju: the flag is there in the next hook, at once.
    assert_eq!(
        unit.hook("start").ok().queues,
        [vec!["charm::a_second", "charm::z_first"]]
    );
    assert_eq!(unit.stored_flags(), ["a"]);
}

#[test]
fn d01_a_hook_that_does_not_settle_fails_and_names_the_cycle() {
    let mut unit = Unit::new(&[
        handler!("charm::ping", [clause!(When: "a")], |ctx| {
            ctx.clear_flag("a")?;
            ctx.set_flag("b")
        }),
        handler!("charm::pong", [clause!(When: "b")], |ctx| {
            ctx.clear_flag("b")?;
            ctx.set_flag("a")
        }),
        handler!("charm::start", [hook!("install")], |ctx| ctx.set_flag("a")),
    ]);
    let error = unit.hook("install").err();
    assert_eq!(error.kind(), ensign::ErrorKind::Loop);
    let text = error.line();
    assert!(
        text.contains(
            "`charm::ping` (clears `a`, sets `b`) → `charm::pong` (clears `b`, sets `a`)"
        ),
        "{text}"
    );
    assert!(unit.juju.logged("do not settle after 100 iterations"));
    assert_eq!(unit.stored_flags(), Vec::<String>::new());
}
