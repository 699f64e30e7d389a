//! What a charm's process meets on its unit.

use std::fs;

use ensign_local::Step;
use ensign_model::{Outcome, Profile};

use crate::trial::{LONG, Trial, outcomes, script, unit};

pub(crate) fn a_hook_sees_the_environment_that_juju_gives() {
    let dispatch = r#"
        env -u _ -u SHLVL -u PWD | sort > "/tmp/env-${JUJU_DISPATCH_PATH##*/}"
        pwd > /tmp/pwd; readlink /proc/self/fd/0 > /tmp/stdin; echo "$0 $#" > /tmp/argv; umask > /tmp/umask
        readlink -f "$(command -v is-leader)" > /tmp/tool
    "#;
    let mut trial = Trial::deploy(Profile::V3_6, dispatch, 1);
    let env = trial.exec("foo/0", "cat /tmp/env-install");
    let value = |name: &str| {
        let line = env
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_else(|| panic!("no {name} in {env}"))
            .to_owned()
    };
    let charm = "/var/lib/juju/agents/unit-foo-0/charm";
    assert_eq!(value("JUJU_CHARM_DIR"), charm);
    assert_eq!(value("CHARM_DIR"), charm);
    assert_eq!(value("JUJU_HOOK_NAME"), "install");
    assert_eq!(value("JUJU_DISPATCH_PATH"), "hooks/install");
    assert_eq!(value("JUJU_UNIT_NAME"), "foo/0");
    assert_eq!(value("JUJU_AGENT_SOCKET_NETWORK"), "unix");
    assert_eq!(
        value("JUJU_AGENT_SOCKET_ADDRESS"),
        "@/var/lib/juju/agents/unit-foo-0/agent.socket"
    );
    assert!(value("JUJU_CONTEXT_ID").starts_with("foo/0-install-"));
    assert!(
        value("PATH").starts_with(
            "/var/lib/juju/tools/unit-foo-0:/usr/local/sbin:/usr/local/bin:/usr/sbin:"
        )
    );
    assert!(value("JUJU_VERSION").starts_with("3.6"));
    for absent in ["HOME=", "USER=", "LOGNAME=", "SHELL=", "ENSIGN_HOME="] {
        assert!(
            !env.lines().any(|line| line.starts_with(absent)),
            "{absent} in {env}"
        );
    }
    let seen = trial.exec(
        "foo/0",
        "cat /tmp/pwd /tmp/stdin /tmp/argv /tmp/umask /tmp/tool",
    );
    let expected = format!("{charm}\n/dev/null\n{charm}/dispatch 0\n0022\n/run/ensign/ensign\n");
    assert_eq!(seen, expected);
    let exec = trial.exec("foo/0", "env");
    assert!(
        exec.contains("\nJUJU_HOOK_NAME=\n") && !exec.contains("JUJU_DISPATCH_PATH"),
        "{exec}"
    );
}

pub(crate) fn a_hook_killed_at_a_tool_call_is_run_again() {
    let dispatch = "echo before >> /var/log/ran; is-leader > /dev/null; echo after >> /var/log/ran";
    let mut trial = Trial::deploy(Profile::V3_6, dispatch, 1);
    trial.exec("foo/0", "rm /var/log/ran");
    trial.steps("crash-next-hook foo/0, config port=81");
    let report = trial.report();
    let mut runs = report.units[0].hooks.iter().rev();
    let last = [runs.next().unwrap(), runs.next().unwrap()];
    assert_eq!(
        last.map(|run| (run.hook.as_str(), run.exit)),
        [("config-changed", Some(0)), ("config-changed", None)]
    );
    assert_eq!(
        trial.exec("foo/0", "cat /var/log/ran"),
        "before\nbefore\nafter\n"
    );
}

pub(crate) fn a_failing_hook_is_retried_until_it_works() {
    let dispatch = r#"
        [ "$JUJU_DISPATCH_PATH" = hooks/install ] || exit 0
        echo x >> /var/log/tries; [ "$(wc -l < /var/log/tries)" = 3 ]
    "#;
    let mut trial = Trial::start(Profile::V3_6);
    let charm = trial.charm(dispatch);
    let began = std::time::Instant::now();
    trial.model().deploy("foo", &charm, 1).unwrap();
    let events = trial.events();
    assert_eq!(
        outcomes(&events, "install"),
        [Outcome::Failed, Outcome::Failed, Outcome::Done]
    );
    let jumped = events
        .iter()
        .filter(|event| matches!(event, ensign_local::Event::Jumped(far) if far.as_secs() >= 4));
    assert!(
        jumped.count() >= 2,
        "Juju waits 5 s and 10 s between tries: {events:?}"
    );
    assert!(
        began.elapsed() < std::time::Duration::from_secs(12),
        "the model waits for real"
    );
}

