//! Actions and commands.

use ensign_model::{ActionStatus, Exit, Outcome, Profile, Stream};
use serde_json::{Map, Value, json};

use crate::support::{Sim, peered};

fn acting() -> (Sim, ensign_model::UnitName) {
    let mut sim = Sim::new(Profile::V3_6);
    let mut charm = peered().with_action("backup");
    charm.actions.get_mut("backup").unwrap().schema = json!({"properties": {"to": {"type": "string", "default": "here"}, "n": {"type": "integer"}}});
    let units = sim.model.deploy("app", charm, 1).unwrap();
    sim.settle();
    (sim, units[0].clone())
}

#[test]
fn an_action_runs_with_its_parameters_and_gives_results() {
    let (mut sim, unit) = acting();
    let params = Map::from_iter([("n".to_owned(), json!(1_048_576))]);
    let id = sim.model.run_action(&unit, "backup", params).unwrap();
    let run = sim.until_hook(&unit, "backup");
    assert_eq!(run.dispatch_path().as_deref(), Some("actions/backup"));
    assert_eq!(run.variable("JUJU_ACTION_NAME"), Some("backup"));
    assert_eq!(run.variable("JUJU_ACTION_UUID"), Some("1"));
    assert_eq!(run.variable("JUJU_HOOK_NAME"), Some(""));
    assert_eq!(
        sim.ok(&run.context, "action-get"),
        "\"n\": 1.048576e+06\nto: here\n"
    );
    sim.ok(&run.context, "action-set out.size=3 out.name=x");
    sim.ok(&run.context, "action-log half way");
    sim.model.output(&run.context, Stream::Stdout, b"done\n");
    assert_eq!(sim.finish(&run, Exit::Code(0)).outcome, Outcome::Done);
    let record = sim.model.action(id).unwrap();
    assert_eq!(record.status, ActionStatus::Completed);
    let expected = json!({"out": {"size": "3", "name": "x"}, "stdout": "done\n", "return-code": 0});
    assert_eq!(Value::Object(record.results.clone()), expected);
    assert_eq!(record.log[0].1, "half way");
}

#[test]
fn action_fail_does_not_stop_the_flush() {
    let (mut sim, unit) = acting();
    let id = sim.model.run_action(&unit, "backup", Map::new()).unwrap();
    let run = sim.until_hook(&unit, "backup");
    sim.call(&run.context, &["action-fail", "no space"], None);
    sim.ok(&run.context, "state-set a=1");
    let _ = sim.finish(&run, Exit::Code(0));
    let record = sim.model.action(id).unwrap();
    assert_eq!(
        (record.status, record.message.as_str()),
        (ActionStatus::Failed, "no space")
    );
    let run = sim.enter(&unit);
    assert_eq!(sim.ok(&run.context, "state-get a"), "1\n");
}

#[test]
fn an_action_that_exits_with_an_error_fails_and_the_unit_does_not() {
    let (mut sim, unit) = acting();
    let id = sim.model.run_action(&unit, "backup", Map::new()).unwrap();
    let run = sim.until_hook(&unit, "backup");
    sim.call(&run.context, &["action-fail", "overridden"], None);
    sim.ok(&run.context, "state-set a=1");
    let _ = sim.finish(&run, Exit::Code(2));
    let record = sim.model.action(id).unwrap();
    assert_eq!(
        (record.status, record.message.as_str()),
        (ActionStatus::Failed, "exit status 2")
    );
    assert_eq!(record.results["return-code"], json!(2));
    sim.settle();
    let run = sim.enter(&unit);
    assert_eq!(sim.ok(&run.context, "state-get a"), "");
}

