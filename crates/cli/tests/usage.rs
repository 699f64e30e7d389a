//! What is typed wrongly exits with 2 and says how to type it.

use crate::tool::World;

#[test]
fn the_version_names_the_juju_versions_that_are_modelled() {
    let ran = World::new().ensign(["--version"]).good();
    assert!(
        ran.out
            .starts_with(&format!("ensign {}", env!("CARGO_PKG_VERSION"))),
        "{}",
        ran.out
    );
    assert!(
        ran.out.ends_with("models Juju 3.6 and 4.0\n"),
        "{}",
        ran.out
    );
}

#[test]
fn an_unknown_step_is_a_usage_error_that_lists_the_steps() {
    let error = World::new().ensign(["run", "--do", "explode"]).failed(2);
    for step in [
        "kill-leader [APP]",
        "add-unit [APP]",
        "crash-next-hook UNIT",
        "advance 60s",
    ] {
        assert!(error.contains(step), "{step}: {error}");
    }
}

#[test]
fn a_step_without_its_arguments_says_how_it_is_written() {
    let error = World::new()
        .ensign(["run", "--do", "kill-leader, cut"])
        .failed(2);
    assert!(error.contains("cut UNIT"), "{error}");
}

#[test]
fn wrong_values_are_usage_errors() {
    for arguments in [
        ["run", "--units", "0"],
        ["run", "--units", "db="],
        ["run", "--juju", "2.9"],
        ["run", "--timeout", "soon"],
        ["run", "--format", "xml"],
        ["completions", "--", "tcsh"],
    ] {
        World::new().ensign(arguments).failed(2);
    }
    World::new().ensign(["fly"]).failed(2);
    World::new().ensign(["juju", "destroy-model"]).failed(2);
}

#[test]
fn the_steps_are_in_the_help() {
    let ran = World::new().ensign(["run", "--help"]).good();
    assert!(ran.out.contains("partition-leader [APP]"), "{}", ran.out);
}

#[test]
fn completions_are_data() {
    let ran = World::new().ensign(["completions", "bash"]).good();
    assert!(ran.out.contains("_ensign") && ran.out.contains("destroy-model"));
    assert_eq!(ran.err, "");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let world = World::new();
    let mut command = world.command();
    let mut child = command
        .args(["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_all_commands_have_stands_behind_what_one_has_of_its_own() {
    let world = World::new();
    for command in ["new", "build", "run", "juju exec", "juju ssh", "test"] {
        let arguments = command.split(' ').chain(["-h"]);
        let help = world.ensign(arguments).good().out;
        let flags = help
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix('-'));
        let names: Vec<&str> = flags
            .filter_map(|line| {
                line.split([' ', ',', '['])
                    .find(|word| word.starts_with('-'))
            })
            .collect();
        let last = &names[names.len() - 2..];
        assert_eq!(last, ["--verbose", "--help"], "{command}: {names:?}");
        if command.starts_with("juju") {
            assert_eq!(names[names.len() - 3], "--model", "{command}: {names:?}");
        }
    }
}
