//! A unit is killed between any two things that anybody does, and everything still reaches everybody.

use ensign_testing::{Faults, Profile, Sim};

use super::{PROFILES, check, model};

/// Related, then a client removed.
fn play(profile: Profile, faults: &Faults) -> Sim {
    let mut sim = model(profile, 7, 1);
    for step in 0..2 {
        if step == 1 {
            let unit = sim.files("client", "/").into_keys().next().unwrap();
            sim.model().remove_unit(&unit).unwrap();
        }
        let settled = sim.settle_with(|_| {
            if faults.struck() {
                Faults::none()
            } else {
                faults.clone()
            }
        });
        if let Err(e) = settled {
            panic!("{profile:?}, after {:?}: {e}", faults.steps().last());
        }
    }
    sim
}

#[test]
fn a_kill_at_any_moment_converges() {
    for profile in PROFILES {
        let counted = Faults::none();
        check(&play(profile, &counted));
        let moments = counted.moments();
        assert!(moments > 200, "{profile:?}: only {moments} moments");
        for moment in 0..moments {
            let faults = Faults::at(moment);
            let sim = play(profile, &faults);
            assert!(faults.struck(), "{profile:?}, moment {moment} never came");
            check(&sim);
        }
    }
}
