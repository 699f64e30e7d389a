//! `ensign test --explore`: tests play campaigns, the command asks for them and tells what came of them.

use crate::tool::{Ran, World, write};

/// A test that writes what a campaign would.
const TEST: &str = r##"
use std::io::Write;

#[test]
fn campaign() {
    let asked = |name| std::env::var(name).unwrap();
    assert_eq!((asked("ENSIGN_TEST_SEED"), asked("ENSIGN_TEST_JUJU")), ("3".into(), "3.6,4.0".into()));
    let part = |juju, violations| format!(
        r#"{{"juju":"{juju}","hooks":{},"schedules":2,"violations":{violations},"passed":{}}}"#,
        asked("ENSIGN_TEST_EXPLORE"),
        violations == 0,
    );
    let report = format!(r#"{{"parts":[{},{}],"text":"counted\n"}}"#, part("3.6", 0), part("4.0", VIOLATIONS));
    let file = std::fs::OpenOptions::new().append(true).open(asked("ENSIGN_TEST_REPORT")).unwrap();
    writeln!(&file, "{report}").unwrap();
}
"##;

fn explored(world: &World, violations: usize) -> Ran {
    let dir = world.source("tiny");
    let test = TEST.replace("VIOLATIONS", &violations.to_string());
    write(&dir.join("tests/campaign.rs"), &test);
    world.ensign([
        "test",
        "tiny",
        "--explore",
        "50",
        "--seed",
        "3",
        "--juju",
        "3.6,4.0",
    ])
}

#[test]
fn the_last_line_says_how_much_was_played() {
    let ran = explored(&World::new(), 0).good();
    let last: Vec<&str> = ran.out.lines().rev().take(2).collect();
    assert_eq!(
        last,
        [
            "3.6: 50 hooks, 2 schedules, 0 violations; 4.0: 50 hooks, 2 schedules, 0 violations",
            "counted"
        ],
        "{ran:#?}"
    );
}

#[test]
fn a_broken_rule_is_a_failure_that_says_how_to_replay() {
    let ran = explored(&World::new(), 1);
    assert_eq!(ran.code, 1, "{ran:#?}");
    let last = ran.out.lines().last().unwrap();
    assert!(
        last.ends_with("4.0: 50 hooks, 2 schedules, 1 violations"),
        "{last}"
    );
    assert!(ran.err.contains("ENSIGN_TEST_REPLAY=FILE"), "{}", ran.err);
}

#[test]
fn a_campaign_that_does_not_exist_is_not_pretended() {
    let world = World::new();
    world.source("tiny");
    let ran = world.ensign(["test", "tiny", "--explore", "5"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(ran.err.contains("play no fault campaign"), "{}", ran.err);
}
