//! `ensign run` and a model that goes on, where the disk is full. A limit on the size of files stands for it, which any user
//! can set, and which is lifted again.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::tool::{Ran, World, write};

const ROOM: &str = "make room there, or choose another folder for models with ENSIGN_HOME";

/// The command, told of a file that grows too large by an error, as of a full disk, and not by a signal.
fn told(world: &World, arguments: &[&str]) -> Command {
    let ensign = world.command();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "-"]);
    command.arg(ensign.get_program()).args(arguments);
    command.current_dir(world.path(""));
    command.env("ENSIGN_HOME", world.path("home"));
    command
}

fn limit(arguments: &[&str]) {
    let done = Command::new("prlimit").args(arguments).status().unwrap();
    assert!(done.success(), "{arguments:?}");
}

/// The process that owns a model.
fn controller(folder: &Path) -> String {
    let wanted = format!("__controller\0{}\0", folder.display());
    let found = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let path = entry.unwrap().path();
        let line = fs::read(path.join("cmdline")).ok()?;
        let name = path.file_name()?.to_str()?.to_owned();
        String::from_utf8_lossy(&line)
            .ends_with(&wanted)
            .then_some(name)
    });
    let all: Vec<String> = found.collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.into_iter().next().unwrap()
}

#[test]
fn a_model_that_finds_no_room_is_not_begun() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let mut command = told(&world, &["run", "--no-machines", "tiny"]);
    let limited = ["prlimit", "--fsize=100000"].map(str::to_owned);
    let inner = std::mem::replace(&mut command, Command::new(&limited[0]));
    command.arg(&limited[1]).arg(inner.get_program());
    command.args(inner.get_args()).current_dir(world.path(""));
    command.env("ENSIGN_HOME", world.path("home"));
    let error = Ran::of(command.output().unwrap()).failed(1);
    assert!(
        error.contains("could not keep") && error.contains(ROOM),
        "{error}"
    );
    let left = fs::read_dir(world.path("home/models")).unwrap().count();
    assert_eq!(left, 0, "nothing has run in it");
    // With room again, the same command works.
    world
        .ensign(["run", "--no-machines", "--timeout=2m", "tiny"])
        .good();
}

#[test]
fn a_model_that_cannot_be_saved_says_so_and_keeps_its_last_state() {
    let world = World::new();
    world.charm("tiny", "exit 0");
    let run = [
        "run",
        "--no-machines",
        "--timeout=2m",
        "--keep",
        "--juju=3.6",
        "tiny",
    ];
    let ran = Ran::of(told(&world, &run).output().unwrap()).good();
    assert!(ran.err.contains("the model goes on"), "{ran:#?}");
    let folder = world.path("home/models/tiny-3-6");
    let pid = controller(&folder);
    let state = folder.join("state.json");
    let before = fs::read(&state).unwrap();
    limit(&["--pid", &pid, "--fsize=100"]);
    let exec = [
        "juju", "exec", "-m", "tiny-3-6", "--unit", "tiny/0", "hostname",
    ];
    let error = world.ensign(exec).failed(1);
    assert!(
        error.contains("could not save") && error.contains("state.json") && error.contains(ROOM),
        "{error}"
    );
    // What was saved before is whole.
    assert_eq!(fs::read(&state).unwrap(), before);
    serde_json::from_slice::<serde_json::Value>(&before).unwrap();
    world
        .ensign(["juju", "destroy-model", "tiny-3-6", "--no-prompt"])
        .good();
    assert!(!folder.exists());
}

#[test]
fn a_run_whose_model_cannot_be_saved_leaves_nothing_behind() {
    let world = World::new();
    // Its controller is limited by the charm itself, as if it had filled the disk.
    world.charm("tiny", "exit 0");
    let script = world.path("full");
    write(
        &script,
        "#!/bin/sh\nfor p in /proc/[0-9]*; do\n\
         if tr '\\0' ' ' < $p/cmdline 2>/dev/null | grep -q \"__controller $HOME_OF_MODELS/\"; then \
         prlimit --pid ${p#/proc/} --fsize=100; fi; done\nexit 0\n",
    );
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&script, mode).unwrap();
    write(
        &world.path("tiny/dispatch"),
        &format!(
            "#!/bin/sh\nHOME_OF_MODELS={} exec {}\n",
            world.path("home").display(),
            script.display()
        ),
    );
    let run = ["run", "--no-machines", "--timeout=2m", "tiny"];
    let error = Ran::of(told(&world, &run).output().unwrap()).failed(1);
    assert!(
        error.contains("could not save") && error.contains(ROOM),
        "{error}"
    );
    let left = fs::read_dir(world.path("home/models")).unwrap().count();
    assert_eq!(left, 0);
}
