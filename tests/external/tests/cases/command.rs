//! The `charms.reactive` command (B99), wherever it runs.

use serde_json::json;

use crate::unit::Unit;

#[test]
fn b99_questions_are_answered_by_exit_codes_and_lists_by_lines() {
    let unit = Unit::new();
    unit.set(&["b", "a"]);
    for (line, code, stdout) in [
        ("is_flag_set a", 0, ""),
        ("is_flag_set c", 1, ""),
        ("all_flags_set a b", 0, ""),
        ("all_flags_set a c", 1, ""),
        ("all_flags_set", 0, ""),
        ("any_flags_set c a", 0, ""),
        ("any_flags_set c", 1, ""),
        ("get_unset_flags d a c d", 0, "c\nd\n"),
        ("when a", 0, ""),
        ("when_not a", 1, ""),
        ("when_not_all a c", 0, ""),
        ("any_hook install", 1, ""),
        ("was_invoked me", 1, ""),
        ("only_once me", 0, ""),
        (
            "test 'f reactive/w.sh:f when a' 'g reactive/w.sh:g when c' 'h reactive/w.sh:h when_not c'",
            0,
            "f,h\n",
        ),
        ("toggle_flag c TRUE", 0, ""),
        ("is_state c", 0, ""),
        ("toggle_flag c false", 0, ""),
        ("is_state c", 1, ""),
    ] {
        let ran = unit.command(line);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
            (code, stdout, ""),
            "{line}"
        );
    }
    assert_eq!(unit.flags(), ["a", "b"]);
}

#[test]
fn b99_wrong_use_exits_2_and_says_how_it_goes() {
    let unit = Unit::new();
    for (line, why) in [
        ("", "no command given"),
        ("fly", "`fly` is not a command"),
        ("set_flag", "usage: charms.reactive set_flag FLAG"),
        ("toggle_flag a perhaps", "neither `true` nor `false`"),
        ("register_trigger --set_flag a", "exactly one of"),
    ] {
        let ran = unit.command(line);
        assert_eq!(ran.code, 2, "{line}");
        assert!(ran.stderr.contains(why), "{line}: {}", ran.stderr);
    }
    // The same from within a handler.
    unit.script(
        "web.sh",
        "@when_not a\nfunction f() { set_flag; [[ $? == 2 ]] && set_flag a; }\n",
    );
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["a"]);
}

#[test]
fn b99_failures_exit_1_with_a_reason() {
    let unit = Unit::new();
    for (line, why) in [
        ("set_flag 'no flag!'", "is not a flag name"),
        ("render_template a.j2 /etc/a", "needs the layer `templates`"),
        (
            "relation_call --flag db.ready uri",
            "neither an endpoint of this charm nor a flag of one",
        ),
        (
            "name_relation_get db redis/0 host",
            "endpoint `db` has no relation to `redis`",
        ),
        ("mark_invoked reactive/w.sh:f && false", ""),
    ] {
        let ran = unit.command(line);
        assert_eq!(ran.code, 1, "{line}");
        assert!(ran.stderr.contains(why), "{line}: {}", ran.stderr);
    }
}

#[test]
fn b99_relation_call_calls_an_endpoint_by_its_name_or_by_a_flag() {
    let unit = Unit::new();
    unit.set_juju(
        "joined",
        &json!({"db:1": ["postgres/1"], "db:3": ["mysql/0"]}),
    );
    let call = |line: &str| unit.command(&format!("relation_call {line}")).ok().stdout;
    assert_eq!(call("--relation_name db relation_ids"), "db:1\ndb:3\n");
    assert_eq!(
        call("--flag endpoint.db.joined joined_units"),
        "postgres/1\nmysql/0\n"
    );
    let lowest = "postgres/1.internal\n";
    assert_eq!(call("get_remote host --relation_name=db"), lowest);
    assert_eq!(call("get_remote port 5432 --relation_name=db"), "5432\n");
    for (line, why) in [
        ("--relation_name db fly", "cannot call `fly` of `db`"),
        ("--flag db.ready relation_ids", "neither an endpoint"),
        (
            "--relation_name db set_remote hunter2",
            "no `KEY=` in front",
        ),
    ] {
        let ran = unit.command(&format!("relation_call {line}"));
        assert_eq!(ran.code, 1, "{line}");
        assert!(ran.stderr.contains(why), "{line}: {}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"));
    }
}

#[test]
fn b99_name_relation_get_finds_the_relation_that_leads_to_the_unit() {
    let unit = Unit::new();
    let ran = unit
        .command("name_relation_get db mysql/0 host --format=json")
        .ok();
    assert_eq!(ran.stdout, "--format=json -r db:3 host mysql/0\n");
    assert_eq!(
        unit.command("name_relation_get db postgres/1").ok().stdout,
        "-r db:1 - postgres/1\n"
    );
}

