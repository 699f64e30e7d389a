//! Schedules that campaigns have found, and that must stay clean.

use ensign_testing::campaign::{Campaign, Subject};

use crate::subjects::{plain, secret};

#[track_caller]
fn clean(subject: Subject, script: &str) {
    let report = Campaign::new(subject).replay(script).unwrap();
    assert!(report.passed(), "{report}");
}

#[test]
fn a_leaving_unit_that_leads_and_never_saw_the_value_makes_no_other() {
    for juju in ["3.6", "4.0"] {
        let script = format!(
            "juju {juju}
seed 1
units 2
run charm/0  # deploy
run charm/1  # deploy
elect charm/0
run charm/1  # install
run charm/0  # install
remove-unit charm/1
elect charm/1
run charm/1  # remove
settle"
        );
        clean(secret(true), &script);
    }
}

#[test]
fn an_exec_killed_at_any_moment_leaves_one_value() {
    for juju in ["3.6", "4.0"] {
        for moment in 0..20 {
            let script = format!(
                "juju {juju}
seed 1
units 2
settle
operator write charm/0
operator write charm/1
run charm/0  # run-commands
  {moment} kill
run charm/1  # run-commands
  {moment} kill
settle"
            );
            clean(secret(true), &script);
        }
    }
}

/// Settings that the controller no longer keeps prove nothing about the hook that wrote them.
#[test]
fn a_hook_that_juju_took_over_is_kept_although_its_settings_are_gone() {
    let script = "juju 3.6
seed 9090052864676410252
units 3
run charm/2  # deploy
run charm/0  # deploy
run charm/0  # install
  6 run charm/2  # install
migrate
run charm/0  # cluster-relation-created
  4 run charm/2  # cluster-relation-created";
    clean(plain(), script);
}
