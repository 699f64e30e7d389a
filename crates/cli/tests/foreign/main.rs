//! Charms that know nothing of Ensign, through a whole life in the local model: one written with ops, one with
//! charms.reactive, one in bash.
//!
//! `scripts/foreign` runs them: it installs the two frameworks from PyPI and says where they are.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

mod charm;
mod life;

use ensign_model::Profile;

use life::Life;

#[test]
fn an_ops_charm_lives_on_juju_3_6() {
    whole_life("ops-charm", Profile::V3_6);
}

#[test]
fn an_ops_charm_lives_on_juju_4_0() {
    whole_life("ops-charm", Profile::V4_0);
}

#[test]
fn a_reactive_charm_lives_on_juju_3_6() {
    whole_life("reactive-charm", Profile::V3_6);
}

#[test]
fn a_reactive_charm_lives_on_juju_4_0() {
    whole_life("reactive-charm", Profile::V4_0);
}

#[test]
fn a_bash_charm_lives_on_juju_3_6() {
    whole_life("bash-charm", Profile::V3_6);
}

#[test]
fn a_bash_charm_lives_on_juju_4_0() {
    whole_life("bash-charm", Profile::V4_0);
}

/// Install, election, peer relation, config, action, secret, another unit, another leader, upgrade, removal.
fn whole_life(charm: &str, profile: Profile) {
    let mut life = Life::begin(charm, profile);
    life.is_installed();
    life.follows_its_configuration();
    life.runs_actions();
    if life.has_secrets() {
        life.shares_a_secret();
    }
    life.grows();
    life.gets_another_leader();
    life.is_upgraded();
    life.shrinks();
    life.end();
}
