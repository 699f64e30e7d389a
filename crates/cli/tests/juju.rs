//! `ensign juju` and `ensign shell` on a model that was kept.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::tool::{Ran, World};

/// A kept model with two units.
fn kept() -> World {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let ran = world
        .ensign(["run", "tiny", "--units", "2", "--no-machines", "--keep"])
        .good();
    assert!(
        ran.err.contains("ensign juju status -m tiny-3-6"),
        "{}",
        ran.err
    );
    world
}

fn destroy(world: &World) {
    world
        .ensign(["juju", "destroy-model", "--no-prompt", "tiny-3-6"])
        .good();
    assert!(!world.path("home/models/tiny-3-6").exists());
}

#[test]
fn a_kept_model_answers_until_it_is_destroyed() {
    let world = kept();
    let text = world.ensign(["juju", "status"]).good().out;
    assert!(text.contains("tiny/0") && text.contains("tiny/1"), "{text}");
    let status = world
        .ensign(["juju", "status", "-m", "tiny-3-6", "--format", "json"])
        .good()
        .json();
    let app = &status["applications"]["tiny"];
    assert_eq!(app["units"].as_object().unwrap().len(), 2);
    assert_eq!(app["units"]["tiny/0"]["juju-status"]["current"], "idle");
    assert_eq!(status["model"]["name"], "tiny-3-6");
    destroy(&world);
    let error = world.ensign(["juju", "status"]).failed(1);
    assert!(error.contains("there is no local model"), "{error}");
}

#[test]
fn exec_gives_back_what_the_commands_said_and_how_they_ended() {
    let world = kept();
    let ran = world
        .ensign([
            "juju",
            "exec",
            "--unit",
            "tiny/1",
            "--",
            "echo $JUJU_UNIT_NAME; echo aside >&2",
        ])
        .good();
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        ("tiny/1\n", "aside\n")
    );
    let ran = world.ensign([
        "juju",
        "exec",
        "--application",
        "tiny",
        "--format",
        "json",
        "--",
        "exit 3",
    ]);
    assert_eq!(ran.code, 1);
    let json = ran.json();
    for unit in ["tiny/0", "tiny/1"] {
        assert_eq!(json[unit]["results"]["return-code"], 3, "{json}");
    }
    let leader = world
        .ensign(["juju", "exec", "--unit", "tiny/leader", "is-leader"])
        .good();
    assert_eq!(leader.out, "True\n");
    world
        .ensign(["juju", "exec", "--unit", "tiny/9", "true"])
        .failed(1);
    world.ensign(["juju", "exec", "true"]).failed(2);
    destroy(&world);
}

#[test]
fn ssh_enters_a_units_machine() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let arguments = [
        "run",
        "tiny",
        "--units",
        "2",
        "--keep",
        "--do",
        "cut tiny/0",
        "--do",
        "heal",
    ];
    let ran = world.ensign(arguments);
    if ran.code != 0 && ran.err.contains("--no-machines") {
        // No machine can be had here, and the sentence says what else can be done.
        return;
    }
    ran.good();
    let script = "hostname; exit 7";
    let ran = world.ensign(["juju", "ssh", "tiny/1", script]);
    assert_eq!(ran.code, 7, "{ran:#?}");
    let name = ran.out.trim();
    assert!(name.starts_with("juju-") && name.ends_with("-1"), "{name}");
    // By the machine's number, with the words of one command, and with what it is to read.
    let ran = world
        .ensign(["juju", "ssh", "1", "cat", "/etc/hostname"])
        .good();
    assert_eq!(ran.out.trim(), name);
    let status = world
        .ensign(["juju", "status", "--format", "json"])
        .good()
        .json();
    let address = status["applications"]["tiny"]["units"]["tiny/1"]["public-address"]
        .as_str()
        .unwrap();
    assert_eq!(
        status["machines"]["1"]["ip-addresses"],
        serde_json::json!([address])
    );
    let hosts = world
        .ensign(["juju", "ssh", "tiny/0", "cat /etc/hosts"])
        .good()
        .out;
    assert!(hosts.contains(&format!("{address}\t{name}\n")), "{hosts}");
    let error = world.ensign(["juju", "ssh", "tiny/9", "true"]).failed(1);
    assert!(error.contains("tiny/9"), "{error}");
    let error = world
        .ensign(["juju", "ssh", "-L", "80", "tiny/0"])
        .failed(2);
    assert!(error.contains("HOSTPORT"), "{error}");
    destroy(&world);
}

#[test]
fn without_machines_there_is_nothing_for_ssh_to_enter() {
    let world = kept();
    let error = world.ensign(["juju", "ssh", "tiny/0", "true"]).failed(1);
    assert!(error.contains("has no machine"), "{error}");
    destroy(&world);
}

#[test]
fn in_the_shell_juju_is_the_juju_compatible_command() {
    let world = kept();
    let script = world.path("script");
    fs::write(
        &script,
        "#!/bin/sh\njuju exec -u tiny/0 hostname >/dev/null && juju status --format json\nexit 7\n",
    )
    .unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let ran = Ran::of(
        world
            .command()
            .arg("shell")
            .env("SHELL", &script)
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, 7, "{ran:#?}");
    assert_eq!(ran.json()["model"]["name"], "tiny-3-6");
    destroy(&world);
}

#[test]
fn what_a_killed_command_left_is_told_and_removed_by_one_command() {
    let world = kept();
    kill_controller(&world.path("home/models/tiny-3-6"));
    let ran = world.ensign(["run", "tiny", "--no-machines"]).good();
    assert!(
        ran.err
            .contains("`ensign juju destroy-model tiny-3-6` removes them"),
        "{}",
        ran.err
    );
    let models = world.ensign(["juju", "models"]).good().out;
    assert!(models.contains("left behind"), "{models}");
    destroy(&world);
}

/// Kills the process that owns the model, as a machine that runs out of memory would.
fn kill_controller(folder: &Path) {
    let wanted = folder.to_str().unwrap();
    for entry in fs::read_dir("/proc").unwrap() {
        let path = entry.unwrap().path();
        let Ok(line) = fs::read(path.join("cmdline")) else {
            continue;
        };
        let words: Vec<_> = line
            .split(|byte| *byte == 0)
            .map(String::from_utf8_lossy)
            .collect();
        if words.get(1).is_some_and(|word| word == "__controller")
            && words.get(2).is_some_and(|word| word == wanted)
        {
            let pid = path.file_name().unwrap();
            assert!(
                Command::new("kill")
                    .arg("-9")
                    .arg(pid)
                    .status()
                    .unwrap()
                    .success()
            );
            // Its locks go after its memory, and before it is a zombie.
            let is_there = || {
                let stat = fs::read_to_string(path.join("stat")).unwrap_or_default();
                let state = stat.rsplit_once(") ").map(|(_, rest)| rest.to_owned());
                state.is_some_and(|state| !state.starts_with(['Z', 'X']))
            };
            while is_there() {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            return;
        }
    }
    panic!("no controller of {wanted}");
}
