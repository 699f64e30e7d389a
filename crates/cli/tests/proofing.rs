//! `ensign proof`, and what `ensign run` refuses for the same reasons.

use std::path::PathBuf;

use crate::tool::{Ran, World, write};

/// A handler's line in the section of the binary.
fn line(id: &str, clauses: &str) -> String {
    format!(
        r#"{{"schema":1,"kind":"handler","id":"{id}","crate":"charm","file":"src/main.rs","line":1,"clauses":[{clauses}],"sets":[],"clears":[],"before":[],"after":[],"was":[]}}"#
    )
}

/// The source of a charm with these handlers, and more metadata.
fn source(world: &World, name: &str, lines: &[String], metadata: &str) -> PathBuf {
    let dir = world.source(name);
    let statics: String = lines
        .iter()
        .enumerate()
        .map(|(place, line)| {
            format!(
                "#[used]\n#[link_section = \".ensign\"]\nstatic L{place}: [u8; {}] = *br##\"{line}\n\"##;\n",
                line.len() + 1
            )
        })
        .collect();
    write(
        &dir.join("src/main.rs"),
        &format!("{statics}fn main() {{}}\n"),
    );
    let plain = std::fs::read_to_string(dir.join("metadata.yaml")).unwrap();
    write(&dir.join("metadata.yaml"), &format!("{plain}{metadata}"));
    dir
}

const WAITS: &str = r#"{"kind":"when_changed","args":["leader=password"]}"#;
const LINES_TO_ADD: &str = "peers:\n  cluster:\n    interface: ";
/// The same as a person reads them, below the hint that they are.
const LINES_SHOWN: &str =
    " hint: add to metadata.yaml:\n       peers:\n         cluster:\n           interface: ";
const SENTENCE: &str = "`charm::store` waits for leader data, which Juju 4 keeps in a peer relation, and the charm has no peer endpoint";

