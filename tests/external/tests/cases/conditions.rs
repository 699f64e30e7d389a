//! What the conditions of a function mean, beside flags.

use serde_json::json;

use crate::unit::Unit;

#[test]
fn b35_hook_patterns_expand_roles_and_alternatives() {
    let unit = Unit::new();
    unit.script("web.sh", "@hook '{requires:test}-relation-{joined,changed}' 'start'\nfunction f() { set_flag \"ran.$JUJU_HOOK_NAME\"; }\n");
    for hook in [
        "install",
        "test-rel-relation-joined",
        "test-rel-relation-changed",
        "db-relation-joined",
        "start",
    ] {
        unit.hook(hook).ok();
    }
    assert_eq!(
        unit.flags(),
        [
            "ran.start",
            "ran.test-rel-relation-changed",
            "ran.test-rel-relation-joined"
        ]
    );
}

#[test]
fn d04_a_changed_file_is_pending_for_each_function_until_it_has_handled_it() {
    let unit = Unit::new();
    let (out, file) = (
        unit.scratch("out").display().to_string(),
        unit.scratch("conf"),
    );
    unit.script(
        "web.sh",
        &format!(
            "@when_file_changed '{0}'\n@when ready\nfunction reload() {{ echo reload $(cat {0}) >> {out}; }}\n\
             @when_file_changed '{0}' /none\nfunction log() {{ echo log $(cat {0}) >> {out}; }}\n",
            file.display()
        ),
    );
    unit.hook("install").ok();
    assert_eq!(unit.wrote("out"), Vec::<String>::new());
    std::fs::write(&file, "one").unwrap();
    unit.hook("start").ok();
    unit.hook("update-status").ok();
    assert_eq!(unit.wrote("out"), ["log one"]);
    // The flag comes one hook late, and the change has not been eaten by looking at it.
    unit.set(&["ready"]);
    unit.hook("update-status").ok();
    unit.hook("update-status").ok();
    assert_eq!(unit.wrote("out"), ["log one", "reload one"]);
    std::fs::remove_file(&file).unwrap();
    unit.hook("update-status").ok();
    assert_eq!(unit.wrote("out")[2..], ["reload", "log"]);
}

#[test]
fn d04_a_file_that_one_function_writes_wakes_another_in_the_same_hook() {
    let unit = Unit::new();
    let (out, file) = (
        unit.scratch("out").display().to_string(),
        unit.scratch("conf").display().to_string(),
    );
    unit.script("a.sh", &format!("@when_file_changed '{file}'\nfunction reload() {{ echo reload $(cat {file}) >> {out}; }}\n"));
    unit.script("b.sh", &format!("@when_not configured\nfunction render() {{ echo new > {file}; set_flag configured; }}\n"));
    unit.hook("install").ok();
    assert_eq!(unit.wrote("out"), ["reload new"]);
}

#[test]
fn d04_a_function_whose_hook_failed_looks_at_its_file_again_even_if_that_is_as_before() {
    let unit = Unit::new();
    let (out, file) = (
        unit.scratch("out").display().to_string(),
        unit.scratch("conf"),
    );
    let script = |more: &str| {
        unit.script(
            "web.sh",
            &format!(
                "@when_file_changed '{0}'\nfunction reload() {{ echo reload $(cat {0}) >> {out}; {more} }}\n",
                file.display()
            ),
        )
    };
    std::fs::write(&file, "one").unwrap();
    script("");
    unit.hook("install").ok();
    std::fs::write(&file, "two").unwrap();
    script("exit 1;");
    unit.hook("start").failed();
    // Its side effect is there, its hook is not: what it made of `two` has to be made undone.
    std::fs::write(&file, "one").unwrap();
    script("");
    unit.hook("start").ok();
    unit.hook("update-status").ok();
    assert_eq!(
        unit.wrote("out"),
        ["reload one", "reload two", "reload one"]
    );
}

#[test]
fn d29_an_action_runs_its_own_functions_and_no_hooks() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!(
            "@hook start\nfunction hook() {{ echo hook >> {out}; }}\n\
             @action start dump\nfunction action() {{ echo action >> {out}; set_flag dumped; }}\n\
             @when_not x\nfunction flag() {{ echo flag >> {out}; }}\n\
             @when dumped\nfunction after() {{ echo after >> {out}; }}\n"
        ),
    );
    unit.action("start").ok();
    assert_eq!(unit.wrote("out"), ["action", "after"]);
    unit.action("other").failed();
    assert!(unit.logged("no handler implements the action `other`"));
}

#[test]
fn d22_a_function_with_hook_and_flag_conditions_fails_the_hook_and_is_named() {
    let unit = Unit::new();
    unit.script(
        "web.sh",
        "@hook install\n@when a\nfunction never() { :; }\n",
    );
    unit.hook("install").failed();
    assert!(
        unit.logged("cannot tell whether the handler `reactive/web.sh` is due: `never` can never run: it combines `@hook`"),
        "{:?}",
        unit.lines("log")
    );
}

#[test]
fn d23_a_condition_that_names_nothing_fails_the_hook_and_is_named() {
    let unit = Unit::new();
    unit.script("web.sh", "@when $UNSET\nfunction always() { :; }\n");
    unit.hook("install").failed();
    assert!(
        unit.logged("`always` can never run: `@when` names nothing"),
        "{:?}",
        unit.lines("log")
    );
}

#[test]
fn b13_d03_a_queued_function_is_dropped_when_its_condition_no_longer_holds() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.script(
        "web.sh",
        &format!(
            "@when wanted\nfunction wants() {{ echo wants >> {out}; }}\n\
             @when_not unwanted\nfunction shuns() {{ echo shuns >> {out}; }}\n\
             @when always\nfunction always() {{ echo always >> {out}; }}\n"
        ),
    );
    unit.set(&["wanted", "always", "rust.clears", "rust.sets"]);
    unit.hook("install").ok();
    assert_eq!(unit.wrote("out"), ["always"]);
}

#[test]
fn b12_b13_a_queued_script_is_asked_again_but_gains_no_function() {
    let unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    // It looks at a flag outside its functions, so what it said cannot be evaluated without asking it.
    unit.script(
        "web.sh",
        &format!(
            "echo $1 >> {out}\nis_flag_set always\n@when always\nfunction always() {{ echo always >> {out}; }}\n\
             @when unwanted\nfunction late() {{ echo late >> {out}; }}\n"
        ),
    );
    unit.set(&["always", "rust.sets"]);
    unit.hook("install").ok();
    assert_eq!(
        unit.wrote("out"),
        [
            "--test", "--test", "--test", "--invoke", "always", "--test", "--invoke", "late"
        ]
    );
}

#[test]
fn flags_of_endpoints_are_there_for_scripts() {
    let unit = Unit::new();
    unit.set_juju(
        "joined",
        &json!({"db:1": ["postgres/1"], "db:3": ["mysql/0"]}),
    );
    unit.script(
        "db.sh",
        "@when endpoint.db.joined\nfunction f() { set_flag seen; clear_flag endpoint.db.changed; }\n",
    );
    unit.hook("install").ok();
    assert_eq!(
        unit.flags(),
        ["endpoint.db.changed.host", "endpoint.db.joined", "seen"]
    );
    // What the script cleared stays so, and what it called changes nothing about who is there.
    unit.hook("update-status").ok();
    assert_eq!(
        unit.flags(),
        ["endpoint.db.changed.host", "endpoint.db.joined", "seen"]
    );
}
