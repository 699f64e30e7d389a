//! D6: what a script changes stands or falls with the hook.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::Duration;

use crate::unit::Unit;

#[test]
fn d06_a_flag_set_by_a_script_is_rolled_back_when_a_later_handler_fails() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not from.bash\nfunction f() { set_flag from.bash; }\n",
    );
    unit.set(&["rust.fails"]);
    unit.hook("install").failed();
    assert_eq!(unit.flags(), ["rust.fails"]);
    assert!(
        unit.logged("as the test wants it; rolled back: "),
        "{:?}",
        unit.lines("log")
    );
    // The next attempt finds everything as it was, and does it again.
    unit.command("clear_flag rust.fails").ok();
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["from.bash", "rust.saw.bash"]);
}

#[test]
fn d06_a_script_sees_what_handlers_set_and_they_see_what_it_sets() {
    let unit = Unit::new();
    unit.script("web.sh", "@when_not from.bash\nfunction f() { if is_flag_set unwanted; then set_flag from.bash; fi; }\n");
    unit.set(&["rust.sets"]);
    unit.hook("install").ok();
    assert_eq!(
        unit.flags(),
        ["from.bash", "rust.saw.bash", "rust.sets", "unwanted"]
    );
}

#[test]
fn d06_nothing_is_on_disk_before_the_hook_commits() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not a\nfunction f() { set_flag a; ls .ensign | sed s/-.*// > listing; }\n",
    );
    unit.hook("install").ok();
    let listing = std::fs::read_to_string(unit.charm.join("listing")).unwrap();
    assert_eq!(listing, "lock\ntransaction\n");
    assert!(unit.charm.join(".ensign/state.next").exists());
}

#[test]
fn d06_a_script_killed_half_way_leaves_nothing_behind() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not a\nfunction f() { set_flag a; kill -9 $$; }\n",
    );
    unit.hook("install").failed();
    assert!(
        unit.logged("`reactive/web.sh --invoke f` was killed by signal 9"),
        "{:?}",
        unit.lines("log")
    );
    assert_eq!(unit.flags(), Vec::<String>::new());
}

#[test]
fn d06_a_call_killed_half_way_harms_nobody() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not a\nfunction f() {\n    for i in 1 2 3 4 5; do charms.reactive get_flags & kill -9 $!; wait $!; done\n    set_flag a\n}\n",
    );
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["a"]);
}

#[test]
fn d06_a_hook_killed_while_a_script_runs_leaves_nothing_and_the_script_is_turned_away() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!("@when_not b\nfunction f() {{ set_flag a; echo $ENSIGN_TRANSACTION >> {out}; sleep 1; set_flag b; echo $? >> {out}; }}\n"),
    );
    let mut hook = unit
        .dispatch("hooks/install")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while unit.wrote("out").is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    hook.kill().unwrap();
    hook.wait().unwrap();
    unit.flush(false);
    let left = unit.wrote("out").remove(0);
    assert!(std::path::Path::new(&left).exists());
    // Another hook at once: the orphan must not get into its transaction. It also removes what lies about.
    unit.script(
        "web.sh",
        "@when_not c\nfunction f() { sleep 1.5; set_flag c; }\n",
    );
    unit.hook("install").ok();
    while unit.wrote("out").len() < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(unit.wrote("out")[1..], ["1"]);
    assert_eq!(unit.flags(), ["c"]);
    assert!(!std::path::Path::new(&left).exists());
}

#[test]
fn d06_what_a_script_leaves_in_the_background_is_turned_away_after_its_end() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!("@when_not a\nfunction f() {{ set_flag a; (sleep 0.5; set_flag late; echo $? >> {out}) > /dev/null 2> {out}.err & }}\n"),
    );
    unit.hook("install").ok();
    while unit.wrote("out").is_empty() {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(unit.wrote("out"), ["1"]);
    assert!(
        unit.wrote("out.err")[0].contains("has no hook any more"),
        "{:?}",
        unit.wrote("out.err")
    );
    assert_eq!(unit.flags(), ["a"]);
}

#[test]
fn d04_a_test_must_change_nothing_so_writes_are_refused_there() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "set_flag top.level\n@when_not a\nfunction f() { :; }\n",
    );
    let ran = unit.hook("install").ok();
    assert!(
        ran.stderr
            .contains("`set_flag` is refused while a handler is only asked whether it is due"),
        "{}",
        ran.stderr
    );
    // In `--invoke` the same line may.
    assert_eq!(unit.flags(), ["top.level"]);
    let ran = unit.hook("start").ok();
    assert!(!ran.stderr.contains("mark_invoked"));
}

#[test]
fn b02_a_trigger_at_the_top_of_a_script_is_in_force_for_the_whole_hook() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "register_trigger --when unwanted --set_flag triggered\n@when triggered\nfunction f() { set_flag ran; }\n",
    );
    unit.set(&["rust.sets"]);
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["ran", "rust.sets", "triggered", "unwanted"]);
}