#[test]
fn a_missing_an_unknown_and_a_wrongly_called_action_are_told_apart() {
    let (mut sim, unit) = acting();
    let id = sim.model.run_action(&unit, "backup", Map::new()).unwrap();
    let run = sim.until_hook(&unit, "backup");
    let _ = sim.finish(&run, Exit::Missing);
    assert_eq!(
        sim.model.action(id).unwrap().message,
        "action not implemented on unit \"app/0\""
    );
    let error = sim.model.run_action(&unit, "nope", Map::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "action \"nope\" not defined on unit \"app/0\""
    );
    let params = Map::from_iter([("to".to_owned(), json!(5))]);
    let error = sim.model.run_action(&unit, "backup", params).unwrap_err();
    assert_eq!(
        error.to_string(),
        "validation failed: (root).to : must be of type string, given 5"
    );
}

#[test]
fn a_flush_error_fails_the_action_only() {
    let (mut sim, unit) = acting();
    let id = sim.model.run_action(&unit, "backup", Map::new()).unwrap();
    let run = sim.until_hook(&unit, "backup");
    sim.ok(&run.context, "state-set a=1");
    sim.model.output(&run.context, Stream::Stderr, b"warning");
    sim.model.fail_next_flush(&unit, "refused").unwrap();
    assert_eq!(
        sim.finish(&run, Exit::Code(0)).outcome,
        Outcome::FlushFailed
    );
    let record = sim.model.action(id).unwrap();
    assert_eq!(record.message, "committing requested changes failed");
    assert_eq!(record.results["stderr"], json!("warning\nrefused"));
    sim.settle();
}

#[test]
fn an_action_whose_agent_dies_fails_and_is_not_run_again() {
    let (mut sim, unit) = acting();
    let id = sim.model.run_action(&unit, "backup", Map::new()).unwrap();
    let _ = sim.until_hook(&unit, "backup");
    let before = sim.hooks(&unit).len() + 1;
    sim.model.restart_agent(&unit).unwrap();
    sim.settle();
    let record = sim.model.action(id).unwrap();
    assert_eq!(
        (record.status, record.message.as_str()),
        (ActionStatus::Failed, "action terminated")
    );
    assert_eq!(sim.hooks_since(&unit, before), [""; 0]);
}

#[test]
fn commands_complete_whatever_they_exit_with() {
    let (mut sim, unit) = acting();
    let id = sim.model.exec(&unit, "exit 3").unwrap();
    let run = sim.until_hook(&unit, "run-commands");
    assert_eq!(run.dispatch_path(), None);
    assert_eq!(run.variable("JUJU_HOOK_NAME"), Some(""));
    assert_eq!(run.variable("JUJU_DISPATCH_PATH"), None);
    assert!(run.context.as_str().starts_with("app/0-run-commands-"));
    let reply = sim.tool(&run.context, "action-get");
    assert_eq!(
        (reply.code, reply.stderr.as_str()),
        (1, "ERROR not running an action\n")
    );
    sim.model.output(&run.context, Stream::Stdout, b"out");
    let _ = sim.finish(&run, Exit::Code(3));
    let record = sim.model.action(id).unwrap();
    assert_eq!(record.status, ActionStatus::Completed);
    assert_eq!(
        Value::Object(record.results.clone()),
        json!({"stdout": "out", "return-code": 3})
    );
}

#[test]
fn actions_wait_their_turn() {
    let (mut sim, unit) = acting();
    let first = sim.model.exec(&unit, "a").unwrap();
    let second = sim.model.exec(&unit, "b").unwrap();
    let run = sim.until_hook(&unit, "run-commands");
    assert!(sim.model.poll().is_none());
    let _ = sim.finish(&run, Exit::Code(0));
    assert_eq!(
        sim.model.action(first).unwrap().status,
        ActionStatus::Completed
    );
    assert_eq!(
        sim.model.action(second).unwrap().status,
        ActionStatus::Pending
    );
    assert!(!sim.model.settled().is_settled());
    sim.settle();
    assert_eq!(
        sim.model.action(second).unwrap().status,
        ActionStatus::Completed
    );
}
