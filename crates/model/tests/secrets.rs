//! Secrets: who owns, reads and changes them, and when a change counts.

use ensign_model::{ContextId, Exit, Operation, Outcome, Profile, UnitName};

use crate::support::{BOTH, Sim, peered};

/// Runs commands on a unit that end well; returns what they printed last.
fn on(sim: &mut Sim, unit: &UnitName, lines: &[&str]) -> String {
    let run = sim.enter(unit);
    let mut printed = String::new();
    for line in lines {
        printed = sim.ok(&run.context, line);
    }
    assert_eq!(sim.finish(&run, Exit::Code(0)).outcome, Outcome::Done);
    printed
}

/// What a tool that fails says.
fn refused(sim: &mut Sim, context: &ContextId, line: &str) -> String {
    let reply = sim.tool(context, line);
    assert_ne!(reply.code, 0, "{line}");
    reply.stderr
}

/// The id of a secret with the label `adm` that the leader made.
fn made(sim: &mut Sim, leader: &UnitName) -> String {
    let printed = on(sim, leader, &["secret-add --label adm token=one"]);
    printed.trim().trim_start_matches("secret:").to_owned()
}

fn failed_flush(sim: &mut Sim, run: &Operation) -> String {
    assert_eq!(sim.finish(run, Exit::Code(0)).outcome, Outcome::FlushFailed);
    let id = sim.model.history(&run.unit).len();
    assert!(id > 0);
    let logged = sim.model.drain_log();
    logged
        .last()
        .map(|record| record.message.clone())
        .unwrap_or_default()
}

#[test]
fn every_unit_reads_its_applications_secret_by_the_owners_label() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 3);
        let id = made(&mut sim, &leader);
        for unit in others.iter().chain([&leader]) {
            let read = on(&mut sim, unit, &["secret-get --label adm"]);
            assert_eq!(read, "token: one\n");
            let read = on(&mut sim, unit, &[&format!("secret-get {id} token")]);
            assert_eq!(read, "one\n");
        }
    }
}

#[test]
fn the_label_works_in_install() {
    for profile in BOTH {
        let (mut sim, leader, _) = Sim::led(profile, 1);
        made(&mut sim, &leader);
        let new = sim.model.add_unit("app").unwrap();
        let install = sim.until_hook(&new, "install");
        let read = sim.ok(&install.context, "secret-get --label adm --refresh");
        assert_eq!(read, "token: one\n");
    }
}

#[test]
fn only_the_leader_manages_the_applications_secrets() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        let id = made(&mut sim, &leader);
        assert_eq!(on(&mut sim, &leader, &["secret-ids"]), format!("{id}\n"));
        let run = sim.enter(&others[0]);
        assert_eq!(sim.ok(&run.context, "secret-ids"), "");
        let text = refused(&mut sim, &run.context, "secret-info-get --label adm");
        assert_eq!(text, "ERROR secret \"adm\" not found\n");
        let text = refused(&mut sim, &run.context, "secret-add token=x");
        assert_eq!(text, "ERROR this unit is not the leader\n");
        // It does not know the secret, so that only the flush can say no.
        sim.ok(&run.context, &format!("secret-set {id} token=stolen"));
        assert_eq!(
            sim.finish(&run, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        let read = on(&mut sim, &leader, &["secret-get --label adm --refresh"]);
        assert_eq!(read, "token: one\n");
    }
}

#[test]
fn leadership_that_came_after_the_context_was_made_does_not_show_the_secrets() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        made(&mut sim, &leader);
        let run = sim.enter(&others[0]);
        sim.model.force_leader(&others[0]).unwrap();
        assert_eq!(sim.ok(&run.context, "is-leader"), "True\n");
        assert_eq!(
            sim.ok(&run.context, "secret-get --label adm"),
            "token: one\n"
        );
        refused(&mut sim, &run.context, "secret-info-get --label adm");
    }
}

#[test]
fn leadership_is_looked_at_again_when_secrets_are_stored() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        let run = sim.enter(&leader);
        sim.ok(&run.context, "secret-add --label adm token=mine");
        sim.ok(&run.context, "state-set done=yes");
        sim.model.force_leader(&others[0]).unwrap();
        assert_eq!(
            sim.finish(&run, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        let run = sim.enter(&leader);
        refused(&mut sim, &run.context, "secret-get --label adm");
        assert_eq!(sim.ok(&run.context, "state-get done"), "");
    }
}

