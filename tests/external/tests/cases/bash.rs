//! B98 and B100: handlers written with `charms.reactive.sh`.

use crate::unit::Unit;

/// Upstream's own example, in our words: each function tells by a flag that it ran, and by another that it ran
/// again.
fn eleven() -> String {
    let functions = [
        ("@when 'test'", "test_when", "bash-when"),
        ("@when_any 'test'", "test_when_any", "bash-when-any"),
        ("@when 'test-not'", "test_when_neg", "bash-when-neg"),
        ("@when_not 'test-not'", "test_when_not", "bash-when-not"),
        ("@when_not 'test'", "test_when_not_neg", "bash-when-not-neg"),
        (
            "@when_not 'test-not-all'",
            "test_when_not_all",
            "bash-when-not-all",
        ),
        (
            "@when 'test'\n@only_once",
            "test_only_once",
            "bash-only-once",
        ),
        (
            "@hook '{requires:test}-relation-joined'",
            "test_hook",
            "bash-hook",
        ),
        (
            "@when 'test'\n@when_not 'test-not'",
            "test_multi",
            "bash-multi",
        ),
        (
            "@when 'test-not'\n@when_not 'test-also-not'",
            "test_multi_neg",
            "bash-multi-neg",
        ),
        (
            "@when 'test'\n@when_not 'test'",
            "test_multi_neg2",
            "bash-multi-neg2",
        ),
    ];
    let mut text = String::new();
    for (decorators, name, flag) in functions {
        text.push_str(&format!(
            "{decorators}\nfunction {name}() {{\n    if any_states '{flag}'; then\n        set_state '{flag}-repeat'\n    fi\n    set_state '{flag}'\n}}\n\n"
        ));
    }
    text
}

#[test]
fn b98_eleven_functions_in_one_file_none_repeated_in_a_hook() {
    let unit = Unit::new();
    unit.script("bash/bash.sh", &eleven());
    unit.set(&["test"]);
    unit.hook("config-changed").ok();
    let ran = [
        "bash-multi",
        "bash-only-once",
        "bash-when",
        "bash-when-any",
        "bash-when-not",
        "bash-when-not-all",
        "test",
    ];
    assert_eq!(unit.flags(), ran);

    // The next hook runs them again, but the one that runs once, and the one of this very hook.
    unit.hook("test-rel-relation-joined").ok();
    let flags = unit.flags();
    assert!(flags.contains(&"bash-hook".to_owned()));
    assert!(flags.contains(&"bash-when-repeat".to_owned()));
    assert!(!flags.contains(&"bash-hook-repeat".to_owned()));
    assert!(!flags.contains(&"bash-only-once-repeat".to_owned()));
    assert!(!flags.iter().any(|f| f.contains("-neg")), "{flags:?}");
}

#[test]
fn b98_functions_that_are_due_run_in_the_order_of_the_file_in_one_process() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!("@when_not x\nb() {{ echo b $$ $2 >> {out}; }}\n@when_not x\na() {{ echo a $$ >> {out}; }}\n"),
    );
    unit.hook("install").ok();
    let wrote = unit.wrote("out");
    assert_eq!(wrote.len(), 2, "{wrote:?}");
    assert_eq!(wrote[0].strip_prefix("b "), wrote[1].strip_prefix("a "));
}

#[test]
fn b22_b98_only_functions_that_name_what_changed_run_in_later_iterations() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!(
            "@when_not never\nfunction first() {{ echo first >> {out}; set_flag a; }}\n\
             @when a\nfunction second() {{ echo second >> {out}; set_flag b; }}\n\
             @when a b\nfunction third() {{ echo third >> {out}; }}\n\
             @when_any a c\nfunction fourth() {{ echo fourth >> {out}; }}\n"
        ),
    );
    unit.hook("install").ok();
    assert_eq!(unit.wrote("out"), ["first", "second", "fourth", "third"]);
}

