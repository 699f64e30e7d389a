//! B94–B97: which files take part, how they are asked, and how they are run.

use crate::unit::Unit;

/// A handler without any library: it is due while `$SCRATCH/due` exists, and writes down how it was called.
fn plain(unit: &Unit, name: &str) {
    let scratch = unit.scratch("");
    unit.file(
        name,
        &format!(
            "#!/bin/sh\necho \"$0 $#: $*\" >> {0}calls\nif [ \"$1\" = --test ]; then\n\
             test -e {0}due || exit 1\ncat {0}due\nfi\n",
            scratch.display()
        ),
    );
}

#[test]
fn b94_executables_of_three_folders_take_part_in_the_order_of_their_paths() {
    let unit = Unit::new();
    for name in [
        "reactive/b",
        "hooks/relations/http/requires",
        "hooks/reactive/old.sh",
        "reactive/a.sh",
    ] {
        plain(&unit, name);
    }
    std::fs::write(unit.scratch("due"), "").unwrap();
    unit.hook("install").ok();
    let invoked: Vec<String> = unit
        .wrote("calls")
        .iter()
        .filter_map(|line| {
            line.split_once(" 2: --invoke")?
                .0
                .split_once("/charm/")
                .map(|(_, id)| id.to_owned())
        })
        .collect();
    let order = [
        "hooks/reactive/old.sh",
        "hooks/relations/http/requires",
        "reactive/a.sh",
        "reactive/b",
    ];
    // Once in phase `hooks`, once in phase `other`: only the executable itself can know what it is for.
    assert_eq!(invoked, [order, order].concat());
}

#[test]
fn b94_modules_caches_and_files_that_are_no_executables_are_left_alone() {
    let unit = Unit::new();
    unit.file("reactive/module.py", "#!/bin/false\n");
    unit.file("reactive/charm.rs", "#!/bin/false\n");
    unit.file("reactive/__pycache__/cached", "#!/bin/false\n");
    unit.file("reactive/text", "words\n");
    unit.file_with_mode("reactive/lib.sh", b"# sourced by others\n", 0o644);
    unit.hook("install").ok();
    assert!(!unit.logged("not executable"));
}

#[test]
fn b95_what_test_prints_is_the_argument_of_invoke() {
    let unit = Unit::new();
    plain(&unit, "reactive/plain");
    std::fs::write(unit.scratch("due"), "first,second part\n").unwrap();
    unit.hook("install").ok();
    let calls = unit.wrote("calls");
    assert!(calls[0].ends_with("reactive/plain 1: --test"), "{calls:?}");
    assert!(
        calls[1].ends_with("reactive/plain 2: --invoke first,second part"),
        "{calls:?}"
    );
}

#[test]
fn b95_any_other_exit_code_means_not_due() {
    let unit = Unit::new();
    plain(&unit, "reactive/plain");
    unit.hook("install").ok();
    assert!(
        unit.wrote("calls")
            .iter()
            .all(|line| line.ends_with("--test"))
    );
    assert_eq!(unit.wrote("calls").len(), 2);
    assert!(!unit.logged("plain"));
}

#[test]
fn b95_an_exit_code_that_is_no_answer_is_not_due_and_warned_of() {
    let unit = Unit::new();
    unit.file("reactive/broken.sh", "#!/bin/bash\nif true; then\n");
    unit.hook("install").ok();
    assert!(
        unit.logged("`reactive/broken.sh --test` ended with exit code 2, so it is not due"),
        "{:?}",
        unit.lines("log")
    );
    unit.file("reactive/broken.sh", "#!/bin/bash\nkill -9 $$\n");
    unit.hook("start").ok();
    assert!(unit.logged("was killed by signal 9, so it is not due"));
}

#[test]
fn b96_a_handler_that_is_not_executable_fails_the_hook_with_the_way_out() {
    let unit = Unit::new();
    let path = unit.file_with_mode("reactive/web.sh", b"#!/bin/bash\n", 0o644);
    unit.hook("install").failed();
    let log = unit.lines("log").join("\n");
    assert!(
        log.contains(&format!(
            "the handler `{}` is not executable",
            path.display()
        )),
        "{log}"
    );
    assert!(log.contains("chmod +x"), "{log}");
}

#[test]
fn b96_a_handler_that_the_system_refuses_fails_the_hook_and_is_named() {
    let unit = Unit::new();
    let path = unit.file("reactive/web", "#!/no/such/interpreter\n");
    unit.hook("install").failed();
    assert!(
        unit.logged(&format!(
            "the handler `{}` cannot be executed",
            path.display()
        )),
        "{:?}",
        unit.lines("log")
    );
    assert!(unit.logged("the program that its first line names is not on this machine"));

    let unit = Unit::new();
    unit.file_with_mode("reactive/web", b"\x7fELF of another machine\xff", 0o755);
    unit.hook("install").failed();
    assert!(unit.logged("Exec format error"), "{:?}", unit.lines("log"));
    assert!(unit.logged("a handler is a program for this machine"));
}

#[test]
fn b96_a_failing_invoke_fails_the_hook_with_its_last_line() {
    let unit = Unit::new();
    let script = "#!/bin/sh\n[ $1 = --test ] && echo it && exit\necho first >&2\necho ' the disk is full ' >&2\necho >&2\nexit 7\n";
    unit.file("reactive/fails", script);
    let ran = unit.hook("install").failed();
    // Everything it said has gone to Juju's log, too, as it always does.
    assert!(
        ran.stderr.contains("first\n the disk is full"),
        "{}",
        ran.stderr
    );
    assert!(
        unit.logged("handler `reactive/fails` failed: `reactive/fails --invoke it` ended with exit code 7: the disk is full"),
        "{:?}",
        unit.lines("log")
    );
}

#[test]
fn b07_b97_a_handler_gets_jujus_environment_the_charms_commands_and_the_name_of_the_hook() {
    let unit = Unit::new();
    let out = unit.scratch("env");
    unit.file(
        "reactive/env",
        &format!("#!/bin/sh\n[ $1 = --test ] || exit 0\nenv > {0}.$ENSIGN_PHASE\ncommand -v charms.reactive charms.reactive.sh >> {0}.$ENSIGN_PHASE\nexit 1\n", out.display()),
    );
    unit.hook("install").ok();
    let env = unit.wrote("env.hooks");
    let has = |line: String| assert!(env.contains(&line), "{line} is not in {env:#?}");
    has("JUJU_HOOK_NAME=install".to_owned());
    has("JUJU_UNIT_NAME=bash-charm/0".to_owned());
    has("ENSIGN_HANDLER=reactive/env".to_owned());
    has(format!("CHARM_DIR={}", unit.charm.display()));
    has(format!("{}/bin/charms.reactive", unit.charm.display()));
    assert!(
        unit.wrote("env.other")
            .contains(&"ENSIGN_PHASE=other".to_owned())
    );
    // An action is no hook, whatever it is called (D29).
    unit.action("start").failed();
    assert!(
        unit.wrote("env.action")
            .contains(&"JUJU_HOOK_NAME=".to_owned())
    );
}

#[test]
fn a_handler_that_leaves_something_in_the_background_keeps_no_hook_waiting() {
    let unit = Unit::new();
    unit.file(
        "reactive/daemon",
        "#!/bin/sh\nsleep 60 &\n[ $1 = --invoke ]\n",
    );
    unit.file(
        "reactive/other",
        "#!/bin/sh\nif [ $1 = --test ]; then sleep 60 & echo it; fi\n",
    );
    let start = std::time::Instant::now();
    unit.hook("install").ok();
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}
