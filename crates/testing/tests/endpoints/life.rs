//! Relations from their beginning to their end.

use std::time::Duration;

use super::{PROFILES, check, file, model, names};

#[test]
fn data_goes_both_ways_between_all_units() {
    for profile in PROFILES {
        for seed in 0..10 {
            let mut sim = model(profile, seed, 3);
            sim.settle().unwrap();
            check(&sim);
            assert_eq!(file(&sim, "server", "/etc/peers"), "2");
        }
    }
}

#[test]
fn units_that_join_and_leave_are_seen_by_the_others() {
    for profile in PROFILES {
        let mut sim = model(profile, 7, 2);
        sim.settle().unwrap();
        sim.model().add_unit("server").unwrap();
        sim.model().add_unit("client").unwrap();
        sim.settle().unwrap();
        check(&sim);
        let leaving = sim.files("client", "/").into_keys().next().unwrap();
        sim.model().remove_unit(&leaving).unwrap();
        sim.settle().unwrap();
        check(&sim);
        assert!(!names(&sim, "client").contains(leaving.as_str()));
        let leader = sim.model().status().applications["server"]
            .leader
            .clone()
            .unwrap();
        let before = file(&sim, "client", "/etc/password");
        sim.model().remove_unit(&leader).unwrap();
        sim.settle().unwrap();
        check(&sim);
        assert_eq!(
            file(&sim, "client", "/etc/password"),
            before,
            "the application's data outlives its leader"
        );
    }
}

#[test]
fn a_relation_ends_with_nothing_left_behind() {
    for profile in PROFILES {
        let mut sim = model(profile, 7, 2);
        sim.settle().unwrap();
        sim.model().remove_application("client").unwrap();
        sim.settle().unwrap();
        assert_eq!(file(&sim, "server", "/etc/users"), "");
        assert_eq!(file(&sim, "server", "/etc/broken"), "1");
        assert!(sim.model().secrets().is_empty(), "{profile:?}");
        for unit in sim.files("server", "/").into_keys() {
            let charm = format!(
                "/var/lib/juju/agents/unit-{}/charm/.ensign",
                unit.as_str().replace('/', "-")
            );
            let disk = sim.disk(&unit);
            let staged = disk.text(format!("{charm}/state.next"));
            let state = staged
                .or_else(|| disk.text(format!("{charm}/state.json")))
                .unwrap();
            assert!(!state.contains("endpoint.sql.joined"), "{state}");
            assert!(!state.contains("endpoint.sql.changed"), "{state}");
            assert!(!state.contains("sql.published"), "{state}");
        }
    }
}

/// One `relation-ids` for an endpoint that is named, one `relation-list` for a relation, and nothing is read.
#[test]
fn an_endpoint_that_does_not_change_costs_a_look() {
    for profile in PROFILES {
        let mut sim = model(profile, 7, 2);
        sim.settle().unwrap();
        for _ in 0..3 {
            sim.advance(Duration::from_secs(400));
            sim.settle().unwrap();
        }
        for unit in sim.files("client", "/").into_keys() {
            let model = sim.model();
            let last = model.history(&unit).last().cloned().unwrap();
            assert_eq!(last.hook, "update-status");
            let tools: Vec<&str> = last.tools.iter().map(String::as_str).collect();
            // The handler of `all_responses` reads its request and the answers each time.
            let looks = ["relation-ids", "relation-list"];
            assert_eq!(tools[..2], looks, "{profile:?} {unit}: {tools:?}");
        }
    }
}