#[test]
fn b21_b26_a_function_that_clears_and_sets_its_own_flag_never_settles() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when a\nfunction spin() { clear_flag a; set_flag a; }\n",
    );
    unit.set(&["a"]);
    unit.hook("install").failed();
    assert!(
        unit.logged("handlers do not settle"),
        "{:?}",
        unit.lines("log")
    );
    assert!(unit.logged("`reactive/web.sh` (clears `a`, sets `a`)"));
}

#[test]
fn b38_d25_only_once_is_remembered_under_a_name_that_survives_edits_of_the_file() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    let function = format!("@only_once\n@when_not x\nfunction up() {{ echo up >> {out}; }}\n");
    unit.script("web.sh", &function);
    unit.hook("install").ok();
    assert_eq!(unit.document()["marks"]["reactive/web.sh:up"]["done"], true);
    unit.script("web.sh", &format!("# a new line above\n\n{function}"));
    unit.hook("start").ok();
    // Nor does an upgrade make it forgotten: the function is still there.
    unit.build("two");
    unit.hook("upgrade-charm").ok();
    unit.build("three");
    unit.hook("upgrade-charm").ok();
    assert_eq!(unit.wrote("out"), ["up"]);
}

#[test]
fn b38_only_once_is_not_remembered_when_the_hook_fails() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!("set -e\n@only_once\n@when_not x\nfunction up() {{ echo up >> {out}; test -e {out}.ok; }}\n"),
    );
    unit.hook("install").failed();
    std::fs::write(unit.scratch("out.ok"), "").unwrap();
    unit.hook("install").ok();
    unit.hook("start").ok();
    assert_eq!(unit.wrote("out"), ["up", "up"]);
}

#[test]
fn d24_functions_with_only_once_or_files_do_not_run_in_phase_hooks() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    std::fs::write(unit.scratch("watched"), "").unwrap();
    unit.script(
        "web.sh",
        &format!(
            "@only_once\nfunction once() {{ echo once $ENSIGN_PHASE >> {out}; }}\n\
             @when_file_changed {}\nfunction file() {{ echo file $ENSIGN_PHASE >> {out}; }}\n\
             @hook install\nfunction hook() {{ echo hook $ENSIGN_PHASE >> {out}; }}\n",
            unit.scratch("watched").display()
        ),
    );
    unit.hook("install").ok();
    assert_eq!(
        unit.wrote("out"),
        ["hook hooks", "once other", "file other"]
    );
}

#[test]
fn a_functions_own_exit_status_matters_only_under_errexit() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not done\nfunction f() { set_flag done; false; }\n",
    );
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["done"]);
    unit.script(
        "web.sh",
        "set -euo pipefail\n@when_not again\nfunction f() { set_flag again; false; }\n",
    );
    unit.hook("start").failed();
    assert_eq!(unit.flags(), ["done"]);
}

#[test]
fn decorators_are_read_however_the_file_is_laid_out() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!(
            "set -euo pipefail\nshopt -s extglob nullglob\nIFS=$'\\n'\n\
             @when_not 'x' \\\n    'y'\n  # why\n\nfunction with_keyword\n{{\n  echo 1 >> {out}\n}}\n\
             @when_not x; @when_not y\nplain_name ()\n{{\n  echo 2 >> {out}\n}}\n\
             if true; then\n  @when_not x\n  function with-dash {{ echo 3 >> {out}; }}\nfi\n\
             @when_not x\none_line() {{ echo 4 >> {out}; }}  # @when\n"
        ),
    );
    unit.hook("install").ok();
    assert_eq!(unit.wrote("out"), ["1", "2", "3", "4"]);
}

#[test]
fn a_decorator_without_a_function_is_told_with_its_line() {
    let unit = Unit::new();
    let path = unit.script("web.sh", "@when x\necho hello\n");
    let ran = unit.hook("install").ok();
    assert!(
        ran.stderr.contains(&format!(
            "{}:3: no function follows this decorator",
            path.display()
        )),
        "{}",
        ran.stderr
    );
    assert!(
        unit.logged("so it is not due: charms.reactive.sh"),
        "{:?}",
        unit.lines("log")
    );
}

