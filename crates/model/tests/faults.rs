//! Flushes that fail half way, whose answer is lost, or that come late.

use ensign_model::{Exit, FlushPart, Outcome, Profile, UnitName, flush_parts};

use crate::support::Sim;

const ALL: [Profile; 4] = [
    Profile::V3_6,
    Profile::V4_0,
    Profile::V4_0Early,
    Profile::V4_0EarlyX,
];

/// Buffers a secret, state and relation data, and lets the hook end; what became of it.
fn flushed(sim: &mut Sim, unit: &UnitName, value: &str) -> Outcome {
    let run = sim.enter(unit);
    sim.ok(&run.context, &format!("state-set k={value}"));
    sim.ok(
        &run.context,
        &format!("secret-add --label {value} token={value}"),
    );
    sim.ok(
        &run.context,
        &format!("relation-set -r cluster:0 --app k={value}"),
    );
    sim.finish(&run, Exit::Code(0)).outcome
}

/// Which of the three are there: secret, state, relation data.
fn stored(sim: &mut Sim, unit: &UnitName, value: &str) -> [bool; 3] {
    let run = sim.enter(unit);
    let line = format!("{value}\n");
    let found = [
        sim.tool(&run.context, &format!("secret-get --label {value}"))
            .code
            == 0,
        sim.ok(&run.context, "state-get k") == line,
        sim.ok(&run.context, "relation-get -r cluster:0 --app k app") == line,
    ];
    let _ = sim.finish(&run, Exit::Code(0));
    found
}

/// What a part holds: secret, state, relation data.
fn holds(part: FlushPart) -> [bool; 3] {
    match part {
        FlushPart::Secrets => [true, false, false],
        FlushPart::State => [false, true, false],
        FlushPart::Relations => [false, false, true],
        FlushPart::StateAndRelations => [false, true, true],
        _ => [true; 3],
    }
}

#[test]
fn parts_before_a_failure_stay_and_one_transaction_leaves_nothing() {
    for profile in ALL {
        let parts = flush_parts(profile);
        for count in 0..=parts.len() {
            let (mut sim, leader, _) = Sim::led(profile, 1);
            sim.model
                .fail_next_flush_after(&leader, count, "no")
                .unwrap();
            assert_eq!(flushed(&mut sim, &leader, "one"), Outcome::FlushFailed);
            let mut expected = [false; 3];
            for part in parts.iter().take(if parts.len() == 1 { 0 } else { count }) {
                let held = holds(*part);
                expected = [0, 1, 2].map(|at| expected[at] || held[at]);
            }
            let found = stored(&mut sim, &leader, "one");
            assert_eq!(found, expected, "{profile} after {count}");
            assert_eq!(flushed(&mut sim, &leader, "two"), Outcome::Done);
            assert_eq!(stored(&mut sim, &leader, "two"), [true; 3]);
        }
    }
}