#[test]
fn a_bad_flag_fails_the_hook_even_if_the_script_ignores_it() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not a\nfunction f() { set_flag 'not a flag!'; set_flag a; }\n",
    );
    let ran = unit.hook("install").failed();
    assert!(
        ran.stderr
            .contains("charms.reactive: `not a flag!` is not a flag name"),
        "{}",
        ran.stderr
    );
    assert!(
        unit.logged("handler `reactive/web.sh` failed: `not a flag!` is not a flag name"),
        "{:?}",
        unit.lines("log")
    );
    assert_eq!(unit.flags(), Vec::<String>::new());
    unit.script("web.sh", "@when 'not a flag!'\nfunction f() { :; }\n");
    unit.hook("install").failed();
    assert!(
        unit.logged("cannot tell whether the handler `reactive/web.sh` is due: `not a flag!`"),
        "{:?}",
        unit.lines("log")
    );
}

#[test]
fn tools_that_a_script_called_are_asked_again_afterwards() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not done\n@when_not leadership.set.k\nfunction f() { leader-set k=direct; set_flag done; }\n\
         @when leadership.set.k\nfunction g() { set_flag \"seen.$(leader_get k)\"; }\n",
    );
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["done", "seen.direct"]);
}

#[test]
fn a_charm_folder_too_deep_for_socket_addresses_works() {
    let unit = Unit::below(&["a-very-long-folder-name-that-goes-on-and-on-and-on"; 6]);
    assert!(unit.charm.as_os_str().len() > 300);
    unit.script("web.sh", "@when_not a\nfunction f() { set_flag a; }\n");
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["a"]);
}

/// Says `words` to the hook that is running, and returns its answer.
fn say(socket: &str, words: &[u8]) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    // Too long a call is answered before it has been heard out.
    let _heard = stream
        .write_all(words)
        .and_then(|()| stream.shutdown(std::net::Shutdown::Write));
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn garbage_on_the_socket_gets_an_error_and_a_silent_caller_keeps_nobody_waiting() {
    let unit = Unit::new();
    let (out, go) = (
        unit.scratch("out").display().to_string(),
        unit.scratch("go"),
    );
    unit.script(
        "web.sh",
        &format!(
            "@when_not a\nfunction f() {{ echo $ENSIGN_TRANSACTION > {out}; for i in {{1..500}}; do [[ -e {} ]] && break; sleep 0.02; done; set_flag a; }}\n",
            go.display()
        ),
    );
    let hook = unit.dispatch("hooks/install").spawn().unwrap();
    while unit.wrote("out").is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let path = unit.wrote("out").remove(0);
    // The path may be too long for an address: through the folder, as the command itself does.
    let folder = std::fs::File::open(std::path::Path::new(&path).parent().unwrap()).unwrap();
    let name = path.rsplit('/').next().unwrap();
    let socket = format!(
        "/proc/self/fd/{}/{name}",
        std::os::fd::AsRawFd::as_raw_fd(&folder)
    );
    for garbage in [
        &b"not json\n"[..],
        b"{}\n",
        b"{\"args\":[1]}\n",
        b"{\"args\":[],\"more\":1}\n",
        b"{\"args\":[\"fly\"]}\n",
        b"\xff\xfe\n",
        b"{\"args\":[\"set_flag\"]}",
    ] {
        let answer = say(&socket, garbage);
        assert!(answer.starts_with("{\"code\":2,"), "{answer}");
    }
    let answer = say(&socket, &[b'['].repeat(5 << 20));
    assert!(answer.contains("longer than"), "{answer}");
    let silent = UnixStream::connect(&socket).unwrap();
    drop(UnixStream::connect(&socket).unwrap());
    std::fs::write(&go, "").unwrap();
    assert!(hook.wait_with_output().unwrap().status.success());
    drop(silent);
    unit.flush(true);
    assert_eq!(unit.flags(), ["a"]);
}

#[test]
fn a_script_that_starts_the_charm_itself_is_told_so_instead_of_waiting_for_ever() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not a\nfunction f() { JUJU_DISPATCH_PATH=hooks/start ./dispatch; set_flag a; }\n",
    );
    let ran = unit.hook("install").ok();
    assert!(
        ran.stderr
            .contains("a handler has started the charm itself"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_call_without_the_handlers_environment_is_told_so_instead_of_waiting_for_ever() {
    let unit = Unit::new();
    unit.script("web.sh", "@when_not a\nfunction f() { env -u ENSIGN_TRANSACTION charms.reactive set_flag lost; set_flag a; }\n");
    let ran = unit.hook("install").ok();
    assert!(
        ran.stderr.contains("without its environment"),
        "{}",
        ran.stderr
    );
    unit.set(&["rust.without.environment"]);
    unit.hook("start").ok();
    assert_eq!(unit.flags(), ["a"]);
    assert!(
        unit.document()["kv"]["said"]
            .as_str()
            .unwrap()
            .contains("without its environment")
    );
}