#[test]
fn two_functions_of_one_name_are_warned_of() {
    let unit = Unit::new();
    let ran = {
        unit.script(
            "web.sh",
            "@when_not x\nno_db() { :; }\n@when_not y\nno_db() { set_flag second; }\n",
        );
        unit.hook("install").ok()
    };
    assert!(ran.stderr.contains("no_db stands in "), "{}", ran.stderr);
    assert_eq!(unit.flags(), ["second"]);
}

#[test]
fn arguments_arrive_whatever_they_contain() {
    let unit = Unit::new();
    let file = unit.scratch("it's \"a\" $file `x` \\ & more");
    std::fs::write(&file, "").unwrap();
    let quoted = file.display().to_string().replace('\'', "'\\''");
    unit.script(
        "web.sh",
        &format!("@when_file_changed '{quoted}'\nf() {{ set_flag seen; }}\n"),
    );
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["seen"]);
}

#[test]
fn a_functions_variables_are_its_own_and_its_globals_stay() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@when_not x\na() { name=kept; handler=kept; invoked=kept; REPLY=kept; }\n\
         @when_not x\nb() { if [[ $name$handler$invoked$REPLY == keptkeptkeptkept ]]; then set_flag kept; fi; }\n",
    );
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["kept"]);
}

#[test]
fn b100_a_users_trace_survives_and_shows_no_line_of_the_library() {
    let unit = Unit::new();
    unit.file(
        "reactive/web.sh",
        "#!/bin/bash\nset -x\nsource charms.reactive.sh\n\n@when_not a\nfunction f() {\n    if any_flags_set b; then :; fi\n    set_flag a\n    echo inside\n}\n\n@when_not a\nfunction silent() { set +x; echo quiet; }\n\n@when_not a\nfunction g() { echo untraced; }\n\nreactive_handler_main\nset -x\necho end\n",
    );
    let ran = unit.hook("install").ok();
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let start = [
        "+ source charms.reactive.sh",
        "+ @when_not a",
        "+ @when_not a",
        "+ @when_not a",
        "+ reactive_handler_main",
    ];
    // Asked once for both phases, run, and asked again since a flag that it names has changed.
    assert_eq!(lines[..5], start);
    assert_eq!(lines[5..10], start);
    assert_eq!(lines[lines.len() - 5..], start);
    assert_eq!(
        lines[10..lines.len() - 5],
        [
            "+ f",
            "+ any_flags_set b",
            "+ set_flag a",
            "+ echo inside",
            "+ silent",
            "+ set +x",
            "+ echo end",
        ]
    );
}

#[test]
fn b100_the_librarys_own_lines_show_when_they_are_asked_for() {
    let unit = Unit::new();
    unit.file(
        "reactive/debug.sh",
        "#!/bin/bash\nCHARMS_REACTIVE_TRACE=true\nsource charms.reactive.sh\n@when 'never'\nfunction f() { :; }\ntrue my own line\nreactive_handler_main\n",
    );
    let ran = unit.hook("install").ok();
    assert!(!ran.stderr.contains("my own line"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("_ensign_specs[$_ensign_name]="),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("+ charms.reactive test "),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_quiet_handler_says_nothing_and_is_asked_once_a_hook() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!("echo asked >> {out}\n@when a\nfunction f() {{ :; }}\n"),
    );
    unit.hook("install").ok();
    unit.hook("start").ok();
    let (asked, called) = (unit.wrote("out").len(), unit.lines("calls").len());
    let ran = unit.hook("update-status").ok();
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(unit.wrote("out").len(), asked + 1);
    // Nothing was changed, so nothing was written and no tool was called.
    assert_eq!(unit.lines("calls").len(), called);
}

#[test]
fn the_library_explains_itself_when_it_is_run() {
    let unit = Unit::new();
    let help = unit.exec("bash bin/charms.reactive.sh").ok().stdout;
    for word in [
        "@when FLAG…",
        "@only_once",
        "reactive_handler_main",
        "set_flag",
    ] {
        assert!(help.contains(word), "{help}");
    }
}
