//! What a build writes, and what it refuses to write.

use std::fs;
use std::os::unix::fs::symlink;

use ensign_build::{Error, Options, Package, build};

use crate::charm::{Charm, METADATA, files, mode};

#[test]
fn the_directory_has_what_juju_and_the_charm_need() {
    let charm = Charm::new();
    charm.write(
        "config.yaml",
        "options:\n  port: {type: int, default: 80}\n",
    );
    charm.write("actions.yaml", "dump: {}\n");
    charm.write("layer.yaml", "includes: ['layer:leadership']\n");
    charm.write("icon.svg", "<svg/>");
    charm.executable("reactive/extra.sh", "#!/bin/bash\n");
    charm.write("reactive/tiny.rs", "");
    charm.write("actions/dump", "#!/bin/sh\n");
    charm.write("notes~", "");
    let built = charm.build();
    assert_eq!(
        files(&built.dir),
        [
            ".build.manifest",
            "actions.yaml",
            "actions/dump",
            "bin/charms.reactive",
            "bin/charms.reactive.sh",
            "bin/ensign.json",
            "config.yaml",
            "dispatch",
            "icon.svg",
            "layer.yaml",
            "manifest.yaml",
            "metadata.yaml",
            "reactive/extra.sh",
        ]
    );
    assert_eq!(mode(&built.dir.join("dispatch")), 0o755);
    assert_eq!(mode(&built.dir.join("reactive/extra.sh")), 0o755);
    assert_eq!(
        mode(&built.dir.join("actions/dump")),
        0o755,
        "Juju does not mend it"
    );
    assert_eq!(mode(&built.dir.join("icon.svg")), 0o644);
    assert_eq!(
        fs::read_link(built.dir.join("bin/charms.reactive"))
            .unwrap()
            .to_str(),
        Some("../dispatch")
    );
    assert_eq!(
        fs::read_to_string(built.dir.join("metadata.yaml")).unwrap(),
        METADATA
    );
    let manifest = fs::read_to_string(built.dir.join("manifest.yaml")).unwrap();
    assert!(
        manifest.contains("name: ubuntu\n  channel: \"22.04/stable\"\n"),
        "{manifest}"
    );
    assert_eq!(
        built.bytes,
        fs::metadata(built.dir.join("dispatch")).unwrap().len()
    );
}

#[test]
fn the_charms_program_finds_its_data_beside_it() {
    let charm = Charm::new();
    charm.write("layer.yaml", "options: {leadership: {backend: peer, peer: cluster}, tiny: {size: 3}}\ndefines: {size: {type: integer}, port: {default: 80}}\n");
    charm.write(
        "config.yaml",
        "options:\n  port: {type: int, default: 80}\n",
    );
    let built = charm.build();
    let text = fs::read_to_string(built.dir.join("bin/ensign.json")).unwrap();
    let data: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(data["schema"], 1);
    assert_eq!(data["name"], "tiny");
    assert_eq!(data["build"], built.id.as_str());
    assert_eq!(
        data["options"]["leadership"],
        serde_json::json!({
            "backend": "peer", "peer": "cluster", "secret": [], "rotate": "", "expire": "",
        })
    );
    assert_eq!(
        data["options"]["tiny"],
        serde_json::json!({"port": 80, "size": 3})
    );
    assert_eq!(
        data["metadata"]["peers"]["cluster"]["interface"],
        "tiny-peers"
    );
    assert_eq!(
        data["config"]["port"],
        serde_json::json!({"type": "int", "default": 80})
    );
    let layer = fs::read_to_string(built.dir.join("layer.yaml")).unwrap();
    assert!(
        layer.contains("port: 80"),
        "defaults are filled in: {layer}"
    );
}

