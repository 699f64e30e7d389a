//! Units without machines.

use ensign_local::Wanted;
use ensign_model::Profile;

use crate::trial::{Folder, Trial, processes};

pub(crate) fn without_machines_hooks_are_processes_of_the_host() {
    let mut trial = Trial::with(Folder::new(), Profile::V3_6, Wanted::Processes);
    let notes = trial.model().notes().to_vec();
    assert!(
        notes[0].contains("There are no machines") && notes[0].contains("/models/trial/juju"),
        "{notes:?}"
    );
    let charm = trial.charm("status-set active \"$JUJU_CHARM_DIR\"; echo \"$PWD\" > ran");
    trial.model().deploy("foo", &charm, 2).unwrap();
    trial.settle();
    let folder = trial.model().path().to_owned();
    for (index, unit) in trial.report().units.iter().enumerate() {
        let charm = folder.join(format!("juju/agents/unit-foo-{index}/charm"));
        assert_eq!(unit.workload.message, charm.display().to_string());
        assert_eq!(
            std::fs::read_to_string(charm.join("ran")).unwrap().trim(),
            charm.display().to_string()
        );
    }
    assert_eq!(
        trial.exec(
            "foo/1",
            "echo $JUJU_UNIT_NAME; is-leader > /dev/null && hostname"
        ),
        {
            let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
            format!("foo/1\n{host}")
        }
    );
    trial.exec("foo/0", "nohup sleep 765432 > /dev/null 2>&1 &");
    trial.steps("kill-leader");
    assert_eq!(
        trial
            .report()
            .units
            .iter()
            .filter(|unit| unit.alive)
            .count(),
        1
    );
    drop(trial);
    assert_eq!(processes("sleep 765432"), Vec::<String>::new());
    assert_eq!(processes(&folder.to_string_lossy()), Vec::<String>::new());
}
