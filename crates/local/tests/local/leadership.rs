//! Units that lead and follow, in machines of their own.

use ensign_model::Profile;

use crate::trial::{Trial, processes, unit, wait_until};

/// What the password charm does, in bash: the leader makes a password, everybody stores it.
pub(crate) const PASSWORD: &str = r#"
set -e
if [ "$JUJU_DISPATCH_PATH" = hooks/leader-elected ] && [ -z "$(leader-get password)" ]; then
    leader-set password="$(tr -dc a-z0-9 < /dev/urandom | head -c 32)"
fi
password=$(leader-get password)
if [ -n "$password" ]; then
    (umask 077; echo "$password" > /etc/foopass)
    status-set active
fi
"#;

pub(crate) fn three_units_agree_on_one_password() {
    let mut trial = Trial::deploy(Profile::V3_6, PASSWORD, 3);
    let comparison = trial.model().compare_file("/etc/foopass").unwrap();
    assert!(comparison.is_same(), "{comparison:?}");
    let report = trial.report();
    assert_eq!(report.leaders.keys().collect::<Vec<_>>(), ["foo"]);
    for unit in &report.units {
        assert_eq!(
            (unit.workload.status.as_str(), unit.agent.as_str()),
            ("active", "idle"),
            "{}",
            unit.unit
        );
    }
    let leader = report.leaders["foo"].to_string();
    let hooks = trial.hooks(&leader);
    assert_eq!(
        hooks[..5],
        [
            "install",
            "cluster-relation-created",
            "leader-elected",
            "config-changed",
            "start"
        ]
    );
    assert!(
        !std::path::Path::new("/etc/foopass").exists(),
        "the host has the file"
    );
}

pub(crate) fn the_units_agree_again_after_their_leader_is_killed() {
    let mut trial = Trial::deploy(Profile::V3_6, PASSWORD, 3);
    let before = trial.report().leaders["foo"].clone();
    let old = trial.exec(before.as_str(), "cat /etc/foopass");
    trial.steps("kill-leader");
    let report = trial.report();
    let after = report.leaders["foo"].clone();
    assert_ne!(before, after);
    let killed = report
        .units
        .iter()
        .find(|found| found.unit == before)
        .unwrap();
    assert!(!killed.alive);
    assert_eq!(killed.agent, "lost");
    trial.steps("add-unit");
    let comparison = trial.model().compare_file("/etc/foopass").unwrap();
    assert!(comparison.is_same(), "{comparison:?}");
    assert_eq!(comparison.groups[0].len(), 3);
    assert_eq!(
        trial.exec(after.as_str(), "cat /etc/foopass"),
        old,
        "the password is still the first one"
    );
}

pub(crate) fn a_cut_off_leader_is_replaced_and_follows_when_it_is_back() {
    let mut trial = Trial::deploy(Profile::V3_6, PASSWORD, 3);
    let before = trial.report().leaders["foo"].clone();
    trial.steps("partition-leader");
    let after = trial.report().leaders["foo"].clone();
    assert_ne!(before, after);
    trial.steps("heal");
    let report = trial.report();
    assert_eq!(report.leaders["foo"], after);
    assert!(report.units.iter().all(|unit| unit.alive));
    assert_eq!(
        trial.hooks(before.as_str()).last().map(String::as_str),
        Some("leader-settings-changed")
    );
}

pub(crate) fn juju_4_has_no_leader_settings() {
    let dispatch = r#"
        is-leader > /dev/null || exit 1
        type leader-get leader-set > /dev/null 2>&1 && exit 1
        [ "$JUJU_VERSION" = "${JUJU_VERSION#4.}" ] && exit 1
        status-set active "$(is-leader)"
    "#;
    let mut trial = Trial::deploy(Profile::V4_0, dispatch, 2);
    let report = trial.report();
    assert_eq!(report.juju, "4.0");
    for unit in &report.units {
        let expected = if unit.leader { "True" } else { "False" };
        assert_eq!(unit.workload.message, expected, "{}", unit.unit);
        assert!(
            unit.hooks
                .iter()
                .all(|hook| hook.hook != "leader-settings-changed")
        );
    }
}

pub(crate) fn a_model_that_moves_to_juju_4_loses_the_settings_tools() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    assert_eq!(trial.exec("foo/0", "type -t leader-get"), "file\n");
    trial.steps("migrate 4.0");
    assert_eq!(trial.report().juju, "4.0");
    assert_eq!(
        trial.exec(
            "foo/0",
            "type -t leader-get || echo none; type -t is-leader"
        ),
        "none\nfile\n"
    );
}

pub(crate) fn a_removed_unit_runs_stop_and_remove_and_its_machine_is_gone() {
    let mut trial = Trial::deploy(Profile::V3_6, "juju-log \"ran $JUJU_DISPATCH_PATH\"", 2);
    trial.exec("foo/1", "nohup sleep 987654 > /dev/null 2>&1 &");
    wait_until("the daemon's start", || {
        processes("sleep 987654").len() == 1
    });
    trial.step(&ensign_local::Step::RemoveUnit(unit("foo/1")));
    assert_eq!(trial.report().units.len(), 1);
    let log = std::fs::read_to_string(trial.model().path().join("model.log")).unwrap();
    let at = |text: &str| {
        log.find(text)
            .unwrap_or_else(|| panic!("no `{text}` in the log"))
    };
    assert!(
        at("unit-foo-1: ") < at("ran hooks/stop") && at("ran hooks/stop") < at("ran hooks/remove")
    );
    assert_eq!(processes("sleep 987654"), Vec::<String>::new());
    assert_eq!(
        std::fs::read_dir(trial.model().path().join("machines"))
            .unwrap()
            .count(),
        1
    );
}

pub(crate) fn a_lost_unit_is_gone_when_it_is_removed_by_force() {
    let mut trial = Trial::deploy(Profile::V4_0, "exit 0", 3);
    trial.steps("kill-leader");
    assert_eq!(trial.report().units.len(), 3);
    let lost = trial.report().units.into_iter().find(|unit| !unit.alive);
    let lost = lost.unwrap().unit;
    trial.step(&ensign_local::Step::ForceRemoveUnit(lost));
    let other = trial.report().units.remove(0).unit;
    let machine = trial.exec(other.as_str(), "readlink /proc/self/ns/pid");
    // One that lives goes with its machine.
    trial.step(&ensign_local::Step::ForceRemoveUnit(other));
    let units = trial.report().units;
    assert_eq!(units.len(), 1, "{units:?}");
    assert!(units[0].alive);
    let rest = trial.exec(units[0].unit.as_str(), "readlink /proc/self/ns/pid");
    assert_ne!(machine, rest);
    let left = crate::services::processes_in(machine.trim());
    assert_eq!(left, 0, "processes of the removed unit's machine");
}
