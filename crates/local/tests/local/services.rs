//! Daemons in machines: from unit files, from packages.

use std::fs;

use ensign_local::LocalModel;
use ensign_model::Profile;

use crate::trial::{Trial, kill_controller, wait_until};

/// A service of this test's own program, as a charm would install one.
const UNIT: &str = r#"
    set -e
    cat > /etc/systemd/system/echo@.service <<'END'
[Unit]
Description=says what it hears on %i

[Service]
Environment="PORT=%i"
RuntimeDirectory=echo
ExecStartPre=/bin/touch /run/echo/began
ExecStart=/run/ensign/ensign __listen ${PORT}

[Install]
WantedBy=multi-user.target
END
    systemctl daemon-reload
    systemctl enable --now echo@7100
    systemctl is-active echo@7100
    systemctl is-enabled --quiet echo@7100 && test -e /run/echo/began
    systemctl show -p ActiveState,SubState --value echo@7100.service
"#;

pub(crate) fn a_charms_own_unit_file_runs_and_starts_again_with_its_machine() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    assert_eq!(trial.exec("foo/0", UNIT), "active\nactive\nrunning\n");
    let name = trial.exec("foo/0", "hostname").trim().to_owned();
    wait_until("the service's start", || {
        trial.says("foo/1", &name, 7100) == "here"
    });
    trial.exec("foo/0", "systemctl restart echo@7100");
    wait_until("the service's start", || {
        trial.says("foo/1", &name, 7100) == "here"
    });
    assert_eq!(
        trial.exec(
            "foo/0",
            "systemctl stop echo@7100; systemctl is-active echo@7100; echo $?; systemctl start nothing 2>&1; echo $?"
        ),
        "inactive\n3\nFailed to start nothing.service: Unit nothing.service not found.\n5\n"
    );
    assert_eq!(trial.says("foo/1", &name, 7100), "refused");
    kill_controller(&trial.home);
    drop(trial.model.take());
    trial.model = Some(LocalModel::resume(&trial.home, "trial").unwrap());
    trial.settle();
    wait_until("the enabled service's start", || {
        trial.says("foo/1", &name, 7100) == "here"
    });
    assert_eq!(
        trial.exec(
            "foo/0",
            "pkill -f '__listen 7100'; sleep 0.1; systemctl is-active echo@7100 || true"
        ),
        "failed\n"
    );
}

/// A package's daemon that is slow to write down its number.
const SLOW: &str = r#"
    set -e
    cat > /lib/systemd/system/slow.service <<'END'
[Service]
Type=notify
ExecStart=/usr/bin/slow
PIDFile=/run/slow.pid
END
    cat > /etc/init.d/slow <<'END'
#!/bin/sh
running() { test -e /run/slow.pid && kill -0 "$(cat /run/slow.pid)" 2>/dev/null; }
stop() { running && kill "$(cat /run/slow.pid)"; rm -f /run/slow.pid; }
start() { setsid sh -c 'sleep 0.5; echo $$ > /run/slow.pid; exec sleep 1000' >/dev/null 2>&1 & }
case "$1" in
    start) start;;
    stop) stop;;
    restart) stop; start;;
    status) running;;
esac
END
    chmod +x /etc/init.d/slow
    for action in start restart; do
        systemctl $action slow
        systemctl is-active slow
    done
"#;

pub(crate) fn a_scripts_daemon_runs_when_its_start_returns() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    assert_eq!(trial.exec("foo/0", SLOW), "active\nactive\n");
}

/// Skips what downloads, and says so.
const OFFLINE: &str = "ENSIGN_TEST_OFFLINE";

pub(crate) fn a_daemon_of_a_package_starts_is_reached_and_ends_with_its_machine() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    let notes = trial.model().notes().join(" ");
    if let Some(obstacle) = ["no way out", "one user only"]
        .into_iter()
        .find(|text| notes.contains(text))
    {
        println!("no package can be installed here ({obstacle}): {notes}");
        return;
    }
    if std::env::var_os(OFFLINE).is_some() {
        println!("{OFFLINE} is set: nothing is downloaded, and redis-server not tried");
        return;
    }
    let before = fs::metadata("/etc/redis")
        .map(|found| found.modified().unwrap())
        .ok();
    let leader = trial.report().leaders["foo"].clone();
    let other = if leader.as_str() == "foo/0" {
        "foo/1"
    } else {
        "foo/0"
    };
    let update = trial.exec(
        leader.as_str(),
        "apt-get update -o APT::Update::Error-Mode=any > /tmp/update 2>&1; echo $?; tail -5 /tmp/update",
    );
    assert!(
        update.starts_with("0\n"),
        "Debian's mirror cannot be reached from a machine; `{OFFLINE}=1` leaves this test out:\n{update}"
    );
    // The host may have it installed, and a machine begins with the host's files: its scripts are to run in any case.
    let install = trial.exec(
        leader.as_str(),
        "DEBIAN_FRONTEND=noninteractive apt-get install -y --reinstall redis-server > /tmp/install 2>&1
         echo $?; tail -20 /tmp/install",
    );
    assert!(install.starts_with("0\n"), "{install}");
    assert_eq!(
        trial.exec(
            leader.as_str(),
            "systemctl is-active redis-server; redis-cli ping; ps -o user= -C redis-server"
        ),
        "active\nPONG\nredis\n"
    );
    trial.exec(
        leader.as_str(),
        "sed -i 's/^bind .*/bind 0.0.0.0/; s/^protected-mode .*/protected-mode no/' /etc/redis/redis.conf
         systemctl restart redis-server",
    );
    let (name, address) = (
        trial.exec(leader.as_str(), "hostname"),
        trial.address(leader.as_str()),
    );
    let ping = format!("/run/ensign/ensign __say {} 6379 PING", name.trim());
    wait_until("redis's answer", || trial.exec(other, &ping) == "+PONG\n");
    let namespace = trial
        .exec(leader.as_str(), "readlink /proc/self/ns/pid")
        .trim()
        .to_owned();
    assert!(processes_in(&namespace) > 2);
    trial.steps("kill-leader");
    assert_eq!(trial.says(other, &address.to_string(), 6379), "silence");
    assert_eq!(processes_in(&namespace), 0);
    let after = fs::metadata("/etc/redis")
        .map(|found| found.modified().unwrap())
        .ok();
    assert_eq!(before, after, "the host's own files are as before");
}

/// How many processes of the host live in a pid namespace.
pub(crate) fn processes_in(namespace: &str) -> usize {
    let entries = fs::read_dir("/proc").unwrap().map_while(Result::ok);
    let links = entries.filter_map(|entry| fs::read_link(entry.path().join("ns/pid")).ok());
    links
        .filter(|link| link.to_str() == Some(namespace))
        .count()
}