#[test]
fn a_charm_that_needs_a_peer_endpoint_is_told_the_three_lines_to_add() {
    let world = World::new();
    let waits = line("charm::store", WAITS);
    source(&world, "proof-one", &[waits], "");
    let ran = world.ensign(["proof", "proof-one"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    assert!(
        ran.out
            .contains("error[E301]: proof-one/metadata.yaml:1:1: "),
        "{}",
        ran.out
    );
    assert!(ran.out.contains(SENTENCE), "{}", ran.out);
    assert!(
        ran.out
            .contains(&format!("\n{LINES_SHOWN}proof-one-peers\n")),
        "{}",
        ran.out
    );
    assert!(
        ran.err.contains("error: 1 error in `proof-one`"),
        "{}",
        ran.err
    );

    let ran = world.ensign(["proof", "proof-one", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    let json = ran.json();
    let finding = json
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["code"] == "E301")
        .unwrap();
    assert_eq!(finding["level"], "error");
    assert_eq!(finding["file"], "proof-one/metadata.yaml");
    assert_eq!(finding["line"], 1);
    assert_eq!(finding["message"], SENTENCE);
    assert!(finding["hint"].as_str().unwrap().contains(LINES_TO_ADD));
}

#[test]
fn run_refuses_such_a_charm_on_juju_4_before_anything_starts() {
    let world = World::new();
    let waits = line("charm::store", WAITS);
    source(&world, "proof-two", &[waits], "");
    for arguments in [
        &["--juju", "4.0"][..],
        &["--juju", "3.6,4.0"],
        &["--do", "migrate 4.0"],
    ] {
        let error = world
            .ensign(
                ["run", "--no-machines", "proof-two"]
                    .iter()
                    .chain(arguments),
            )
            .failed(1);
        assert!(error.contains(SENTENCE), "{error}");
        assert!(error.contains("proof-two/metadata.yaml:1:1"), "{error}");
        assert!(error.contains(LINES_SHOWN), "{error}");
    }
    assert!(!world.path("home/models").exists(), "no model was made");
}

#[test]
fn a_built_charm_is_refused_in_the_same_words() {
    let world = World::new();
    let waits = line("charm::store", WAITS);
    source(&world, "proof-three", &[waits], "");
    world.ensign(["build", "proof-three", "-o", "out"]).good();
    let out = world.path("out");
    let charm = std::fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .find(|name| name.ends_with(".charm"))
        .unwrap();
    for named in ["out/proof-three".to_owned(), format!("out/{charm}")] {
        let ran = world.ensign(["proof", named.as_str()]);
        assert_eq!(ran.code, 1, "{ran:#?}");
        let place = format!("{named}/metadata.yaml:1:1: {SENTENCE}");
        assert!(ran.out.contains(&place), "{}", ran.out);
        let error = world
            .ensign(["run", "--no-machines", "--juju", "4.0", named.as_str()])
            .failed(1);
        assert!(error.contains(&place), "{error}");
    }
}

#[test]
fn mistakes_in_the_files_are_findings_with_codes() {
    let world = World::new();
    let dir = source(&world, "proof-four", &[], "");
    write(
        &dir.join("config.yaml"),
        "options:\n  port: {type: int, default: many}\n",
    );
    let ran = world.ensign(["proof", "proof-four", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    let json = ran.json();
    assert_eq!(json[0]["code"], "E102");
    assert_eq!(json[0]["file"], "proof-four/config.yaml");
    assert_eq!(json[0]["line"], 2);
}

#[test]
fn what_is_no_charm_is_an_error_and_no_archive_is_a_finding() {
    let world = World::new();
    std::fs::create_dir(world.path("empty")).unwrap();
    let error = world.ensign(["proof", "empty"]).failed(1);
    assert!(error.contains("`empty` is not a charm"), "{error}");
    write(&world.path("x.charm"), "hello");
    let ran = world.ensign(["proof", "x.charm", "--format", "json"]);
    assert_eq!(
        (ran.code, ran.json()[0]["code"].as_str()),
        (1, Some("E201")),
        "{ran:#?}"
    );
}

#[test]
fn the_flag_graph_of_a_charm_is_checked_with_the_lines_of_its_source() {
    let world = World::new();
    let waits = line(
        "charm::start",
        r#"{"kind":"when","args":["charm.instaled"]}"#,
    );
    let sets = line("charm::install", r#"{"kind":"hook","args":["install"]}"#)
        .replace(r#""sets":[]"#, r#""sets":["charm.installed"]"#);
    source(&world, "proof-five", &[waits, sets], "");
    let ran = world.ensign(["proof", "proof-five"]).good();
    assert!(
        ran.out
            .contains("warning[W401]: proof-five/src/main.rs:1:1: nobody sets `charm.instaled`"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("hint: did you mean `charm.installed`?"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.ends_with("\n1 warning\n") || ran.out.ends_with("\n2 warnings\n"),
        "{}",
        ran.out
    );
}

#[test]
fn a_handler_that_units_remember_is_missed_in_the_next_build() {
    let world = World::new();
    let once = |id: &str| {
        line(
            id,
            r#"{"kind":"only_once","args":[]},{"kind":"hook","args":["install"]}"#,
        )
    };
    source(&world, "proof-six", &[once("charm::set_up")], "");
    world.ensign(["build", "proof-six"]).good();
    world.ensign(["build", "proof-six", "-o", "old"]).good();
    source(&world, "proof-six", &[once("charm::setup")], "");
    for arguments in [
        &["proof", "proof-six"][..],
        &["proof", "proof-six", "--since", "old/proof-six"],
    ] {
        let ran = world.ensign(arguments).good();
        assert!(ran.out.contains("warning[W410]"), "{}", ran.out);
        assert!(
            ran.out.contains(r##"`#[was("charm::set_up")]`"##),
            "{}",
            ran.out
        );
    }
    world.ensign(["build", "proof-six"]).good();
    let ran = world.ensign(["proof", "proof-six"]).good();
    assert!(!ran.out.contains("W410"), "{}", ran.out);
}

#[test]
fn what_stops_a_build_is_a_finding_too() {
    let world = World::new();
    let twice = line("charm::a", r#"{"kind":"hook","args":["install"]}"#);
    source(&world, "proof-seven", &[twice.clone(), twice], "");
    let ran = world.ensign(["proof", "proof-seven", "--format", "json"]);
    assert_eq!(
        (ran.code, ran.json()[0]["code"].as_str()),
        (1, Some("E409")),
        "{ran:#?}"
    );
    assert_eq!(ran.json()[0]["line"], 1);

    let dir = source(&world, "proof-eight", &[], "");
    write(&dir.join(".unit-state.db"), "x");
    let ran = world.ensign(["proof", "proof-eight", "--format", "json"]);
    assert_eq!(
        (ran.code, ran.json()[0]["code"].as_str()),
        (1, Some("E202")),
        "{ran:#?}"
    );
    assert_eq!(ran.json()[0]["file"], "proof-eight/.unit-state.db");

    let error = {
        write(&dir.join("src/main.rs"), "fn main() { no }\n");
        std::fs::remove_file(dir.join(".unit-state.db")).unwrap();
        world.ensign(["proof", "proof-eight"]).failed(1)
    };
    assert!(
        error.contains("cargo could not build `proof-eight`"),
        "{error}"
    );
}

#[test]
fn a_mistake_in_a_layer_is_shown_where_the_layer_is() {
    let world = World::new();
    let dir = source(&world, "proof-nine", &[], "");
    write(&dir.join("layer.yaml"), "includes: ['layer:web']\n");
    let layer = world.path("layers/web");
    write(&layer.join("layer.yaml"), "includes: ['layer:basic']\n");
    write(
        &layer.join("metadata.yaml"),
        "provides:\n  web: {interface: http}\npeers:\n  a: {interface: x}\n  b: {interface: x}\n",
    );
    let script = layer.join("reactive/web.sh");
    write(
        &script,
        "#!/bin/bash\nsource charms.reactive.sh\n@when 'config.set.prot'\nfunction f() {\n  leader_get x\n}\nreactive_handler_main\n",
    );
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = world.command();
    command.env("CHARM_LAYERS_DIR", world.path("layers"));
    let ran = Ran::of(
        command
            .args(["proof", "proof-nine", "--format", "json"])
            .output()
            .unwrap(),
    );
    assert_eq!(ran.code, 1, "{ran:#?}");
    let json = ran.json();
    let found = |code: &str| {
        let all = json.as_array().unwrap();
        let one = all.iter().find(|finding| finding["code"] == code);
        let one = one.unwrap_or_else(|| panic!("no {code}: {json:#}"));
        (
            one["file"].as_str().unwrap().to_owned(),
            one["line"].as_u64().unwrap(),
        )
    };
    assert_eq!(found("E406"), (script.to_str().unwrap().to_owned(), 4));
    let metadata = layer.join("metadata.yaml");
    assert_eq!(found("E302"), (metadata.to_str().unwrap().to_owned(), 3));
}
