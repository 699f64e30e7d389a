//! A charm of three layers, one of them bash, and an interface layer: built, packed, deployed and settled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

use crate::tool::{Ran, World, write};

fn layered(world: &World, arguments: &[&str]) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/layered");
    let mut command = world.command();
    command
        .args(arguments)
        .arg(folder.join("charm"))
        .env("LAYER_PATH", folder.join("layers"))
        .env_remove("CHARM_LAYERS_DIR");
    command
}

#[test]
fn a_charm_of_several_layers_settles_with_the_handlers_of_all() {
    let world = World::new();
    let arguments = ["run", "--no-machines", "--units", "2", "--timeout=2m"];
    let mut command = layered(&world, &arguments);
    command.args(["--juju", "3.6", "--format", "json", "--do"]);
    let json = Ran::of(command.arg("action board/0 where").output().unwrap())
        .good()
        .json();
    let model = &json[0];
    assert_eq!(model["settled"], true);
    let units = model["units"].as_array().unwrap();
    assert_eq!(units.len(), 2);
    for unit in units {
        let flags: Vec<&str> = unit["flags"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Json::as_str)
            .collect();
        for flag in [
            "board.announced",
            "motd.written",
            "notice.linked",
            "noticeboard.ready",
        ] {
            assert!(flags.contains(&flag), "{flag}: {flags:?}");
        }
        // It says what the bash layer has rendered from its template.
        let message = unit["workload"]["message"].as_str().unwrap();
        let name = unit["unit"].as_str().unwrap();
        assert!(message.starts_with(&format!("the notice hangs: {name} says in 2")));
        assert!(message.ends_with(": Wet paint"), "{message}");
    }
}

#[test]
fn it_packs_to_the_same_bytes_whoever_builds_it_and_its_archive_deploys() {
    let world = World::new();
    let build = |out: &str| {
        let ran = Ran::of(
            layered(&world, &["build", "--strict", "-o", out])
                .output()
                .unwrap(),
        );
        let ran = ran.good();
        PathBuf::from(ran.out.lines().nth(1).unwrap())
    };
    let (first, second) = (build("one"), build("two"));
    let read = |path: &Path| fs::read(world.path(path.to_str().unwrap())).unwrap();
    assert!(read(&first) == read(&second), "the archives differ");
    // Whoever never unwinds carries nothing that could.
    let program = fs::read(world.path("one/board/dispatch")).unwrap();
    let carries = |text: &[u8]| program.windows(text.len()).any(|window| window == text);
    assert!(carries(b"leadership.is_leader") && !carries(b"libunwind: "));
    let file = |name: &str| fs::read_to_string(world.path("one/board").join(name)).unwrap();
    let manifest: Json = serde_json::from_str(&file(".build.manifest")).unwrap();
    let layers: Vec<&str> = manifest["layers"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|layer| layer["url"].as_str())
        .collect();
    let order = [
        "interface:notice",
        "layer:basic",
        "layer:templates",
        "layer:noticeboard",
        "layer:motd",
        "board",
    ];
    assert_eq!(layers, order);
    assert_eq!(
        manifest["keys"]["config.yaml"]["options.motd.type"],
        "layer:motd"
    );
    assert_eq!(
        manifest["keys"]["config.yaml"]["options.motd.default"],
        "board"
    );
    assert_eq!(manifest["signatures"]["reactive/motd.sh"][0], "layer:motd");
    assert_eq!(
        file("copyright.layer-motd"),
        "The layer is in the public domain.\n"
    );
    let proof = world
        .ensign(["proof", first.to_str().unwrap(), "--format", "json"])
        .json();
    let errors = proof
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["level"] == "error");
    assert_eq!(errors.count(), 0, "{proof}");
    let arguments = [
        "run",
        "--no-machines",
        "--timeout=2m",
        first.to_str().unwrap(),
    ];
    let ran = world.ensign(arguments).good();
    assert!(ran.out.contains("the notice hangs"), "{}", ran.out);
}

#[test]
fn a_charm_without_rust_gets_a_program_of_its_layers() {
    let world = World::new();
    for (path, text) in [
        (
            "shelly/metadata.yaml",
            "name: shelly\nsummary: s\ndescription: d\n",
        ),
        ("shelly/layer.yaml", "includes: ['layer:greeting']\n"),
        ("layers/greeting/layer.yaml", "includes: ['layer:basic']\n"),
        (
            "layers/greeting/reactive/greeting.sh",
            "#!/bin/bash\nsource charms.reactive.sh\n@when_not 'greeting.said'\nfunction say() {\n    \
             status-set active 'good morning'\n    set_flag greeting.said\n}\nreactive_handler_main\n",
        ),
    ] {
        write(&world.path(path), text);
    }
    let mut command = world.command();
    command
        .args(["run", "--no-machines", "--timeout=2m", "shelly"])
        .env("LAYER_PATH", world.path("layers"));
    let ran = Ran::of(command.output().unwrap()).good();
    assert!(ran.out.contains("good morning"), "{}", ran.out);
    assert!(ran.out.contains("settled on Juju 3.6"), "{}", ran.out);
}
