//! The peer relation: what each unit sees, and when.

use ensign_model::{Exit, Profile};

use crate::support::{BOTH, Sim, peered};

const CHANGED: &str = "cluster-relation-changed";

#[test]
fn application_data_is_told_to_every_unit_the_writer_included() {
    for profile in BOTH {
        let (mut sim, leader, others) = Sim::led(profile, 3);
        let run = sim.enter(&leader);
        sim.ok(&run.context, "relation-set -r cluster:0 --app password=x");
        let mut before: Vec<usize> = others.iter().map(|unit| sim.hooks(unit).len()).collect();
        before.push(sim.hooks(&leader).len() + 1);
        let _ = sim.finish(&run, Exit::Code(0));
        sim.settle_with(|sim, operation| {
            assert_eq!(operation.name(), CHANGED);
            assert_eq!(operation.variable("JUJU_REMOTE_UNIT"), Some(""));
            assert_eq!(operation.variable("JUJU_REMOTE_APP"), Some("app"));
            assert_eq!(sim.ok(&operation.context, "relation-get password"), "x\n");
            Exit::Code(0)
        });
        for (unit, before) in others.iter().chain([&leader]).zip(before) {
            assert_eq!(sim.hooks_since(unit, before), [CHANGED], "{unit}");
        }
    }
}

#[test]
fn a_value_that_does_not_change_tells_nobody() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 2);
    for _ in 0..2 {
        let run = sim.enter(&leader);
        sim.ok(&run.context, "relation-set -r cluster:0 --app k=v");
        let _ = sim.finish(&run, Exit::Code(0));
        sim.settle();
    }
    assert_eq!(
        sim.hooks(&leader)
            .iter()
            .filter(|hook| **hook == CHANGED)
            .count(),
        2
    );
}

#[test]
fn nothing_of_a_write_is_seen_before_the_hook_has_ended() {
    let (mut sim, leader, others) = Sim::led(Profile::V4_0, 2);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "relation-set -r cluster:0 --app k=v");
    assert_eq!(
        sim.ok(&run.context, "relation-get -r cluster:0 --app k app"),
        "v\n"
    );
    let other = sim.enter(&others[0]);
    assert_eq!(
        sim.ok(&other.context, "relation-get -r cluster:0 --app k app"),
        ""
    );
    let _ = sim.finish(&run, Exit::Code(0));
    // Read once a hook.
    assert_eq!(
        sim.ok(&other.context, "relation-get -r cluster:0 --app k app"),
        ""
    );
    let _ = sim.finish(&other, Exit::Code(0));
    let other = sim.enter(&others[0]);
    assert_eq!(
        sim.ok(&other.context, "relation-get -r cluster:0 --app k app"),
        "v\n"
    );
}

#[test]
fn a_follower_cannot_write_application_data() {
    let (mut sim, _, others) = Sim::led(Profile::V4_0, 2);
    let run = sim.enter(&others[0]);
    let reply = sim.tool(&run.context, "relation-set -r cluster:0 --app k=v");
    assert_eq!(
        (reply.code, reply.stderr.as_str()),
        (1, "ERROR cannot write relation settings\n")
    );
}

#[test]
fn several_writes_before_the_hook_are_one_hook() {
    let (mut sim, leader, others) = Sim::led(Profile::V4_0, 2);
    let busy = sim.enter(&others[0]);
    for value in ["k=1", "k=2", "k=3"] {
        let run = sim.enter(&leader);
        sim.ok(&run.context, &format!("relation-set -r cluster:0 {value}"));
        let _ = sim.finish(&run, Exit::Code(0));
    }
    let before = sim.hooks(&others[0]).len() + 1;
    let _ = sim.finish(&busy, Exit::Code(0));
    sim.settle();
    assert_eq!(sim.hooks_since(&others[0], before), [CHANGED]);
}

#[test]
fn own_unit_data_never_wakes_its_writer() {
    let (mut sim, leader, _) = Sim::led(Profile::V4_0, 2);
    let run = sim.enter(&leader);
    sim.ok(&run.context, "relation-set -r cluster:0 k=v");
    let before = sim.hooks(&leader).len() + 1;
    let _ = sim.finish(&run, Exit::Code(0));
    sim.settle();
    assert_eq!(sim.hooks_since(&leader, before), [""; 0]);
}

#[test]
fn a_members_data_stays_as_it_was_until_the_hook_that_announces_it() {
    let (mut sim, leader, others) = Sim::led(Profile::V4_0, 2);
    let follower = &others[0];
    let read = format!("relation-get -r cluster:0 k {leader}");
    let run = sim.enter(follower);
    assert_eq!(sim.ok(&run.context, &read), "");
    let writer = sim.enter(&leader);
    sim.ok(&writer.context, "relation-set -r cluster:0 k=new");
    let _ = sim.finish(&writer, Exit::Code(0));
    assert_eq!(sim.ok(&run.context, &read), "");
    // Another hook slips in before the one that announces it.
    sim.model.exec(follower, "true").unwrap();
    let _ = sim.finish(&run, Exit::Code(0));
    let next = sim.until_hook(follower, "run-commands");
    assert_eq!(sim.ok(&next.context, &read), "");
    let _ = sim.finish(&next, Exit::Code(0));
    let announced = sim.until_hook(follower, CHANGED);
    assert_eq!(sim.ok(&announced.context, &read), "new\n");
}