#[test]
fn a_label_names_one_secret() {
    for profile in BOTH {
        let (mut sim, leader, _) = Sim::led(profile, 1);
        made(&mut sim, &leader);
        let run = sim.enter(&leader);
        sim.ok(&run.context, "secret-add --label adm token=two");
        assert_eq!(
            sim.finish(&run, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        let run = sim.enter(&leader);
        sim.ok(
            &run.context,
            "secret-add --owner unit --label adm token=two",
        );
        assert_eq!(
            sim.finish(&run, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        assert_eq!(
            on(&mut sim, &leader, &["secret-ids --format json"])
                .matches('"')
                .count(),
            2
        );
    }
}

#[test]
fn three_six_loses_the_first_of_two_changes_in_a_hook() {
    for (profile, expected) in [(Profile::V3_6, "one"), (Profile::V4_0, "two")] {
        let (mut sim, leader, _) = Sim::led(profile, 1);
        let id = made(&mut sim, &leader);
        let lines = [
            &format!("secret-set {id} token=two") as &str,
            &format!("secret-set {id} --description x"),
        ];
        on(&mut sim, &leader, &lines);
        let read = on(&mut sim, &leader, &["secret-get --label adm --refresh"]);
        assert_eq!(read, format!("token: {expected}\n"));
    }
}

#[test]
fn what_is_read_stays_until_it_is_refreshed() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        let id = made(&mut sim, &leader);
        let follower = &others[0];
        on(&mut sim, follower, &["secret-get --label adm"]);
        on(&mut sim, &leader, &[&format!("secret-set {id} token=two")]);
        let read = |sim: &mut Sim, flags: &str| {
            on(sim, follower, &[&format!("secret-get --label adm {flags}")])
        };
        assert_eq!(read(&mut sim, ""), "token: one\n");
        assert_eq!(read(&mut sim, "--peek"), "token: two\n");
        assert_eq!(read(&mut sim, ""), "token: one\n");
        assert_eq!(read(&mut sim, "--refresh"), "token: two\n");
        assert_eq!(read(&mut sim, ""), "token: two\n");
    }
}

#[test]
fn the_same_content_is_no_new_revision() {
    for profile in BOTH {
        let (mut sim, leader, _) = Sim::led(profile, 1);
        let id = made(&mut sim, &leader);
        on(&mut sim, &leader, &[&format!("secret-set {id} token=one")]);
        let info = on(&mut sim, &leader, &[&format!("secret-info-get {id}")]);
        assert!(info.contains("revision: 1\n"), "{info}");
    }
}

#[test]
fn a_failed_hook_changes_no_secret_but_a_read_stays_read() {
    for profile in BOTH {
        let mut sim = Sim::new(profile);
        let units = sim.model.deploy("app", peered(), 1).unwrap();
        let hook = sim.until_hook(&units[0], "start");
        sim.ok(&hook.context, "secret-add --label adm token=one");
        assert_eq!(sim.finish(&hook, Exit::Code(1)).outcome, Outcome::Failed);
        let hook = sim.until_hook(&units[0], "start");
        refused(&mut sim, &hook.context, "secret-get --label adm");
        let id = sim.ok(&hook.context, "secret-add --label adm token=one");
        let _ = sim.finish(&hook, Exit::Code(0));
        sim.settle();
        let run = sim.until_hook(&units[0], "update-status");
        sim.ok(
            &run.context,
            &format!("secret-get {} --label mine", id.trim()),
        );
        let _ = sim.finish(&run, Exit::Code(1));
        sim.model.resolved(&units[0], false).unwrap();
        sim.settle();
        let read = on(&mut sim, &units[0], &["secret-get --label mine"]);
        assert_eq!(read, "token: one\n");
    }
}

#[test]
fn secrets_come_first_in_three_six_and_stay_when_the_rest_is_refused() {
    for (profile, stays) in [(Profile::V3_6, true), (Profile::V4_0, false)] {
        let (mut sim, leader, _) = Sim::led(profile, 1);
        let run = sim.enter(&leader);
        sim.ok(&run.context, "secret-add --label adm token=one");
        sim.ok(&run.context, "open-port 80 --endpoints nope");
        sim.ok(&run.context, "relation-set -r cluster:0 --app bell=1");
        assert_eq!(
            sim.finish(&run, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        let run = sim.enter(&leader);
        assert_eq!(
            sim.ok(&run.context, "relation-get -r cluster:0 --app bell app"),
            ""
        );
        let reply = sim.tool(&run.context, "secret-get --label adm");
        assert_eq!(reply.code == 0, stays);
    }
}

#[test]
fn a_secret_goes_with_its_owner() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        on(
            &mut sim,
            &others[0],
            &["secret-add --owner unit --label own token=one"],
        );
        made(&mut sim, &leader);
        sim.model.remove_unit(&others[0]).unwrap();
        sim.settle();
        assert_eq!(
            on(&mut sim, &leader, &["secret-ids --format json"])
                .matches('"')
                .count(),
            2
        );
    }
}

#[test]
fn the_reason_for_a_refusal_names_what_was_done() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 1);
    sim.model.drain_log();
    let hook = sim.until_hook(&leader, "update-status");
    sim.ok(&hook.context, "secret-remove 9m4e2mr0ui3e8a215n4g");
    let logged = failed_flush(&mut sim, &hook);
    let expected =
        "cannot apply changes: removing secrets: secret \"secret:9m4e2mr0ui3e8a215n4g\" not found";
    assert!(logged.ends_with(expected), "{logged}");
}
