//! How the files of all layers become one charm's.

use super::*;

#[test]
fn files_are_replaced_left_out_and_kept_by_the_rules() {
    let charm = Layered::new("'layer:base', 'layer:middle'");
    for (path, text) in [
        ("layers/base/README.md", "base"),
        ("layers/base/copyright", "base"),
        ("layers/base/templates/a.conf", "base"),
        ("layers/base/templates/b.conf", "base"),
        ("layers/base/docs/x", "base"),
        ("layers/base/secret.txt", "base"),
        ("layers/base/lib/only.sh", "base"),
        ("layers/base/hooks/hook.template", "python"),
        ("layers/base/wheelhouse.txt", "six"),
        (
            "layers/middle/layer.yaml",
            "ignore: [docs]\nexclude: [secret.txt]\n",
        ),
        ("layers/middle/docs/y", "middle"),
        ("layers/middle/secret.txt", "middle"),
        ("layers/middle/copyright", "middle"),
    ] {
        charm.write(path, text);
    }
    charm.charm.write("README.md", "tiny");
    charm.charm.write("copyright", "tiny");
    charm.charm.write("templates/a.conf", "tiny");
    let built = charm.build();
    let all = files(&built.dir);
    for (path, text) in [
        ("README.md", "tiny"),
        ("copyright", "tiny"),
        ("copyright.layer-base", "base"),
        ("copyright.layer-middle", "middle"),
        ("templates/a.conf", "tiny"),
        ("templates/b.conf", "base"),
        ("secret.txt", "base"),
        ("docs/y", "middle"),
        ("lib/only.sh", "base"),
    ] {
        assert_eq!(
            fs::read_to_string(built.dir.join(path)).unwrap(),
            text,
            "{path}"
        );
    }
    for path in [
        "docs/x",
        "hooks/hook.template",
        "wheelhouse.txt",
        "layer.lock",
    ] {
        assert!(!all.contains(&path.to_owned()), "{path}");
    }
    let signatures = &charm.manifest(&built.dir)["signatures"];
    assert_eq!(signatures["templates/b.conf"][0], "layer:base");
    assert_eq!(signatures["copyright.layer-middle"][0], "layer:middle");
    // A template that was replaced may be an accident; a README never is.
    let about = about_layers(built.warnings);
    let about: Vec<_> = about.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(about.len(), 1, "{about:?}");
    assert!(
        about[0].contains("`templates/a.conf` of `tiny`"),
        "{about:?}"
    );
}

#[test]
fn a_file_and_a_folder_of_one_name_are_a_mistake() {
    let charm = Layered::new("'layer:base'");
    charm.write("layers/base/lib", "a file");
    charm.charm.write("lib/x", "");
    assert!(
        charm
            .error()
            .to_string()
            .contains("a file of `layer:base` and a folder of `tiny`")
    );
}

#[test]
fn an_interface_layers_files_go_where_scripts_look_for_them() {
    let charm = Layered::new("'interface:http', 'interface:sql'");
    let endpoint = format!("{METADATA}requires:\n  web: http\n");
    charm.charm.write("metadata.yaml", &endpoint);
    charm.write("interfaces/sql/interface.yaml", "");
    charm.write(
        "interfaces/http/interface.yaml",
        "name: http\nignore: [tests]\n",
    );
    charm.write("interfaces/http/http.sh", "#!/bin/bash\n");
    charm.write("interfaces/http/provides.py", "");
    charm.write("interfaces/http/docs/x.md", "");
    let built = charm.build();
    let all = files(&built.dir);
    for path in [
        "hooks/relations/http/http.sh",
        "hooks/relations/http/docs/x.md",
    ] {
        assert!(all.contains(&path.to_owned()), "{path}: {all:?}");
    }
    assert!(!all.iter().any(|path| path.ends_with("interface.yaml")));
    assert_eq!(mode(&built.dir.join("hooks/relations/http/http.sh")), 0o755);
    assert!(!all.iter().any(|path| path.contains("relations/sql")));
    let warnings = about_layers(built.warnings);
    for part in [
        "is Python",
        "no endpoint in `metadata.yaml` has the interface `sql`",
    ] {
        assert!(
            warnings.iter().any(|w| w.message.contains(part)),
            "{part}: {warnings:?}"
        );
    }
}

