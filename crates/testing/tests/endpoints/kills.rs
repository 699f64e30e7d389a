//! A unit is killed between any two things that anybody does, and everything still reaches everybody.

use ensign_testing::{Faults, Profile, Sim};
use serde_json::Map;

use super::{check, file, model};

/// A kill leaves no flush that is stored in part, so early releases of Juju 4 do not differ.
const PROFILES: [Profile; 2] = [Profile::V3_6, Profile::V4_0];

/// Related, then a client removed.
fn leaving(sim: &mut Sim) {
    let unit = sim.files("client", "/").into_keys().next().unwrap();
    sim.model().remove_unit(&unit).unwrap();
}

/// A new password.
fn rotating(sim: &mut Sim) {
    let leader = sim.model().leader("server").cloned().unwrap();
    sim.model()
        .run_action(&leader, "rotate", Map::new())
        .unwrap();
}

/// The relation removed.
fn ending(sim: &mut Sim) {
    sim.model().remove_application("client").unwrap();
}

fn play(mut sim: Sim, profile: Profile, faults: &Faults, steps: &[fn(&mut Sim)]) -> Sim {
    for step in steps {
        step(&mut sim);
        let settled = sim.settle_under(faults);
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
        let steps: [fn(&mut Sim); 2] = [|_| (), leaving];
        check(&play(model(profile, 7, 1), profile, &counted, &steps));
        let moments = counted.moments();
        assert!(moments > 200, "{profile:?}: only {moments} moments");
        for moment in 0..moments {
            let faults = Faults::at(moment);
            let sim = play(model(profile, 7, 1), profile, &faults, &steps);
            assert!(faults.struck(), "{profile:?}, moment {moment} never came");
            check(&sim);
        }
    }
}

#[test]
fn a_kill_at_any_moment_of_a_new_secret_or_of_its_end_leaves_one_or_none() {
    for profile in PROFILES {
        let related = || play(model(profile, 7, 1), profile, &Faults::none(), &[|_| ()]);
        let counted = Faults::none();
        let before = file(&related(), "client", "/etc/password");
        let after = file(
            &play(related(), profile, &counted, &[rotating]),
            "client",
            "/etc/password",
        );
        assert_ne!(after, before);
        let rotation = counted.moments();
        let counted = Faults::none();
        play(related(), profile, &counted, &[rotating, ending]);
        assert!(counted.moments() > rotation + 50);
        for moment in 0..counted.moments() {
            let faults = Faults::at(moment);
            let sim = play(related(), profile, &faults, &[rotating]);
            check(&sim);
            let sim = play(sim, profile, &faults, &[ending]);
            assert!(faults.struck(), "{profile:?}, moment {moment} never came");
            let left = sim.model().secrets();
            assert!(
                left.is_empty(),
                "{profile:?}, {:?}: {left:?}",
                faults.steps().last()
            );
        }
    }
}