#[test]
fn leadership_lost_before_the_flush_leaves_what_needs_none() {
    for (profile, expected) in [
        (Profile::V3_6, [false; 3]),
        (Profile::V4_0, [false; 3]),
        (Profile::V4_0Early, [false, true, false]),
        (Profile::V4_0EarlyX, [false; 3]),
    ] {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        let run = sim.enter(&leader);
        sim.ok(&run.context, "state-set k=one");
        sim.ok(&run.context, "relation-set -r cluster:0 --app k=one");
        sim.model.force_leader(&others[0]).unwrap();
        assert_eq!(
            sim.finish(&run, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        assert_eq!(stored(&mut sim, &leader, "one"), expected, "{profile}");
    }
}

#[test]
fn a_lost_answer_is_a_failure_of_what_has_been_stored() {
    for profile in ALL {
        let (mut sim, leader, _) = Sim::led(profile, 1);
        sim.model.lose_next_flush_answer(&leader).unwrap();
        assert_eq!(flushed(&mut sim, &leader, "one"), Outcome::FlushFailed);
        assert_eq!(stored(&mut sim, &leader, "one"), [true; 3]);
    }
}

#[test]
fn a_late_flush_arrives_whole_or_is_refused() {
    for profile in ALL {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        sim.model.delay_next_flush(&leader).unwrap();
        let hook = sim.until_hook(&leader, "update-status");
        sim.ok(&hook.context, "state-set k=one");
        sim.ok(&hook.context, "secret-add --label one token=one");
        sim.ok(&hook.context, "relation-set -r cluster:0 --app k=one");
        assert_eq!(
            sim.finish(&hook, Exit::Code(0)).outcome,
            Outcome::FlushFailed
        );
        assert!(sim.model.has_late_flush(&leader));
        let mut refused = Sim {
            model: sim.model.clone(),
            files: sim.files.clone(),
        };
        assert_eq!(sim.model.deliver_late_flush(&leader), Ok(true));
        assert_eq!(stored(&mut sim, &leader, "one"), [true; 3]);
        assert_eq!(sim.model.deliver_late_flush(&leader), Ok(false));

        refused.model.force_leader(&others[0]).unwrap();
        assert_eq!(refused.model.deliver_late_flush(&leader), Ok(false));
        let found = stored(&mut refused, &leader, "one");
        assert_eq!(
            found,
            [false, profile == Profile::V4_0Early, false],
            "{profile}"
        );
    }
}

#[test]
fn a_late_flush_does_not_arrive_after_the_retry_has_ended_well() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 1);
    sim.model.delay_next_flush(&leader).unwrap();
    let hook = sim.until_hook(&leader, "update-status");
    sim.ok(&hook.context, "state-set k=one");
    let _ = sim.finish(&hook, Exit::Code(0));
    let hook = sim.until_hook(&leader, "update-status");
    sim.ok(&hook.context, "state-set k=two");
    assert_eq!(sim.finish(&hook, Exit::Code(0)).outcome, Outcome::Done);
    assert!(!sim.model.has_late_flush(&leader));
    assert_eq!(sim.model.deliver_late_flush(&leader), Ok(false));
    assert!(stored(&mut sim, &leader, "two")[1]);
}

#[test]
fn a_leader_set_whose_answer_is_lost_is_applied_or_not() {
    for applied in [true, false] {
        let (mut sim, leader, _) = Sim::led(Profile::V3_6, 1);
        sim.model
            .lose_next_leader_set_answer(&leader, applied)
            .unwrap();
        let run = sim.enter(&leader);
        let reply = sim.tool(&run.context, "leader-set a=1");
        assert_eq!(reply.code, 1);
        assert_eq!(
            reply.stderr,
            "ERROR cannot write leadership settings: cannot write settings: failed to call leadership api: \
             connection is shut down\n"
        );
        let expected = if applied { "1\n" } else { "" };
        assert_eq!(sim.ok(&run.context, "leader-get a"), expected);
        sim.ok(&run.context, "leader-set a=2");
        assert_eq!(sim.ok(&run.context, "leader-get a"), "2\n");
    }
}

#[test]
fn what_can_be_read_holds_no_secret() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 2);
    let run = sim.enter(&leader);
    sim.ok(
        &run.context,
        "secret-add --label adm --description why token=hunter2",
    );
    assert!(sim.model.secret_texts().contains("hunter2"), "buffered");
    sim.ok(&run.context, "status-set active plain-status");
    sim.ok(&run.context, "state-set where=plain-state");
    sim.ok(
        &run.context,
        "relation-set -r cluster:0 --app where=plain-bag",
    );
    sim.ok(&run.context, "juju-log plain-log");
    let _ = sim.finish(&run, Exit::Code(0));
    let (texts, readable) = (sim.model.secret_texts(), sim.model.everything_readable());
    assert_eq!(texts.into_iter().collect::<Vec<_>>(), ["hunter2"]);
    assert!(!readable.contains("hunter2"));
    for word in [
        "plain-status",
        "plain-state",
        "plain-bag",
        "plain-log",
        "adm",
        "why",
    ] {
        assert!(readable.contains(word), "{word}");
    }
    let secrets = sim.model.secrets();
    let secret = secrets.values().next().unwrap();
    assert_eq!((secret.owner.as_str(), secret.latest), ("app", 1));
}
