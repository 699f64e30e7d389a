//! The flush: all or nothing.

use ensign_model::{Exit, Outcome, Profile};

use crate::support::{BOTH, Sim, peered};

#[test]
fn a_failed_hook_leaves_no_trace_of_what_it_had_buffered() {
    for profile in BOTH {
        let mut sim = Sim::new(profile);
        let units = sim.model.deploy("app", peered(), 1).unwrap();
        let hook = sim.until_hook(&units[0], "start");
        sim.ok(&hook.context, "state-set a=1");
        sim.ok(&hook.context, "open-port 80");
        sim.ok(&hook.context, "relation-set -r cluster:0 k=v");
        sim.ok(&hook.context, "relation-set -r cluster:0 --app k=v");
        sim.ok(&hook.context, "status-set active immediate");
        assert_eq!(sim.finish(&hook, Exit::Code(1)).outcome, Outcome::Failed);
        let again = sim.until_hook(&units[0], "start");
        assert_eq!(sim.ok(&again.context, "state-get --format json"), "null\n");
        assert_eq!(sim.ok(&again.context, "opened-ports"), "");
        assert_eq!(
            sim.ok(
                &again.context,
                &format!("relation-get -r cluster:0 k {}", units[0])
            ),
            ""
        );
        assert_eq!(
            sim.ok(&again.context, "relation-get -r cluster:0 --app k app"),
            ""
        );
        assert!(
            sim.ok(&again.context, "status-get --include-data")
                .contains("immediate")
        );
    }
}

#[test]
fn a_hook_that_ends_well_commits_everything() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "state-set a=1 b=");
    sim.ok(&run.context, "open-port 8080-8088/udp");
    sim.ok(&run.context, "relation-set -r cluster:0 k=v");
    assert_eq!(sim.finish(&run, Exit::Code(0)).outcome, Outcome::Done);
    let run = sim.enter(&leader);
    assert_eq!(
        sim.ok(&run.context, "state-get --format json"),
        "{\"a\":\"1\",\"b\":\"\"}\n"
    );
    assert_eq!(sim.ok(&run.context, "opened-ports"), "8080-8088/udp\n");
    assert_eq!(
        sim.model.status().applications["app"].units[0].ports,
        ["8080-8088/udp"]
    );
}

#[test]
fn a_refused_flush_is_a_failed_hook_once_and_commits_when_tried_again() {
    let mut sim = Sim::new(Profile::V4_0);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    sim.model
        .fail_next_flush(&units[0], "database is down")
        .unwrap();
    let mut tries = 0;
    sim.settle_with(|sim, operation| {
        if operation.name() == "install" {
            tries += 1;
            sim.ok(&operation.context, "state-set installed=yes");
        }
        Exit::Code(0)
    });
    assert_eq!(tries, 2);
    assert_eq!(
        sim.model.history(&units[0])[0].outcome,
        Outcome::FlushFailed
    );
    let refused = "failed: cannot apply changes: database is down";
    assert!(
        sim.model
            .drain_log()
            .iter()
            .any(|record| record.message.ends_with(refused))
    );
    let run = sim.enter(&units[0]);
    assert_eq!(sim.ok(&run.context, "state-get installed"), "yes\n");
}

#[test]
fn a_hook_with_nothing_to_commit_makes_no_call() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    sim.model
        .fail_next_flush(&leader, "database is down")
        .unwrap();
    let run = sim.enter(&leader);
    sim.ok(
        &run.context,
        &format!("relation-get -r cluster:0 - {leader}"),
    );
    sim.ok(&run.context, "relation-set -r cluster:0 none=");
    assert_eq!(sim.finish(&run, Exit::Code(0)).outcome, Outcome::Done);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "state-set a=1");
    assert_eq!(
        sim.finish(&run, Exit::Code(0)).outcome,
        Outcome::FlushFailed
    );
}

#[test]
fn an_unknown_endpoint_fails_the_flush_not_the_call() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "open-port 80 --endpoints nope");
    sim.ok(&run.context, "state-set a=1");
    assert_eq!(
        sim.finish(&run, Exit::Code(0)).outcome,
        Outcome::FlushFailed
    );
    let run = sim.enter(&leader);
    assert_eq!(sim.ok(&run.context, "state-get --format json"), "null\n");
}

#[test]
fn too_much_state_fails_the_flush() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    let value = "x".repeat(65536);
    for index in 0..33 {
        let pair = format!("k{index}={value}");
        assert_eq!(sim.call(&run.context, &["state-set", &pair], None).code, 0);
    }
    assert_eq!(
        sim.finish(&run, Exit::Code(0)).outcome,
        Outcome::FlushFailed
    );
    let id = ensign_model::ActionId(1);
    let stderr = &sim.model.action(id).unwrap().results["stderr"];
    assert_eq!(
        stderr,
        "persisting charm state: max allowed size (2097152) exceeded"
    );
}

#[test]
fn commands_are_flushed_whatever_their_exit_code_and_even_when_killed() {
    for exit in [Exit::Code(3), Exit::Signal(9)] {
        let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
        let run = sim.enter(&leader);
        sim.ok(&run.context, "state-set a=1");
        assert_eq!(sim.finish(&run, exit).outcome, Outcome::Done);
        let run = sim.enter(&leader);
        assert_eq!(sim.ok(&run.context, "state-get a"), "1\n");
    }
}

#[test]
fn a_tool_called_after_the_hook_has_ended_is_refused() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    let run = sim.enter(&leader);
    let _ = sim.finish(&run, Exit::Code(0));
    let reply = sim.tool(&run.context, "is-leader");
    assert!(
        reply
            .stderr
            .starts_with("ERROR bad request: expected context id")
    );
    assert!(sim.model.finish(&run.context, Exit::Code(0)).is_err());
}
