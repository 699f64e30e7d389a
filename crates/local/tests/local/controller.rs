//! The controller: what it keeps, and what ends with it.

use std::fs;
use std::time::{Duration, Instant};

use ensign_local::{Charm, Error, Event, LocalModel, Step, Wanted};
use ensign_model::{CharmInfo, Profile};

use crate::leadership::PASSWORD;
use crate::trial::{Folder, LONG, Trial, kill_controller, options, processes, unit, wait_until};

pub(crate) fn what_a_killed_controller_leaves_boots_again_with_start() {
    let mut trial = Trial::deploy(Profile::V3_6, PASSWORD, 2);
    let leader = trial.report().leaders["foo"].clone();
    trial.exec("foo/0", "echo disk > /var/log/own; echo tmp > /run/own");
    kill_controller(&trial.home);
    drop(trial.model.take());
    let models = trial.home.models().unwrap();
    assert_eq!(
        (models.len(), models[0].name.as_str(), models[0].running),
        (1, "trial", false)
    );
    assert!(matches!(
        LocalModel::connect(&trial.home, "trial"),
        Err(Error::NotRunning(_))
    ));
    trial.model = Some(LocalModel::resume(&trial.home, "trial").unwrap());
    let events = trial.events();
    for name in ["foo/0", "foo/1"] {
        let started = |event: &&Event| matches!(event, Event::Started { unit, what } if unit.as_str() == name && what == "start");
        assert_eq!(
            events.iter().filter(started).count(),
            1,
            "{name}: {events:?}"
        );
    }
    assert_eq!(
        trial.exec("foo/0", "cat /var/log/own; ls /run/own 2>&1 || true"),
        "disk\nls: cannot access '/run/own': No such file or directory\n"
    );
    assert_eq!(trial.report().leaders["foo"], leader, "the lease is kept");
    assert!(
        trial
            .model()
            .compare_file("/etc/foopass")
            .unwrap()
            .is_same()
    );
}

pub(crate) fn a_hook_that_ran_when_the_controller_was_killed_counts_as_failed() {
    let dispatch = r#"
        [ "$JUJU_DISPATCH_PATH" = hooks/config-changed ] && [ -e /etc/slow ] || exit 0
        echo x >> /etc/slow; leader-set done="$(wc -l < /etc/slow)"
        [ "$(wc -l < /etc/slow)" -gt 1 ] || sleep 100
    "#;
    let mut trial = Trial::deploy(Profile::V3_6, dispatch, 1);
    trial.exec("foo/0", "touch /etc/slow");
    trial
        .model()
        .step(
            &Step::Config(None, [("port".to_owned(), "1".to_owned())].into()),
            &mut |_| {},
        )
        .unwrap();
    let state = trial.model().path().join("state.json");
    wait_until("the leader's setting", || {
        fs::read_to_string(&state)
            .unwrap()
            .contains("\"done\":\"1\"")
    });
    kill_controller(&trial.home);
    drop(trial.model.take());
    trial.model = Some(LocalModel::resume(&trial.home, "trial").unwrap());
    let events = trial.events();
    assert_eq!(
        crate::trial::outcomes(&events, "config-changed"),
        [ensign_model::Outcome::Done]
    );
    assert_eq!(
        trial.exec("foo/0", "wc -l < /etc/slow; leader-get done"),
        "2\n2\n"
    );
}

pub(crate) fn a_command_that_is_killed_takes_its_model_with_it() {
    let folder = Folder::new();
    let mut command = crate::trial::try_elsewhere(&folder.0);
    let mut child = command
        .env("ENSIGN_TRY_SLOWLY", "1")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let home = ensign_local::Home::at(folder.0.join("home"));
    let state = home.path().join("models/trial/state.json");
    wait_until("a deployed unit", || {
        fs::read_to_string(&state).is_ok_and(|text| text.contains("\"booted\":true"))
    });
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the end of the model", || {
        home.models().unwrap().is_empty() && processes(&folder.0.to_string_lossy()).is_empty()
    });
}

pub(crate) fn nothing_outlives_a_killed_controller() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    let folder = trial.home.path().join("models/trial");
    trial.exec("foo/0", "setsid nohup sleep 876543 > /dev/null 2>&1 &");
    wait_until("the daemon's start", || {
        processes("sleep 876543").len() == 1
    });
    kill_controller(&trial.home);
    drop(trial.model.take());
    wait_until("the end of all processes", || {
        processes("sleep 876543").is_empty() && processes(&folder.to_string_lossy()).is_empty()
    });
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&*folder.to_string_lossy()), "{mounts}");
    LocalModel::destroy_left_behind(&trial.home, "trial").unwrap();
    assert_eq!(trial.home.models().unwrap(), []);
    assert!(!folder.exists());
}

pub(crate) fn a_model_ends_with_the_command_that_started_it() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    // Dropped without a word, as by a command that fails.
    drop(trial.model.take());
    assert_eq!(trial.home.models().unwrap(), []);
}