#[test]
fn a_layer_in_a_folder_is_locked_by_what_it_holds() {
    let charm = Layered::new("'layer:base'");
    charm.write("layers/base/a.txt", "one");
    let release = Options {
        purpose: ensign_build::Purpose::Release,
        ..charm.options()
    };
    build(&release, &mut |_| {}).unwrap();
    let lock = charm.charm.path().join("layer.lock");
    let first = fs::read_to_string(&lock).unwrap();
    assert!(first.contains("layer:base"), "{first}");
    assert!(!first.contains(charm.shelf.path().to_str().unwrap()));
    charm.write("layers/base/a.txt", "two");
    let error = build(&release, &mut |_| {}).unwrap_err();
    assert!(matches!(&error, Error::Locked { .. }), "{error}");
    // A local model takes layers as they are.
    charm.build();
    assert_eq!(fs::read_to_string(&lock).unwrap(), first);
    let update = Options {
        update: true,
        ..release.clone()
    };
    build(&update, &mut |_| {}).unwrap();
    build(&release, &mut |_| {}).unwrap();
}

#[test]
fn two_places_give_the_same_bytes() {
    let make = || {
        let charm = Layered {
            charm: Charm::of_package("layered-twice"),
            shelf: tempfile::tempdir().unwrap(),
        };
        charm
            .charm
            .write("layer.yaml", "includes: ['layer:base', 'interface:http']\n");
        charm.write("layers/base/layer.yaml", "defines: {a: {default: 1}}\n");
        charm.write("layers/base/config.yaml", "options: {a: {type: int}}\n");
        charm.write("layers/base/reactive/base.sh", "#!/bin/bash\n");
        charm.write("interfaces/http/interface.yaml", "name: http\n");
        charm
            .charm
            .write("config.yaml", "options: {b: {type: int}}\n");
        let endpoint = format!("{METADATA}requires: {{web: http}}\n");
        charm.charm.write("metadata.yaml", &endpoint);
        let built = charm.build();
        (fs::read(built.charm.unwrap()).unwrap(), charm)
    };
    let (first, _keep) = make();
    let (second, _keep) = make();
    assert!(first == second, "the archives differ");
}

#[test]
fn charmcraft_yaml_is_a_source_like_the_others() {
    let charm = Charm::new();
    fs::remove_file(charm.path().join("metadata.yaml")).unwrap();
    charm.write(
        "charmcraft.yaml",
        "name: crafted\ntype: charm\ntitle: Crafted\nsummary: s\ndescription: d\nbase: ubuntu@24.04\nplatforms: {amd64: null}\n\
         parts: {charm: {plugin: nil}}\nlinks: {website: 'https://x', contact: Me}\nrequires:\n  db: {interface: sql}\n\
         config:\n  options:\n    port: {type: int, default: 80}\nactions:\n  dump:\n    description: Dump it\n",
    );
    charm.write("actions.yaml", "load: {}\n");
    let built = charm.build();
    assert_eq!(built.name, "crafted");
    assert_eq!(built.base.version(), "24.04");
    let metadata = fs::read_to_string(built.dir.join("metadata.yaml")).unwrap();
    for part in [
        "display-name: Crafted",
        "website: https://x",
        "maintainers:\n- Me",
        "interface: sql",
    ] {
        assert!(metadata.contains(part), "{part}: {metadata}");
    }
    assert!(
        !metadata.contains("parts") && !metadata.contains("options"),
        "{metadata}"
    );
    let actions = fs::read_to_string(built.dir.join("actions.yaml")).unwrap();
    assert!(
        actions.contains("dump:") && actions.contains("load:"),
        "{actions}"
    );
    assert!(
        fs::read_to_string(built.dir.join("config.yaml"))
            .unwrap()
            .contains("default: 80")
    );
}
