//! The redis charm on real servers: what breaks while a client writes, and what a stranger sees of it.
//!
//! `scripts/redis` runs it: every machine installs the server from the distribution's archive, and the host reaches
//! machines by their addresses, as it does for root alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod left;
mod resp;
mod town;
mod watch;
mod writer;

use ensign_model::Profile;

use town::Town;

#[test]
fn a_primary_and_replicas_on_juju_3_6() {
    standalone(Profile::V3_6);
}

#[test]
fn a_primary_and_replicas_on_juju_4_0() {
    standalone(Profile::V4_0);
}

#[test]
fn three_and_then_six_are_a_cluster_on_juju_3_6() {
    cluster(Profile::V3_6);
}

#[test]
fn three_and_then_six_are_a_cluster_on_juju_4_0() {
    cluster(Profile::V4_0);
}

#[test]
fn nothing_outlives_a_killed_controller_and_the_model_runs_anew() {
    let mut town = Town::run(Profile::V3_6, 1, &[]);
    let traces = town.traces();
    assert_eq!(traces.servers(), 1, "{traces:?}");
    town.kill_controller();
    town.wait_until_nothing_is_left(&traces);
    let again = town.run_again(Profile::V3_6, 1, &[]).output().unwrap();
    town::good(&again);
    let said = String::from_utf8(again.stderr).unwrap();
    assert!(
        said.contains("ensign juju destroy-model redis-3-6"),
        "{said}"
    );
    assert_eq!(traces.found(), Vec::<String>::new());
    town::good(&town.destroy());
}

fn standalone(profile: Profile) {
    let mut town = Town::run(profile, 3, &[]);
    town.is_well(3, &["6379/tcp"]);
    town.write();
    town.during("nothing happens", "wait");
    let lost = town.leader();
    town.during("the leader's machine is killed", "kill-leader redis");
    town.during(
        "the lost unit is removed",
        &format!("remove-unit --force {lost}"),
    );
    town.during("two units more", "add-unit redis, add-unit redis");
    let primary = town.unit_that_says("primary of 3");
    town.during("the primary is removed", &format!("remove-unit {primary}"));
    let leader = town.leader();
    town.during(
        "another password",
        &format!("action {leader} rotate-password"),
    );
    town.add_port(6390);
    town.during("another port", "config redis port=6390 log-level=verbose");
    town.keeps_what_it_acknowledged();
    town.during("some minutes pass", "advance 6m");
    town.is_well(3, &["6390/tcp"]);
    let mut roles = town.messages();
    roles.sort();
    assert_eq!(roles[0], "primary of 2", "{roles:?}");
    town.spoke_to_no_stranger();
    town.end();
}

fn cluster(profile: Profile) {
    let mut town = Town::run(profile, 3, &["--config", "cluster-enabled=true"]);
    town.is_well(3, &["6379/tcp", "16379/tcp"]);
    town.is_one_cluster(3);
    town.write();
    town.during(
        "three units more",
        "add-unit redis, add-unit redis, add-unit redis",
    );
    town.is_well(6, &["6379/tcp", "16379/tcp"]);
    town.is_one_cluster(6);
    town.during("nothing happens", "wait");
    let lost = town.leader();
    town.during("the leader's machine is killed", "kill-leader redis");
    town.during(
        "the lost unit is removed",
        &format!("remove-unit --force {lost}"),
    );
    town.during("two units more", "add-unit redis, add-unit redis");
    let leader = town.leader();
    town.during("the leader is removed", &format!("remove-unit {leader}"));
    let leader = town.leader();
    town.during(
        "another password",
        &format!("action {leader} rotate-password"),
    );
    town.add_port(6390);
    town.during("another port", "config redis port=6390 log-level=verbose");
    town.during("fewer databases", "config redis databases=4");
    town.keeps_what_it_acknowledged();
    town.during("some minutes pass", "advance 6m");
    town.is_well(6, &["6390/tcp", "16379/tcp"]);
    town.is_one_cluster(6);
    town.spoke_to_no_stranger();
    town.end();
}