#[test]
fn an_agent_that_restarts_reads_members_anew() {
    let (mut sim, leader, others) = Sim::led(Profile::V4_0, 2);
    let read = format!("relation-get -r cluster:0 k {leader}");
    let run = sim.enter(&others[0]);
    assert_eq!(sim.ok(&run.context, &read), "");
    let writer = sim.enter(&leader);
    sim.ok(&writer.context, "relation-set -r cluster:0 k=new");
    let _ = sim.finish(&writer, Exit::Code(0));
    let _ = sim.finish(&run, Exit::Code(0));
    sim.model.exec(&others[0], "true").unwrap();
    sim.model.restart_agent(&others[0]).unwrap();
    let next = sim.until_hook(&others[0], "run-commands");
    assert_eq!(sim.ok(&next.context, &read), "new\n");
}

#[test]
fn joined_is_followed_by_changed_for_the_same_unit() {
    let (sim, units) = Sim::settled(Profile::V3_6, 5);
    for unit in units {
        let relation: Vec<&str> = sim
            .hooks(&unit)
            .into_iter()
            .filter(|hook| hook.starts_with("cluster-"))
            .collect();
        for (at, hook) in relation.iter().enumerate() {
            if *hook == "cluster-relation-joined" {
                assert_eq!(relation[at + 1], CHANGED);
            }
        }
    }
}

#[test]
fn a_joining_unit_is_listed_in_its_hook_and_a_departing_one_is_not() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    let new = sim.model.add_unit("app").unwrap();
    let joined = sim.until_hook(&leader, "cluster-relation-joined");
    assert_eq!(joined.variable("JUJU_REMOTE_UNIT"), Some(new.as_str()));
    assert!(
        sim.ok(&joined.context, "relation-list")
            .contains(new.as_str())
    );
    let _ = sim.finish(&joined, Exit::Code(0));
    sim.settle();
    sim.model.remove_unit(&new).unwrap();
    let departed = sim.until_hook(&leader, "cluster-relation-departed");
    assert_eq!(departed.variable("JUJU_DEPARTING_UNIT"), Some(new.as_str()));
    assert!(
        !sim.ok(&departed.context, "relation-list")
            .contains(new.as_str())
    );
    // What it had said can still be read.
    assert!(
        sim.ok(&departed.context, &format!("relation-get - {new}"))
            .contains("ingress-address")
    );
}

#[test]
fn the_unit_that_leaves_is_told_that_it_is_the_one() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    sim.model.remove_unit(&leader).unwrap();
    let departed = sim.until_hook(&leader, "cluster-relation-departed");
    assert_eq!(
        departed.variable("JUJU_DEPARTING_UNIT"),
        Some(leader.as_str())
    );
}

#[test]
fn a_unit_that_stops_no_longer_has_the_peer_relation() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 2);
    sim.model.remove_unit(&leader).unwrap();
    let stop = sim.until_hook(&leader, "stop");
    assert_eq!(sim.ok(&stop.context, "relation-ids cluster"), "");
    assert_eq!(
        sim.tool(&stop.context, "relation-get -r cluster:0 -").code,
        2
    );
}

#[test]
fn no_relation_is_there_in_install() {
    let mut sim = Sim::new(Profile::V4_0);
    let units = sim.model.deploy("app", peered(), 1).unwrap();
    let install = sim.until_hook(&units[0], "install");
    assert_eq!(
        sim.ok(&install.context, "relation-ids cluster --format json"),
        "[]\n"
    );
    let reply = sim.tool(&install.context, "relation-set -r cluster:0 --app k=v");
    assert_eq!(
        reply.stderr,
        "ERROR invalid value \"cluster:0\" for option -r: relation not found\n"
    );
}

#[test]
fn a_unit_that_leaves_right_after_it_joined_is_still_changed_before_it_departs() {
    let (mut sim, leader, _) = Sim::led(Profile::V3_6, 1);
    let new = sim.model.add_unit("app").unwrap();
    let joined = sim.until_hook(&leader, "cluster-relation-joined");
    sim.model.remove_unit(&new).unwrap();
    let before = sim.hooks(&leader).len() + 1;
    let _ = sim.finish(&joined, Exit::Code(0));
    sim.settle();
    assert_eq!(
        sim.hooks_since(&leader, before),
        [CHANGED, "cluster-relation-departed"]
    );
}

#[test]
fn addresses_are_published_with_the_private_one_on_three_six_only() {
    for (profile, private) in [(Profile::V3_6, true), (Profile::V4_0, false)] {
        let (mut sim, leader, others) = Sim::led(profile, 2);
        let run = sim.enter(&leader);
        let data = sim.ok(
            &run.context,
            &format!("relation-get -r cluster:0 - {}", others[0]),
        );
        assert!(
            data.contains("egress-subnets: 10.0.0.") && data.contains("ingress-address: 10.0.0.")
        );
        assert_eq!(data.contains("private-address"), private);
    }
}
