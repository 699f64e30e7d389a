//! What a hook costs in which nothing happens: every tool call and every program, with its reason.

use ensign_testing::Profile;

use crate::world::{PROFILES, World};

/// Tools of `update-status`, and why each is called.
const TOOLS: [(&str, &str); 6] = [
    ("config-get", "options may have changed since the last hook"),
    ("is-leader", "some handlers are for the leader"),
    ("leader-get", "3.6: the leader's values"),
    (
        "relation-ids",
        "which relation the units of the peer endpoint are in",
    ),
    ("relation-list", "which units there are now"),
    (
        "status-get",
        "a hook that failed may have told Juju something else",
    ),
];

/// The same of programs.
const PROGRAMS: [(&str, &str); 4] = [
    ("systemctl is-active redis-server", "services die"),
    (
        "systemctl is-enabled redis-server",
        "and somebody may have disabled this one",
    ),
    (
        "timeout 5 redis-cli -2 --json -h 127.0.0.1 -p 6379",
        "what the server is now, for the status",
    ),
    (
        "timeout 5 redis-cli -2 --json -h PRIMARY -p 6379",
        "the leader: whether the primary can be reached",
    ),
];

#[test]
fn each_call_of_a_steady_hook_has_its_reason() {
    for profile in PROFILES {
        let mut world = World::deployed(profile, 3, &[]);
        world.settle();
        world.pass(2);
        world.fleet.look().runs.clear();
        world.pass(1);
        let primary = world.check();
        let address = world.sim.model().status().applications["redis"]
            .units
            .clone();
        let address = address
            .iter()
            .find(|unit| unit.unit == primary)
            .unwrap()
            .address
            .clone()
            .unwrap();
        let leader = world.leader();
        for unit in world.units() {
            let model = world.sim.model();
            let last = model.history(&unit).last().cloned().unwrap();
            assert_eq!(last.hook, "update-status");
            let mut tools: Vec<&str> = last.tools.iter().map(String::as_str).collect();
            tools.sort_unstable();
            let mut expected: Vec<&str> = TOOLS.iter().map(|(tool, _)| *tool).collect();
            if profile == Profile::V4_0 {
                // The leader's values stand in the peer relation: it is looked up once more, and read once.
                expected.retain(|tool| *tool != "leader-get");
                expected.extend(["relation-get", "relation-ids"]);
            } else if unit == leader {
                // The copy of the leader's values in the peer relation.
                expected.extend(["relation-get", "relation-ids"]);
            }
            expected.sort_unstable();
            assert_eq!(tools, expected, "{profile:?} {unit}");
            let runs = &world.fleet.look().runs;
            let mut programs: Vec<String> = runs
                .iter()
                .filter(|(of, _)| *of == unit)
                .map(|(_, run)| run.clone())
                .collect();
            programs.sort();
            let all = PROGRAMS
                .iter()
                .map(|(program, _)| program.replace("PRIMARY", &address));
            let mut expected: Vec<String> = all.collect();
            if unit != leader {
                expected.pop();
            }
            expected.sort();
            assert_eq!(programs, expected, "{profile:?} {unit}");
        }
    }
}