pub(crate) fn a_kept_model_can_be_joined_by_another_command() {
    let mut trial = Trial::deploy(Profile::V3_6, "status-set active \"$(config-get port)\"", 1);
    trial.model.take().unwrap().keep().unwrap();
    let mut joined = LocalModel::connect(&trial.home, "trial").unwrap();
    assert!(trial.home.models().unwrap()[0].running);
    joined
        .step(
            &Step::Config(None, [("port".to_owned(), "8080".to_owned())].into()),
            &mut |_| {},
        )
        .unwrap();
    assert!(joined.settle(LONG, &mut |_| {}).unwrap().is_settled());
    let status = joined.status().unwrap();
    assert_eq!(status.applications["foo"].units[0].workload.message, "8080");
    LocalModel::destroy_left_behind(&trial.home, "trial").unwrap();
    // Not a moment later, either.
    let folder = trial.home.path().join("models/trial");
    assert_eq!(processes(&folder.to_string_lossy()), Vec::<String>::new());
    assert!(matches!(
        LocalModel::connect(&trial.home, "trial"),
        Err(Error::NoModel(_))
    ));
}

pub(crate) fn time_jumps_only_while_nobody_runs_anything() {
    let mut trial = Trial::deploy(
        Profile::V3_6,
        "[ \"$JUJU_DISPATCH_PATH\" != hooks/config-changed ] || sleep 2",
        1,
    );
    trial
        .model()
        .step(
            &Step::Config(None, [("port".to_owned(), "1".to_owned())].into()),
            &mut |_| {},
        )
        .unwrap();
    let (began, mut running, mut during) = (Instant::now(), false, 0);
    let settling = trial.model().settle(LONG, &mut |event| match event {
        Event::Started { .. } => running = true,
        Event::Ended { took, .. } => {
            running = false;
            assert!(
                took >= Duration::from_secs(2) && took < Duration::from_secs(4),
                "{took:?}"
            );
        }
        Event::Jumped(_) if running => during += 1,
        _ => {}
    });
    assert!(settling.unwrap().is_settled());
    assert_eq!(during, 0);
    assert!(began.elapsed() >= Duration::from_secs(2));
    let began = Instant::now();
    trial
        .model()
        .step(&Step::Advance(Duration::from_secs(3600)), &mut |_| {})
        .unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "an hour is jumped over: {:?}",
        began.elapsed()
    );
    let updates = trial
        .hooks("foo/0")
        .iter()
        .filter(|hook| *hook == "update-status")
        .count();
    assert!(
        (8..=16).contains(&updates),
        "every 5 minutes, more or less: {updates}"
    );
}

pub(crate) fn a_model_that_cannot_settle_says_why() {
    let mut trial = Trial::start(Profile::V3_6);
    let charm = trial.charm("exit 1");
    trial.model().deploy("foo", &charm, 1).unwrap();
    let began = Instant::now();
    let settling = trial
        .model()
        .settle(Duration::from_secs(120), &mut |_| {})
        .unwrap();
    assert!(!settling.is_settled());
    assert!(
        settling
            .unsettled
            .iter()
            .any(|why| why.contains("`install` failed on `foo/0`")),
        "{settling:?}"
    );
    assert!(settling.took >= Duration::from_secs(120) && began.elapsed() < Duration::from_secs(60));
}

pub(crate) fn a_folder_that_is_no_charm_is_refused() {
    let mut trial = Trial::start(Profile::V3_6);
    let empty = Charm {
        info: CharmInfo::named("foo"),
        dir: trial.path("nothing"),
    };
    fs::create_dir(&empty.dir).unwrap();
    let error = trial
        .model()
        .deploy("foo", &empty, 1)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("is not a charm: it has no `metadata.yaml`"),
        "{error}"
    );
    let packed = trial.charm("exit 0");
    fs::create_dir(packed.dir.join(".ensign")).unwrap();
    let error = trial
        .model()
        .deploy("foo", &packed, 1)
        .unwrap_err()
        .to_string();
    assert!(error.contains("it contains `.ensign/`"), "{error}");
    let missing = trial
        .model()
        .step(&Step::CrashNextHook(unit("bar/0")), &mut |_| {})
        .unwrap_err();
    assert!(
        missing.to_string().contains("\"bar/0\" not found"),
        "{missing}"
    );
}

pub(crate) fn two_models_of_one_name_are_refused() {
    let trial = Trial::start(Profile::V3_6);
    let second = LocalModel::start(options(&trial.home, Profile::V4_0, Wanted::Machines));
    assert!(
        matches!(&second, Err(Error::Exists(name)) if name == "trial"),
        "{second:?}"
    );
    let mut bad = options(&trial.home, Profile::V3_6, Wanted::Machines);
    bad.name = "../x".into();
    assert!(matches!(LocalModel::start(bad), Err(Error::BadName(_))));
}