pub(crate) fn a_charm_without_the_hook_skips_it() {
    let mut trial = Trial::start(Profile::V3_6);
    let charm = trial.charm("");
    trial.model().deploy("foo", &charm, 1).unwrap();
    let events = trial.events();
    assert_eq!(outcomes(&events, "install"), [Outcome::Skipped]);
}

pub(crate) fn a_dispatch_that_cannot_be_executed_is_an_error() {
    let mut trial = Trial::start(Profile::V3_6);
    let charm = trial.charm("exit 0");
    let dispatch = charm.dir.join("dispatch");
    fs::set_permissions(
        &dispatch,
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    script(&charm.dir.join("hooks/install"), "exit 0");
    trial.model().deploy("foo", &charm, 1).unwrap();
    let settling = trial
        .model()
        .settle(std::time::Duration::from_secs(30), &mut |_| {})
        .unwrap();
    assert!(
        settling
            .unsettled
            .iter()
            .any(|why| why.contains("`install` failed on `foo/0`")),
        "{settling:?}"
    );
}

pub(crate) fn without_dispatch_the_hooks_own_file_is_run() {
    let mut trial = Trial::start(Profile::V3_6);
    let charm = trial.charm("");
    script(
        &charm.dir.join("hooks/install"),
        "status-set maintenance \"hook file\"",
    );
    // A hook that lost its bit is made executable again; that is Juju's way.
    fs::set_permissions(
        charm.dir.join("hooks/install"),
        std::os::unix::fs::PermissionsExt::from_mode(0o644),
    )
    .unwrap();
    trial.model().deploy("foo", &charm, 1).unwrap();
    let events = trial.events();
    assert_eq!(outcomes(&events, "install"), [Outcome::Done]);
    assert_eq!(outcomes(&events, "start"), [Outcome::Skipped]);
    assert_eq!(trial.report().units[0].workload.message, "hook file");
}

pub(crate) fn a_script_without_an_interpreter_line_is_an_error() {
    let mut trial = Trial::start(Profile::V3_6);
    let charm = trial.charm("exit 0");
    fs::write(charm.dir.join("dispatch"), "exit 0\n").unwrap();
    trial.model().deploy("foo", &charm, 1).unwrap();
    let settling = trial
        .model()
        .settle(std::time::Duration::from_secs(20), &mut |_| {})
        .unwrap();
    assert!(
        settling
            .unsettled
            .iter()
            .any(|why| why.contains("`install` failed on `foo/0`")),
        "{settling:?}"
    );
    let log = fs::read_to_string(trial.model().path().join("model.log")).unwrap();
    assert!(log.contains("exec format error"), "{log}");
}

pub(crate) fn files_named_to_tools_are_those_of_the_machine() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    let commands = "cd /tmp; echo 'a: 1' > in.yaml; state-set --file in.yaml; state-get -o out.yaml a; cat out.yaml; \
                    state-set --file missing.yaml 2>&1; true";
    let seen = trial.exec("foo/0", commands);
    assert_eq!(
        seen,
        "1\nERROR open /tmp/missing.yaml: no such file or directory\n"
    );
    assert!(!std::path::Path::new("/tmp/out.yaml").exists());
}

pub(crate) fn tools_open_files_as_the_agent_not_as_their_caller() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    // The agent is root; whoever has its socket's address reads and writes with its hands.
    let commands = "cd /tmp; umask 077; echo 'a: hidden' > in.yaml; other='setpriv --reuid=65534 --clear-groups'\n\
                    $other cat in.yaml 2>&1; $other state-set --file in.yaml; $other state-get -o out.yaml a; \
                    stat -c '%U' out.yaml; cat out.yaml";
    let seen = trial.exec("foo/0", commands);
    assert_eq!(seen, "cat: in.yaml: Permission denied\nroot\nhidden\n");
}

pub(crate) fn a_tool_reads_its_stdin_only_when_it_has_to() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    let commands = r#"
        printf 'b: two\n' | state-set --file -
        state-get b
        printf 'one\ntwo\n' | (is-leader > /dev/null; cat)
    "#;
    assert_eq!(trial.exec("foo/0", commands), "two\none\ntwo\n");
}