#[test]
fn b99_leader_settings_are_written_as_a_group_and_read_back() {
    let unit = Unit::new();
    unit.command("leader_set k=v 'l=a b=c'").ok();
    assert_eq!(unit.command("leader_get l").ok().stdout, "a b=c\n");
    assert_eq!(unit.command("leader_get none").ok().stdout, "");
    assert_eq!(
        unit.command("leader_get").ok().stdout,
        "{\"k\":\"v\",\"l\":\"a b=c\"}\n"
    );
    assert_eq!(
        unit.lines("calls")
            .iter()
            .filter(|c| *c == "leader-set")
            .count(),
        1
    );
    assert!(
        unit.command("get_flags")
            .ok()
            .stdout
            .contains("leadership.set.k\n")
    );
}

#[test]
fn b99_leader_set_off_the_leader_fails_and_changes_nothing() {
    let unit = Unit::new();
    unit.set_juju("leader", &json!(false));
    unit.script(
        "web.sh",
        "@when_not a\nfunction f() { leader_set k=v || set_flag a; }\n",
    );
    unit.hook("install").ok();
    assert_eq!(unit.flags(), ["a"]);
    assert!(
        !unit
            .command("get_flags")
            .ok()
            .stdout
            .contains("leadership.set.k")
    );
}

#[test]
fn in_juju_exec_it_has_a_transaction_of_its_own_and_the_next_process_goes_on_from_it() {
    let unit = Unit::new();
    let ran = unit.exec("bin/charms.reactive set_flag a && bin/charms.reactive set_flag b && bin/charms.reactive get_flags").ok();
    assert!(ran.stdout.contains("a\nb\n"), "{}", ran.stdout);
    unit.script("web.sh", "@when a b\nfunction f() { set_flag c; }\n");
    unit.hook("update-status").ok();
    assert_eq!(unit.flags(), ["a", "b", "c"]);
}

#[test]
fn asking_from_juju_exec_leaves_no_trace() {
    let unit = Unit::new();
    unit.set(&["a"]);
    unit.hook("update-status").ok();
    let before = unit
        .lines("calls")
        .iter()
        .filter(|c| *c == "state-set")
        .count();
    unit.command("get_flags").ok();
    unit.command("is_flag_set leadership.is_leader").ok();
    unit.command("test 'f reactive/w.sh:f when a'").ok();
    assert_eq!(
        unit.lines("calls")
            .iter()
            .filter(|c| *c == "state-set")
            .count(),
        before
    );
}

#[test]
fn marks_of_the_charms_own_survive_upgrades() {
    let unit = Unit::new();
    unit.command("mark_invoked database-setup").ok();
    for build in ["two", "three", "four"] {
        unit.build(build);
        unit.hook("upgrade-charm").ok();
    }
    unit.command("was_invoked database-setup").ok();
    assert_eq!(
        unit.document()["kv"]["reactive.invoked.database-setup"],
        true
    );
}

#[test]
fn in_a_debug_session_of_a_hook_nothing_is_consumed() {
    let mut unit = Unit::new();
    unit.set_juju("config", &json!({"colour": "red"}));
    unit.env("JUJU_DISPATCH_PATH", "hooks/config-changed");
    assert_eq!(
        unit.command("is_flag_set config.changed.colour").ok().code,
        0
    );
    unit.command("set_flag a").ok();
    assert_eq!(
        unit.command("is_flag_set config.changed.colour").ok().code,
        0
    );
}

#[test]
fn outside_any_context_it_runs_itself_again_through_juju_exec() {
    let unit = Unit::new();
    unit.outside("bin/charms.reactive set_flag \"it's me\"")
        .ok();
    let program = unit.charm.join("bin/charms.reactive");
    assert_eq!(
        unit.lines("exec"),
        [format!(
            "bash-charm/0 {} set_flag 'it'\\''s me'",
            program.display()
        )]
    );
}

#[test]
fn outside_without_juju_exec_it_says_what_to_type() {
    let unit = Unit::new();
    let ran = unit
        .outside("PATH=/usr/bin:/bin bin/charms.reactive set_flag a")
        .failed();
    assert!(
        ran.stderr
            .contains("juju exec --unit bash-charm/0 -- bin/charms.reactive set_flag a"),
        "{}",
        ran.stderr
    );
    let copy = unit.scratch("charms.reactive");
    std::fs::copy(unit.charm.join("dispatch"), &copy).unwrap();
    let ran = unit
        .outside(&format!("{} get_flags", copy.display()))
        .failed();
    assert!(
        ran.stderr
            .contains("this program is not in a unit's charm folder"),
        "{}",
        ran.stderr
    );
    assert_eq!(unit.outside("bin/charms.reactive --help").ok().stderr, "");
}

#[test]
fn in_a_restricted_hook_there_are_no_flags_and_no_scripts() {
    let mut unit = Unit::new();
    let out = unit.scratch("out").display().to_string();
    unit.file("reactive/any", &format!("#!/bin/sh\necho $1 >> {out}\n"));
    unit.hook("collect-metrics").ok();
    assert_eq!(unit.wrote("out"), Vec::<String>::new());
    unit.env("JUJU_DISPATCH_PATH", "hooks/collect-metrics");
    for line in ["set_flag a", "is_flag_set a", "mark_invoked reactive/any:f"] {
        let ran = unit.command(line).failed();
        assert!(
            ran.stderr.contains("do not exist in restricted hooks"),
            "{line}: {}",
            ran.stderr
        );
    }
}
