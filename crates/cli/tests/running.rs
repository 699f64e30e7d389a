//! `ensign run`, with charms that are built already and plain processes for machines.

use crate::tool::{World, write};

const QUIET: [&str; 3] = ["run", "--no-machines", "--timeout=2m"];

#[test]
fn a_model_settles_and_is_shown_as_juju_shows_it() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let ran = world
        .ensign(
            QUIET
                .into_iter()
                .chain(["tiny", "--units", "2", "--same", "/etc/hostname"]),
        )
        .good();
    for text in [
        "Model     ",
        "App   ",
        "Unit    ",
        "Machine  ",
        "leads tiny\n",
        "settled on Juju 3.6\n",
    ] {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
    assert!(
        ran.out.contains("/etc/hostname is the same on 2 units\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("There are no machines"),
        "it is said what is touched: {}",
        ran.err
    );
    assert!(!ran.out.contains('\u{1b}'), "no colours without a terminal");
    let left: Vec<_> = std::fs::read_dir(world.path("home/models"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 0, "{left:?}");
}

#[test]
fn json_is_an_array_with_one_object_a_profile() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let arguments = [
        "tiny",
        "--juju",
        "3.6,4.0",
        "--do",
        "add-unit",
        "--format",
        "json",
        "--same",
        "/etc/hostname",
    ];
    let json = world
        .ensign(QUIET.into_iter().chain(arguments))
        .good()
        .json();
    let all = json.as_array().unwrap();
    assert_eq!(
        all.iter()
            .map(|one| one["juju"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["3.6", "4.0"]
    );
    for one in all {
        assert_eq!(one["settled"], true);
        assert_eq!(one["same"], serde_json::json!({"/etc/hostname": true}));
        assert!(
            one["leaders"]["tiny"]
                .as_str()
                .unwrap()
                .starts_with("tiny/")
        );
        let units = one["units"].as_array().unwrap();
        assert_eq!(units.len(), 2);
        for key in [
            "unit", "app", "alive", "leader", "agent", "workload", "flags", "hooks",
        ] {
            assert!(units[0].get(key).is_some(), "{key}");
        }
        for key in ["hook", "exit", "tools", "ms"] {
            assert!(units[0]["hooks"][0].get(key).is_some(), "{key}");
        }
    }
}

#[test]
fn steps_are_played_in_order() {
    let world = World::new();
    // The status is what the operator's option says.
    world.charm("tiny", r#"status-set active "port $(config-get port)""#);
    let arguments = [
        "tiny",
        "--do",
        "config port=81",
        "--do",
        "add-unit, wait",
        "--do",
        "remove-unit tiny/0",
        "--format",
        "json",
    ];
    let json = world
        .ensign(QUIET.into_iter().chain(arguments))
        .good()
        .json();
    let units = json[0]["units"].as_array().unwrap();
    let seen: Vec<_> = units
        .iter()
        .map(|u| {
            (
                u["unit"].as_str().unwrap(),
                u["workload"]["message"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(seen, [("tiny/1", "port 81")]);
}

#[test]
fn a_file_that_is_missing_fails_the_run_but_the_result_is_shown() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let ran = world.ensign(QUIET.into_iter().chain(["tiny", "--same", "/no/such/file"]));
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(
        ran.out.contains("/no/such/file differs: none on tiny/0\n"),
        "{}",
        ran.out
    );
    assert!(
        ran.err
            .contains("error: `/no/such/file` differs between units"),
        "{}",
        ran.err
    );
}

#[test]
fn a_model_that_does_not_settle_says_why() {
    let world = World::new();
    world.charm(
        "tiny",
        r#"case "$JUJU_DISPATCH_PATH" in */start) exit 1;; esac"#,
    );
    let ran = world.ensign(QUIET.into_iter().chain(["tiny"]));
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(
        ran.out.contains("not settled on Juju 3.6:\n")
            && ran.out.contains("`start` failed on `tiny/0`"),
        "{}",
        ran.out
    );
    assert!(ran.err.contains("has not settled"), "{}", ran.err);
}

#[test]
fn a_step_for_a_unit_that_is_not_there_fails_and_leaves_nothing_behind() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let error = world
        .ensign(
            QUIET
                .into_iter()
                .chain(["tiny", "--do", "remove-unit tiny/7"]),
        )
        .failed(1);
    assert!(error.contains("tiny/7"), "{error}");
    assert_eq!(
        world
            .ensign(["juju", "models", "--format", "json"])
            .good()
            .json()["models"],
        serde_json::json!([])
    );
}

#[test]
fn units_of_a_charm_that_is_not_there_are_a_usage_error() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let error = world
        .ensign(QUIET.into_iter().chain(["tiny", "--units", "db=2"]))
        .failed(2);
    assert!(error.contains("`db`"), "{error}");
}

#[test]
fn an_archive_runs_as_its_directory_does() {
    let world = World::new();
    world.source("packed");
    let built = world.ensign(["build", "packed", "-o", "out"]).good();
    let archive = built.out.lines().nth(1).unwrap().to_owned();
    let ran = world
        .ensign(QUIET.into_iter().chain([archive.as_str()]))
        .good();
    assert!(ran.out.contains("packed/0*"), "{}", ran.out);
}

#[test]
fn options_are_set_before_the_first_hook() {
    let world = World::new();
    world.charm("tiny", r#"status-set active "port $(config-get port)""#);
    world.charm(
        "first",
        r#"case "$JUJU_DISPATCH_PATH" in */install) status-set active "port $(config-get port)";; esac"#,
    );
    write(&world.path("options.yaml"), "tiny:\n  port: 82\n");
    for (options, expected) in [
        (
            ["--config=port=81", "--config=tiny.port=83"],
            ["port 81", "port 83"],
        ),
        (
            ["--config=options.yaml", "--config=first.port=84"],
            ["port 84", "port 82"],
        ),
    ] {
        let charms = ["first", "tiny", "--format", "json"];
        let ran = world.ensign(QUIET.into_iter().chain(charms).chain(options));
        let json = ran.good().json();
        let units = json[0]["units"].as_array().unwrap();
        let said = units
            .iter()
            .map(|u| u["workload"]["message"].as_str().unwrap());
        assert_eq!(said.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn an_option_that_cannot_be_set_deploys_nothing() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    write(&world.path("options.yaml"), "tiny:\n  port: [82]\n");
    write(&world.path("flat.yaml"), "port=82\n");
    for (option, code, words) in [
        ("color=blue", 1, r#"unknown option "color""#),
        ("port=blue", 1, "port"),
        ("db.port=1", 2, "no charm here is called `db`"),
        ("no-such-file", 2, "there is no file `no-such-file`"),
        ("options.yaml", 1, "the value of `port` is no scalar"),
        ("flat.yaml", 1, "options stand below the application's name"),
    ] {
        let ran = world.ensign(QUIET.into_iter().chain(["tiny", "--config", option]));
        let error = ran.failed(code);
        assert!(error.contains(words), "{option}: {error}");
    }
}