pub(crate) fn a_tool_outside_of_a_hook_says_what_is_missing() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    let commands = "for gone in JUJU_CONTEXT_ID JUJU_AGENT_SOCKET_ADDRESS JUJU_AGENT_SOCKET_NETWORK; do \
                    env -u $gone is-leader 2>&1; echo $?; done; JUJU_CONTEXT_ID=foo/0-other-1 is-leader 2>&1 | cut -c 1-40";
    let seen = trial.exec("foo/0", commands);
    let expected = "ERROR JUJU_CONTEXT_ID not set\n1\nERROR JUJU_AGENT_SOCKET_ADDRESS not set\n1\n\
                    ERROR JUJU_AGENT_SOCKET_NETWORK not set\n1\nERROR bad request: expected context id \"\n";
    assert_eq!(seen, expected);
}

pub(crate) fn a_tool_after_its_hook_finds_nobody() {
    let dispatch = r#"
        [ "$JUJU_DISPATCH_PATH" = hooks/start ] || exit 0
        (exec > /dev/null 2>&1; sleep 0.5; is-leader > /tmp/late 2>&1; touch /tmp/done) &
    "#;
    let mut trial = Trial::deploy(Profile::V3_6, dispatch, 1);
    let seen = trial.exec(
        "foo/0",
        "unset JUJU_CONTEXT_ID; until [ -e /tmp/done ]; do sleep 0.1; done; cat /tmp/late",
    );
    // The juju-exec that looks has a context of its own on the same socket: either nobody or another one is there.
    assert!(
        seen.starts_with("ERROR dial unix @")
            || seen.starts_with("ERROR bad request: expected context id"),
        "{seen}"
    );
}

pub(crate) fn an_upgrade_removes_the_old_charms_files_and_keeps_the_units() {
    let dispatch = "mkdir -p .ensign; echo kept > .ensign/own; echo mine > mine";
    let mut trial = Trial::start(Profile::V3_6);
    let charm = trial.charm(dispatch);
    fs::create_dir_all(charm.dir.join("lib/old")).unwrap();
    fs::write(charm.dir.join("lib/old/file"), "old").unwrap();
    fs::write(charm.dir.join("both"), "1").unwrap();
    trial.model().deploy("foo", &charm, 1).unwrap();
    trial.settle();
    let charm = trial.charm(dispatch);
    fs::write(charm.dir.join("both"), "2").unwrap();
    fs::write(charm.dir.join("new"), "new").unwrap();
    trial.step(&Step::Upgrade(None, None).with_charm(charm));
    let seen = trial.exec(
        "foo/0",
        "cat .ensign/own mine both; echo; ls -d new lib 2>&1 || true",
    );
    assert_eq!(
        seen,
        "kept\nmine\n2\nls: cannot access 'lib': No such file or directory\nnew\n"
    );
    assert!(trial.hooks("foo/0").contains(&"upgrade-charm".to_owned()));
}

pub(crate) fn an_action_gives_results_and_output() {
    let dispatch = r#"
        [ "$JUJU_DISPATCH_PATH" = actions/greet ] || exit 0
        action-set greeting="hello $(action-get name)"; echo out; echo err >&2
    "#;
    let mut trial = Trial::deploy(Profile::V3_6, dispatch, 1);
    let params = serde_json::json!({"name": "you"});
    let record = trial
        .model()
        .run(
            &unit("foo/0"),
            "greet",
            params.as_object().unwrap().clone(),
            LONG,
        )
        .unwrap();
    assert_eq!(record.results["greeting"], "hello you");
    assert_eq!(record.results["stdout"], "out\n");
    assert_eq!(record.results["stderr"], "err\n");
    assert_eq!(record.results["return-code"], 0);
}

pub(crate) fn commands_run_by_juju_exec_see_the_unit() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 2);
    assert_eq!(
        trial.exec("foo/1", "echo \"$JUJU_UNIT_NAME\"; config-get port"),
        "foo/1\n80\n"
    );
    let record = trial
        .model()
        .exec(&unit("foo/0"), "echo bad >&2; exit 7", LONG)
        .unwrap();
    assert_eq!(
        (&record.results["return-code"], &record.results["stderr"]),
        (&7.into(), &"bad\n".into())
    );
}

pub(crate) fn juju_exec_on_the_machine_runs_in_a_context() {
    let mut trial = Trial::deploy(Profile::V3_6, "exit 0", 1);
    // Started from a hook context, but without it: as a daemon or a person on the machine would.
    trial.exec("foo/0", "(unset JUJU_CONTEXT_ID; nohup juju-exec 'is-leader; exit 3' > /tmp/out 2>&1; echo $? >> /tmp/out) &");
    trial.settle();
    let seen = trial.exec("foo/0", "until grep -q '^[0-9]' /tmp/out; do sleep 0.1; done; cat /tmp/out; juju-exec true 2>&1 | cut -c 1-47");
    assert_eq!(
        seen,
        "True\n3\nERROR juju-exec cannot be called from within a \n"
    );
}
