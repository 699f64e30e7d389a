//! One test a schedule: with its defence taken away it is found within ten thousand hooks; with it, the same seeds
//! are clean.

use ensign_testing::Profile;
use ensign_testing::campaign::{Campaign, Seams, Subject};

use crate::faulty::{
    BlindAtFirstSight, BlindInstall, BlindWithoutBell, EmptyIsGone, ForgottenContext,
    ForgottenStore, LateSecret, NeverLooksAgain, NoDoubt, RepeatedRandom, StoppedClock,
};
use crate::subjects::{operated, plain, secret};

const IN_USE: &str = "in use is not replaced";
const REVOKED: &str = "revoked stays revoked";
const DELIVERED: &str = "changes are delivered";
const RECORDS: &str = "records";
const AGREE: &str = "units agree";

const HOOKS: u64 = 10_000;

/// The faulty charm is caught, and the honest one is not.
#[track_caller]
fn caught(subject: Subject, juju: Profile, faulty: impl Seams + 'static, rules: &[&str]) {
    let campaign = Campaign::new(subject).juju([juju]);
    let report = campaign
        .clone()
        .hooks(HOOKS)
        .seams(faulty)
        .until_broken(rules)
        .run();
    let part = &report.parts[0];
    let Some(found) = part.found.first() else {
        panic!("not found in {} hooks", part.hooks);
    };
    println!("{report}");
    println!(
        "found by `{}` after {} hooks",
        found.violation.rule(),
        found.hooks
    );
    let honest = campaign.hooks(4 * found.hooks).run();
    assert!(honest.passed(), "{honest}");
}

#[test]
fn two_commands_in_one_juju_exec_whose_flush_fails() {
    caught(plain(), Profile::V4_0, ForgottenContext, &[RECORDS]);
}

#[test]
fn a_late_flush_of_an_earlier_attempt() {
    caught(secret(true), Profile::V4_0, RepeatedRandom, &[RECORDS]);
}

#[test]
fn early_4_0_stores_state_but_not_relation_data() {
    caught(plain(), Profile::V4_0, ForgottenStore(""), &[RECORDS]);
}

#[test]
fn a_bell_that_rings_before_its_secret_exists() {
    caught(
        secret(true),
        Profile::V4_0,
        LateSecret::default(),
        &[RECORDS, REVOKED, DELIVERED],
    );
}

#[test]
fn a_joining_unit_becomes_leader_in_install_while_a_password_is_in_use() {
    caught(secret(true), Profile::V4_0, BlindInstall, &[IN_USE]);
}

#[test]
fn the_last_key_revoked_the_hook_failing_leadership_moving() {
    caught(
        operated(),
        Profile::V3_6,
        EmptyIsGone,
        &[REVOKED, DELIVERED],
    );
}

#[test]
fn leadership_lost_between_staging_and_publishing() {
    caught(plain(), Profile::V4_0, BlindAtFirstSight, &[IN_USE]);
}

#[test]
fn leadership_lost_and_regained_inside_one_hook() {
    caught(plain(), Profile::V3_6, StoppedClock { after: 0 }, &[IN_USE]);
}

#[test]
fn a_secret_committed_in_install_and_another_unit_leading_before_any_bell() {
    caught(secret(true), Profile::V4_0, BlindWithoutBell, &[IN_USE]);
}

#[test]
fn an_exec_killed_between_secret_and_bell() {
    caught(
        secret(true),
        Profile::V3_6,
        NeverLooksAgain,
        &[DELIVERED, REVOKED, AGREE],
    );
}

#[test]
fn a_value_delivered_by_a_hook_that_failed_then_revoked() {
    caught(plain(), Profile::V4_0, NoDoubt, &[DELIVERED]);
}

#[test]
fn a_handler_that_starts_at_19_seconds_and_acts_at_34() {
    caught(
        plain(),
        Profile::V3_6,
        StoppedClock { after: 19 },
        &[IN_USE],
    );
}

#[test]
fn without_a_peer_relation_on_3_6_every_rule_holds() {
    let report = Campaign::new(secret(false))
        .juju([Profile::V3_6])
        .hooks(HOOKS / 2)
        .run();
    assert!(report.passed(), "{report}");
}
