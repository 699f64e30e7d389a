//! Machines of ordinary users.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use crate::trial::{Folder, is_root, try_elsewhere};

/// Nobody has this number.
const USER: u32 = 54_321;

pub(crate) fn an_ordinary_user_runs_machines_too() {
    let folder = Folder::new();
    let mut command = try_elsewhere(&folder.0);
    if is_root() {
        std::os::unix::fs::chown(&folder.0, Some(USER), Some(USER)).unwrap();
        command.uid(USER).gid(USER);
    }
    // Root's PATH and home are not theirs.
    command
        .env_remove("HOME")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(3) {
        // This kernel does not let ordinary users make machines: then the sentence must say so.
        assert!(text.contains("--no-machines"), "{text}{errors}");
        return;
    }
    assert!(output.status.success(), "{text}{errors}");
    assert!(
        text.contains(
            "settled: true\nsame: true\nids: 0 0 0 0 \nlocks: 0\npeer: named far through\nagain: true\nsame: true\nleft: 0\n"
        ),
        "{text}{errors}"
    );
    if is_root() {
        assert!(text.contains("note: Machines have one user only"), "{text}");
        let tun = fs::metadata("/dev/net/tun").map(|found| found.permissions().mode());
        let shut = !tun.is_ok_and(|mode| mode & 0o006 == 0o006);
        assert_eq!(text.contains("no way out to the network"), shut, "{text}");
    }
    assert!(!fs::exists("/etc/foopass").unwrap());
}
