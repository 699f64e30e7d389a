//! The host stays as it is.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use ensign_local::Wanted;
use ensign_model::Profile;

use crate::trial::{Folder, Trial, is_root};

/// Everything of the host that changed after `moment`, in the folders a charm would write to.
fn changed_since(moment: SystemTime) -> Vec<String> {
    fn walk(folder: &Path, moment: SystemTime, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder)
            .into_iter()
            .flatten()
            .map_while(Result::ok)
        {
            let Ok(data) = entry.metadata() else { continue };
            if data.modified().is_ok_and(|modified| modified > moment) {
                found.push(entry.path().display().to_string());
            }
            if data.is_dir() {
                walk(&entry.path(), moment, found);
            }
        }
    }
    let mut found = Vec::new();
    for folder in [
        "/etc",
        "/var/lib",
        "/usr/bin",
        "/usr/local",
        "/opt",
        "/srv",
        "/home",
        "/root/.local",
    ] {
        walk(Path::new(folder), moment, &mut found);
    }
    // Other programs of the host write here while the tests run.
    found.retain(|path| {
        !["/var/lib/systemd", "/root/.local/share"]
            .iter()
            .any(|noise| path.starts_with(noise))
    });
    found
}

pub(crate) fn nothing_is_written_outside_of_the_models_folder() {
    let folder = Folder::new();
    let stamp = folder.0.join("stamp");
    fs::write(&stamp, "").unwrap();
    let moment = fs::metadata(&stamp).unwrap().modified().unwrap();
    let dispatch = r#"
        set -e
        for folder in /etc /var/lib /usr/bin /usr/local/bin /opt /srv /home /root; do
            echo "$JUJU_UNIT_NAME" > $folder/ensign-was-here
        done
        rm -f /etc/debian_version; chmod 700 /opt
        getent passwd ensigntest > /dev/null || useradd --system ensigntest
        status-set active
    "#;
    let mut trial = Trial::with(folder, Profile::V3_6, Wanted::Machines);
    let charm = trial.charm(dispatch);
    trial.model().deploy("foo", &charm, 2).unwrap();
    trial.settle();
    assert_eq!(
        trial.exec(
            "foo/0",
            "cat /etc/ensign-was-here; getent passwd ensigntest | cut -d: -f1"
        ),
        "foo/0\nensigntest\n"
    );
    let changed: Vec<String> = changed_since(moment)
        .into_iter()
        .filter(|path| !path.contains("/ensign-local-"))
        .collect();
    let ours: Vec<&String> = changed
        .iter()
        .filter(|path| path.contains("ensign"))
        .collect();
    assert_eq!(ours, Vec::<&String>::new());
    for file in [
        "/etc/passwd",
        "/etc/hosts",
        "/etc/hostname",
        "/etc/resolv.conf",
        "/etc/os-release",
    ] {
        assert!(
            !changed.contains(&file.to_owned()),
            "{file} of the host was written"
        );
    }
    assert!(
        !fs::read_to_string("/etc/passwd")
            .unwrap()
            .contains("ensigntest")
    );
    let folder = trial.model().path().to_owned();
    drop(trial);
    assert!(!folder.exists());
}

pub(crate) fn a_machine_has_its_own_name_processes_and_system() {
    let mut trial = Trial::start(Profile::V3_6);
    let mut charm = trial.charm("exit 0");
    charm.info.base = Some("ubuntu@24.04".into());
    let notes = trial.model().notes_on(&charm).unwrap();
    assert!(
        notes[0].contains("say that they run ubuntu@24.04; their packages are this host's"),
        "{notes:?}"
    );
    trial.model().deploy("foo", &charm, 2).unwrap();
    trial.settle();
    let hosts: Vec<String> = ["foo/0", "foo/1"]
        .map(|unit| trial.exec(unit, "hostname"))
        .into();
    assert!(
        hosts[0].starts_with("juju-") && hosts[0] != hosts[1],
        "{hosts:?}"
    );
    let commands = "cat /proc/1/comm; ls /home | wc -l; grep -c . /proc/net/dev; . /etc/os-release; echo $ID $VERSION_ID; \
                    stat -c %a /tmp /run/lock /dev/shm; getent hosts \"$(hostname)\" | cut -d. -f1; \
                    touch /run/ensign/x 2>&1 | grep -c 'Read-only'";
    let seen = trial.exec("foo/0", commands);
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(
        lines[1..],
        ["0", "4", "ubuntu 24.04", "1777", "1777", "1777", "10", "1"],
        "{seen}"
    );
    let processes: u32 = trial
        .exec("foo/0", "ls /proc | grep -c '^[0-9]'")
        .trim()
        .parse()
        .unwrap();
    assert!(processes < 10, "the machine sees {processes} processes");
    let addresses = ["foo/0", "foo/1"].map(|unit| {
        trial.exec(
            unit,
            "unit-get private-address 2>/dev/null || network-get cluster --bind-address",
        )
    });
    assert!(
        addresses[0].starts_with("10.") && addresses[0] != addresses[1],
        "{addresses:?}"
    );
}

pub(crate) fn where_models_lie_on_an_overlay_the_machines_live_in_memory() {
    if !is_root() {
        // Only root can put an overlay under the home; what happens then is the same for all.
        assert!(
            Command::new("mount")
                .arg("-t")
                .arg("overlay")
                .status()
                .is_ok()
        );
        return;
    }
    let folder = Folder::new();
    for name in ["lower", "upper", "work", "merged"] {
        fs::create_dir(folder.0.join(name)).unwrap();
    }
    let at = |name: &str| folder.0.join(name).display().to_string();
    let options = format!(
        "lowerdir={},upperdir={},workdir={}",
        at("lower"),
        at("upper"),
        at("work")
    );
    let mounted = Command::new("mount")
        .args(["-t", "overlay", "overlay", "-o", &options, &at("merged")])
        .status()
        .unwrap();
    assert!(mounted.success());
    let merged = at("merged");
    {
        let mut trial = Trial::with(
            Folder(folder.0.join("merged/inner")),
            Profile::V3_6,
            Wanted::Machines,
        );
        assert!(
            trial
                .model()
                .notes()
                .iter()
                .any(|note| note.contains("kept in memory")),
            "{:?}",
            trial.model().notes()
        );
        let charm = trial.charm("status-set active");
        trial.model().deploy("foo", &charm, 1).unwrap();
        trial.settle();
        assert_eq!(trial.report().units[0].workload.status, "active");
    }
    assert!(
        !fs::read_to_string("/proc/self/mountinfo")
            .unwrap()
            .contains("merged/inner")
    );
    assert!(
        Command::new("umount")
            .arg(&merged)
            .status()
            .unwrap()
            .success()
    );
}
