//! No machine without the right to make one: a sentence instead.

use std::fs;
use std::process::{Command, Output, Stdio};

use crate::trial::{Folder, is_root, try_elsewhere, wait_until};

/// The program's words, where it has to refuse.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        output.status.code(),
        Some(3),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

pub(crate) fn the_sentence_names_the_way_out() {
    let sentence = crate::trial::refused().unwrap();
    assert!(
        sentence.contains("--no-machines") || sentence.contains("ENSIGN_HOME"),
        "{sentence}"
    );
}

pub(crate) fn without_the_right_to_make_machines_the_sentence_says_so() {
    if !is_root() {
        assert_eq!(
            ensign_local::Refusal::NoAdmin
                .to_string()
                .matches("--no-machines")
                .count(),
            1
        );
        return;
    }
    let folder = Folder::new();
    let inner = try_elsewhere(&folder.0);
    let mut command = Command::new("setpriv");
    command
        .args(["--bounding-set=-sys_admin", "--inh-caps=-sys_admin"])
        .arg(inner.get_program())
        .args(inner.get_args());
    let text = said(&command.output().unwrap());
    assert!(
        text.contains("the right CAP_SYS_ADMIN is missing") && text.contains("--no-machines"),
        "{text}"
    );
}

pub(crate) fn without_user_namespaces_the_sentence_says_so() {
    if !is_root() {
        assert_eq!(
            ensign_local::Refusal::NoUserNamespaces
                .to_string()
                .matches("--no-machines")
                .count(),
            1
        );
        return;
    }
    let folder = Folder::new();
    std::os::unix::fs::chown(&folder.0, Some(1000), None).unwrap();
    let inner = try_elsewhere(&folder.0);
    // A namespace with a limit of its own, so that nobody else on this host is stopped.
    let mut holder = Command::new("unshare")
        .args(["--user", "cat"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = holder.id().to_string();
    let namespace = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/user")).unwrap();
    wait_until("the namespace", || namespace(&pid) != namespace("self"));
    for map in ["uid_map", "gid_map"] {
        fs::write(format!("/proc/{pid}/{map}"), "0 0 65536").unwrap();
    }
    let script = "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --reuid=1000 --clear-groups \"$@\"";
    let mut command = Command::new("nsenter");
    command.args([
        "--user", "--target", &pid, "--setuid", "0", "--setgid", "0", "bash", "-c", script, "-",
    ]);
    let output = command
        .arg(inner.get_program())
        .args(inner.get_args())
        .output()
        .unwrap();
    drop(holder.stdin.take());
    holder.wait().unwrap();
    let text = said(&output);
    assert!(
        text.contains("user.max_user_namespaces=0") && text.contains("sudo"),
        "{text}"
    );
}
