//! The charm in an in-process model of Juju: one password everywhere, whatever happens on the way.

use std::collections::BTreeSet;

use ensign_testing::{Charm, Faults, Profile, Sim};
use password as _;

const APP: &str = "password";
const FILE: &str = "/etc/foopass";

fn model(profile: Profile, seed: u64) -> Sim {
    let charm = Charm::linked(env!("CARGO_MANIFEST_DIR"), &["password"]).unwrap();
    let mut sim = Sim::new(profile, seed);
    sim.deploy(APP, &charm, 3).unwrap();
    sim
}

/// The one password that every living unit has in its file.
fn password(sim: &Sim) -> String {
    let files = sim.files(APP, FILE);
    let different: BTreeSet<_> = files.values().collect();
    let one = different.first().copied().cloned().flatten();
    let one = one.unwrap_or_else(|| panic!("no password: {:?}", files.keys()));
    assert_eq!(different.len(), 1, "units disagree: {:?}", files.keys());
    assert_eq!(one.len(), 32);
    for unit in files.keys() {
        assert_eq!(sim.disk(unit).mode(FILE), Some(0o600), "{unit}");
    }
    one
}

#[test]
fn every_unit_has_the_leaders_password() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        for seed in 0..20 {
            let mut sim = model(profile, seed);
            sim.settle().unwrap();
            password(&sim);
        }
    }
}

#[test]
fn the_password_survives_the_loss_of_its_leader_and_reaches_new_units() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        let mut sim = model(profile, 7);
        sim.settle().unwrap();
        let before = password(&sim);
        let leader = sim.model().status().applications[APP]
            .leader
            .clone()
            .unwrap();
        sim.model().kill_unit(&leader).unwrap();
        sim.settle().unwrap();
        let next = sim.model().status().applications[APP].leader.clone();
        assert_ne!(next, Some(leader));
        sim.model().add_unit(APP).unwrap();
        sim.settle().unwrap();
        assert_eq!(password(&sim), before);
    }
}

#[test]
fn a_settled_model_calls_few_tools_and_changes_nothing() {
    // On 3.6 the leader looks at the peer relation, too, in case the secret was written by another leader.
    for (profile, of_leader, of_follower) in [(Profile::V3_6, 4, 2), (Profile::V4_0, 3, 3)] {
        let mut sim = model(profile, 7);
        sim.settle().unwrap();
        // The hook after the last change settles its record; from the one after that on, nothing changes.
        for _ in 0..3 {
            sim.advance(std::time::Duration::from_secs(400));
            sim.settle().unwrap();
        }
        let units: Vec<_> = sim.files(APP, FILE).into_keys().collect();
        for unit in units {
            let model = sim.model();
            let leads = model.status().applications[APP].leader.as_ref() == Some(&unit);
            let calls = if leads { of_leader } else { of_follower };
            let last = model.history(&unit).last().cloned().unwrap();
            assert_eq!(last.hook, "update-status");
            assert_eq!(
                last.tools.len(),
                calls,
                "{profile:?} {unit}: {:?}",
                last.tools
            );
        }
    }
}

/// Kills a unit at every moment of the bootstrap: before and after each hook tool, before and after each write
/// of the commit.
#[test]
fn a_kill_at_any_moment_of_the_bootstrap_converges_to_one_password() {
    for profile in [Profile::V3_6, Profile::V4_0] {
        let counted = Faults::none();
        let mut sim = model(profile, 7);
        sim.settle_with(|_| counted.clone()).unwrap();
        let moments = counted.moments();
        assert!(moments > 100, "{profile:?}: only {moments} moments");
        for moment in 0..moments {
            let faults = Faults::at(moment);
            let mut sim = model(profile, 7);
            let settled = sim.settle_under(&faults);
            assert!(faults.struck(), "{profile:?}, moment {moment} never came");
            if let Err(e) = settled {
                panic!(
                    "{profile:?}, killed at moment {moment} after {:?}: {e}",
                    faults.steps().last()
                );
            }
            password(&sim);
        }
    }
}
