//! `ensign build`

use std::fs;
use std::path::Path;

use crate::tool::{Ran, World, write};

#[test]
fn stdout_is_the_directory_and_the_archive_and_nothing_else() {
    let world = World::new();
    world.source("built-one");
    let ran = world.ensign(["build", "built-one", "-o", "out"]).good();
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "out/built-one");
    assert!(
        lines[1].starts_with("out/built-one_ubuntu-22.04-") && lines[1].ends_with(".charm"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(world.path(line).exists(), "{line}");
    }
}

#[test]
fn json_names_the_binary_and_its_size() {
    let world = World::new();
    world.source("built-two");
    let json = world
        .ensign(["build", "built-two", "-o", "out", "--format", "json"])
        .good()
        .json();
    let binary = world.path(json["binary"].as_str().unwrap());
    assert_eq!(json["bytes"], fs::metadata(&binary).unwrap().len());
    assert_eq!(json["dir"], "out/built-two");
    assert!(
        Path::new(json["charm"].as_str().unwrap())
            .extension()
            .is_some_and(|end| end == "charm")
    );
}

#[test]
fn mistakes_in_the_files_are_shown_with_their_line_and_what_to_do() {
    let world = World::new();
    let dir = world.source("built-three");
    write(
        &dir.join("config.yaml"),
        "options:\n  port:\n    type: int\n    default: many\n",
    );
    write(&dir.join("layer.yaml"), "includes: ['layer:apt']\n");
    let error = world.ensign(["build", "built-three"]).failed(1);
    assert!(
        error.starts_with("error: 2 mistakes in the charm's files\n"),
        "{error}"
    );
    assert!(
        error.contains(
            "built-three/config.yaml:4:14: `options.port.default` must be a whole number"
        ),
        "{error}"
    );
    assert!(error.contains("4 |     default: many\n"), "{error}");
    assert!(error.contains("built-three/layer.yaml:1:12"), "{error}");
    assert!(!error.contains('\u{1b}'), "no colours without a terminal");
}

#[test]
fn a_compiler_error_reaches_the_author_untouched() {
    let world = World::new();
    let dir = world.source("built-four");
    write(
        &dir.join("src/main.rs"),
        "fn main() { let x: u8 = \"text\"; }\n",
    );
    let error = world.ensign(["build", "built-four"]).failed(1);
    assert!(error.contains("error[E0308]: mismatched types"), "{error}");
    assert!(
        error.contains("error: cargo could not build `built-four`"),
        "{error}"
    );
}

#[test]
fn a_folder_that_is_no_charm_says_how_to_make_one() {
    let world = World::new();
    fs::create_dir(world.path("empty")).unwrap();
    let error = world.ensign(["build", "empty"]).failed(1);
    assert!(
        error.contains("`empty` is not a charm") && error.contains("ensign new"),
        "{error}"
    );
}

#[test]
fn without_the_musl_target_the_charm_is_linked_statically_against_glibc_with_a_warning() {
    let world = World::new();
    world.source("built-five");
    let script = |name: &str, text: &str| {
        let path = world.path(name);
        write(&path, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        path
    };
    let rustc =
        "case \"$*\" in *target-libdir*) echo /no/such/folder;; *) exec rustc \"$@\";; esac";
    let mut command = world.command();
    command.env("RUSTC", script("rustc-without-musl", rustc));
    command.env("RUSTUP", script("rustup-without-network", "exit 1"));
    let ran = Ran::of(
        command
            .args(["build", "built-five", "-o", "out", "--format", "json"])
            .output()
            .unwrap(),
    )
    .good();
    assert!(
        ran.err.contains("warning: the Rust target ") && ran.err.contains("rustup target add"),
        "{}",
        ran.err
    );
    let binary = fs::read(world.path(ran.json()["binary"].as_str().unwrap())).unwrap();
    assert!(
        !asks_for_a_loader(&binary),
        "it needs nothing of the unit's system"
    );
    let own = fs::read(env!("CARGO_BIN_EXE_ensign")).unwrap();
    assert!(asks_for_a_loader(&own), "the check itself can fail");
}

/// Whether a 64-bit ELF file has a program header that names a dynamic loader.
fn asks_for_a_loader(elf: &[u8]) -> bool {
    let number = |at: usize, bytes: usize| {
        elf[at..at + bytes]
            .iter()
            .rev()
            .fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte))
    };
    let (table, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).any(|header| number(table + header * size, 4) == 3)
}

#[test]
fn layers_shows_the_tree_and_where_every_key_and_file_came_from() {
    let world = World::new();
    let dir = world.source("layered-one");
    write(
        &dir.join("layer.yaml"),
        "includes: ['layer:middle', 'layer:basic']\n",
    );
    let shelf = world.path("shelf");
    write(
        &shelf.join("middle/layer.yaml"),
        "includes: ['layer:base', 'layer:basic']\n",
    );
    write(
        &shelf.join("base/config.yaml"),
        "options:\n  port: {type: int, default: 80}\n",
    );
    write(&shelf.join("base/files/motd"), "hello\n");
    let with = |arguments: &[&str]| {
        let mut command = world.command();
        command.args(arguments).env("LAYER_PATH", &shelf);
        Ran::of(command.output().unwrap())
    };
    let text = with(&["layers", "layered-one"]).good().out;
    let tree = format!(
        "layered-one  the charm, layered-one\n├─ layer:middle  folder of LAYER_PATH, {0}/middle\n\
         │  ├─ layer:base  folder of LAYER_PATH, {0}/base\n│  └─ layer:basic  comes with Ensign\n\
         └─ layer:basic  as above\n\n",
        shelf.display()
    );
    assert!(text.starts_with(&tree), "{text}");
    let line = text
        .lines()
        .find(|line| line.contains("options.port.default"))
        .unwrap();
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        words[..3],
        ["config.yaml", "options.port.default", "layer:base"]
    );
    assert!(words[3].ends_with("base/config.yaml:2"), "{line}");
    assert!(
        text.lines()
            .any(|line| line.split_whitespace().eq(["files/motd", "layer:base"]))
    );
    // Built, it still knows.
    with(&["build", "layered-one", "-o", "out"]).good();
    let json = world
        .ensign(["layers", "out/layered-one", "--format", "json"])
        .good()
        .json();
    let keys = json["keys"].as_array().unwrap();
    let port = keys.iter().find(|key| key["key"] == "options.port.default");
    assert_eq!(port.unwrap()["layer"], "layer:base");
    let files = json["files"].as_array().unwrap();
    assert!(
        files
            .iter()
            .any(|file| file["path"] == "files/motd" && file["layer"] == "layer:base")
    );
    // What it was built from is locked.
    write(&shelf.join("base/files/motd"), "good bye\n");
    let error = with(&["build", "layered-one", "-o", "out"]).failed(1);
    assert!(
        error.contains("layer:base changed since") && error.contains("--update"),
        "{error}"
    );
    // Whoever tries the change is told, and not stopped.
    let run = ["run", "layered-one", "--no-machines", "--timeout=2m"];
    let told = |ran: &crate::tool::Ran| {
        let warnings = ran.err.lines().filter(|l| l.starts_with("warning: "));
        let told = warnings.filter(|l| l.contains("layer:base changed since `layer.lock`"));
        told.filter(|line| line.contains("--update")).count()
    };
    let ran = with(&run).good();
    assert_eq!(told(&ran), 1, "{ran:#?}");
    with(&["build", "layered-one", "-o", "out", "--update"]).good();
    let ran = with(&run).good();
    assert_eq!(told(&ran), 0, "{ran:#?}");
}