#[test]
fn every_file_has_its_layer_and_digest_in_the_manifest() {
    let charm = Charm::new();
    charm.write("copyright", "me\n");
    let built = charm.build();
    let text = fs::read_to_string(built.dir.join(".build.manifest")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut signed: Vec<&str> = manifest["signatures"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    signed.push(".build.manifest");
    signed.sort_unstable();
    assert_eq!(files(&built.dir), signed);
    // printf 'me\n' | sha256sum
    let digest = "355f5c09a49a179a7cbbe23ff268fc69a299c9f17ad74de7fe0e4694dd507193";
    assert_eq!(manifest["signatures"]["copyright"][0], "tiny");
    assert_eq!(manifest["signatures"]["copyright"][1], "static");
    assert_eq!(manifest["signatures"]["copyright"][2], digest);
    assert!(
        !text.contains(charm.path().to_str().unwrap()),
        "the author's folder is nobody's business"
    );
}

#[test]
fn two_folders_with_one_content_give_the_same_bytes() {
    let make = || {
        let charm = Charm::of_package("one-of-two");
        charm.write("b.txt", "b");
        charm.write("a/c.txt", "c");
        charm.executable("x.sh", "#!/bin/sh\n");
        symlink("a/c.txt", charm.path().join("link")).unwrap();
        let built = charm.build();
        (fs::read(built.charm.unwrap()).unwrap(), built.id, charm)
    };
    let (first, id, _keep) = make();
    let (second, same, other) = make();
    assert_eq!(id, same);
    assert!(first == second, "the archives differ");
    other.write("b.txt", "changed");
    assert_ne!(other.build().id, id);
}

#[test]
fn the_state_of_a_unit_is_refused_wherever_it_lies() {
    for path in [
        ".ensign/state",
        "deep/down/.unit-state.db",
        ".juju-persistent-config",
    ] {
        let charm = Charm::new();
        charm.write(path, "{}");
        let error = charm.error();
        assert!(matches!(error, Error::UnitState(_)), "{path}: {error}");
        assert!(error.hint().unwrap().contains("delete"));
        assert!(!charm.out().exists());
    }
}

#[test]
fn links_out_of_the_charm_are_refused() {
    for target in ["/etc/passwd", "../../secret", "a/../../x"] {
        let charm = Charm::new();
        symlink(target, charm.path().join("link")).unwrap();
        assert!(matches!(charm.error(), Error::BadEntry { .. }), "{target}");
    }
}

#[test]
fn a_pipe_in_the_charm_is_refused() {
    let charm = Charm::new();
    let made = std::process::Command::new("mkfifo")
        .arg(charm.path().join("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    assert!(
        charm
            .error()
            .to_string()
            .contains("no file, folder or link")
    );
}

#[test]
fn a_folder_that_no_build_wrote_is_not_replaced() {
    let charm = Charm::new();
    let out = tempfile::tempdir().unwrap();
    fs::create_dir(out.path().join("tiny")).unwrap();
    fs::write(out.path().join("tiny/precious"), "").unwrap();
    let options = Options {
        out: Some(out.path().to_owned()),
        ..charm.options()
    };
    let error = build(&options, &mut |_| {}).unwrap_err();
    assert!(matches!(error, Error::Foreign(_)), "{error}");
    assert!(out.path().join("tiny/precious").exists());
}

#[test]
fn the_charms_own_folder_is_never_the_output() {
    let out = tempfile::tempdir().unwrap();
    let charm = Charm::new();
    let place = out.path().join("tiny");
    fs::rename(charm.path(), &place).unwrap();
    fs::write(place.join(".build.manifest"), "{}").unwrap();
    let options = Options {
        dir: place.clone(),
        out: Some(out.path().to_owned()),
        ..charm.options()
    };
    assert!(matches!(
        build(&options, &mut |_| {}).unwrap_err(),
        Error::Foreign(_)
    ));
    assert!(place.join("src/main.rs").exists());
    fs::create_dir(charm.path()).unwrap();
}

#[test]
fn without_a_place_the_charm_goes_to_the_target_folder() {
    let charm = Charm::new();
    let options = Options {
        out: None,
        ..charm.options()
    };
    let built = build(&options, &mut |_| {}).unwrap();
    let target = Package::find(charm.path()).unwrap().unwrap().target_dir;
    assert_eq!(built.dir, target.join("ensign/run/tiny"));
    assert_eq!(
        built.charm.unwrap().parent(),
        Some(target.join("ensign/run").as_path())
    );
}

#[test]
fn an_output_inside_the_charm_is_not_packed_again() {
    let charm = Charm::new();
    charm.build();
    let built = charm.build();
    assert!(!files(&built.dir).iter().any(|path| path.starts_with("out")));
}

#[test]
fn what_another_build_wrote_into_the_charm_is_not_packed_either() {
    let charm = Charm::new();
    charm.write("elsewhere/tiny/.build.manifest", "{}");
    charm.write("elsewhere/tiny/dispatch", "#!/bin/sh\n");
    charm.write("elsewhere/kept", "");
    let built = charm.build();
    let inside: Vec<_> = files(&built.dir)
        .into_iter()
        .filter(|file| file.starts_with("elsewhere"))
        .collect();
    assert_eq!(inside, ["elsewhere/kept"]);
    assert!(
        built
            .notes
            .contains(&"`elsewhere/tiny` stays out of the charm: a build wrote it".to_owned()),
        "{:?}",
        built.notes
    );
}

#[test]
fn what_juju_and_layer_yaml_leave_out_is_left_out() {
    let charm = Charm::new();
    charm.write("layer.yaml", "exclude: ['*.md', docs/]\n");
    charm.write(".jujuignore", "*.log\n");
    for path in [
        "README.md",
        "docs/a.txt",
        "x.log",
        "build/y",
        "version",
        "sub/.git/config",
        "target/z",
        "keep.txt",
    ] {
        charm.write(path, "");
    }
    let built = charm.build();
    let all = files(&built.dir);
    assert!(all.contains(&"keep.txt".to_owned()));
    for gone in [
        "README.md",
        "docs/a.txt",
        "x.log",
        "build/y",
        "version",
        "sub/.git/config",
        "target/z",
        ".jujuignore",
    ] {
        assert!(!all.contains(&gone.to_owned()), "{gone}");
    }
    assert_eq!(
        built.notes.len(),
        1,
        "`build` is worth a word: {:?}",
        built.notes
    );
}

#[test]
fn a_file_that_the_build_makes_cannot_be_the_authors() {
    let charm = Charm::new();
    charm.executable("dispatch", "#!/bin/sh\n");
    assert!(charm.error().to_string().contains("`dispatch`"));
}

#[test]
fn the_bases_of_the_charm_name_the_archive() {
    let charm = Charm::new();
    charm.write(
        "manifest.yaml",
        "bases:\n- {name: ubuntu, channel: '24.04'}\n- {name: ubuntu, channel: '22.04'}\n",
    );
    let built = charm.build();
    let name = built
        .charm
        .unwrap()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        name.starts_with("tiny_ubuntu-24.04-") && name.ends_with(".charm"),
        "{name}"
    );
}

#[test]
fn series_become_bases_since_juju_takes_only_one_of_the_two() {
    let charm = Charm::new();
    charm.write(
        "metadata.yaml",
        &format!("{METADATA}series: [focal, jammy]\n"),
    );
    let built = charm.build();
    assert!(
        !fs::read_to_string(built.dir.join("metadata.yaml"))
            .unwrap()
            .contains("series")
    );
    let manifest = fs::read_to_string(built.dir.join("manifest.yaml")).unwrap();
    assert!(
        manifest.contains("20.04") && manifest.contains("22.04"),
        "{manifest}"
    );
}

#[test]
fn only_yaml_changed_means_nothing_is_compiled() {
    let charm = Charm::new();
    charm.build();
    charm.write("metadata.yaml", &METADATA.replace("Tiny", "Tinier"));
    assert!(charm.build().fresh);
}

#[test]
fn a_compiler_error_leaves_the_last_build_in_place() {
    let charm = Charm::new();
    let built = charm.build();
    charm.write("src/main.rs", "fn main() { let }\n");
    assert!(matches!(charm.error(), Error::Compile { .. }));
    assert!(built.dir.join("dispatch").is_file() && built.charm.unwrap().is_file());
}

#[test]
fn what_is_registered_in_the_binary_is_read_without_running_it() {
    let charm = Charm::new();
    let line = r#"{"schema":1,"kind":"handler","id":"tiny::a","file":"x.rs","line":1}"#;
    let statics = |name: &str| {
        let text = format!("{line}\n");
        format!(
            "#[used] #[link_section = \".ensign\"] static {name}: [u8; {}] = *b{text:?};\n",
            text.len()
        )
    };
    charm.write("src/main.rs", &format!("{}fn main() {{}}\n", statics("A")));
    let built = charm.build();
    assert_eq!(built.registry.handlers[0].id, "tiny::a");
    charm.write(
        "src/main.rs",
        &format!("{}{}fn main() {{}}\n", statics("A"), statics("B")),
    );
    assert!(matches!(charm.error(), Error::DuplicateId { .. }));
}
