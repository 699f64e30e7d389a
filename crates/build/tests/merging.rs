//! Whatever the layers say: nothing is lost in silence, and nothing makes the build panic.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ensign_build::yaml::{Source, parse};
use ensign_build::{Findings, Paths, describe_layers};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;

use crate::charm::METADATA;

/// A charm `top` over the layers `base` and `middle`.
fn stack(write: &dyn Fn(&Path)) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("charm/metadata.yaml", METADATA),
        ("charm/layer.yaml", "includes: ['layer:middle']\n"),
        ("layers/middle/layer.yaml", "includes: ['layer:base']\n"),
        ("layers/base/layer.yaml", ""),
    ] {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    write(dir.path());
    dir
}

fn paths(dir: &Path) -> Paths {
    Paths::of(&dir.join("layers"), &dir.join("interfaces"))
}

/// Values in which keys meet often.
fn value() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        (0..3_i64).prop_map(Json::from),
        "[a-c]{0,2}|yes|1\\.10|010|~|: |#x|- y|é\t".prop_map(Json::from),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            map(inner),
        ]
    })
}

fn map(inner: impl Strategy<Value = Json>) -> impl Strategy<Value = Json> {
    prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| {
        let map: Map<String, Json> = map.into_iter().collect();
        Json::Object(map)
    })
}

/// Every value that is no mapping or list, and every item of a list, by the keys that lead to it.
fn leaves(value: &Json, path: &[String], found: &mut Vec<(Vec<String>, Json)>) {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                leaves(value, &[path, std::slice::from_ref(key)].concat(), found);
            }
        }
        Json::Array(items) => {
            for item in items {
                found.push((path.to_vec(), json!([item])));
            }
        }
        _ => found.push((path.to_vec(), value.clone())),
    }
}

fn holds(merged: &Json, path: &[String], leaf: &Json) -> bool {
    let mut at = merged;
    for key in path {
        match at.get(key) {
            Some(next) => at = next,
            None => return false,
        }
    }
    match (at, leaf) {
        (Json::Array(items), Json::Array(one)) => items.contains(&one[0]),
        _ => at == leaf,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_layer_says_is_in_the_charm_or_a_warning_says_where_it_went(
        base in map(value()), middle in map(value()), top in map(value()),
    ) {
        let all = [("layers/base", &base), ("layers/middle", &middle), ("charm", &top)];
        let dir = stack(&|dir| {
            for (folder, value) in all {
                fs::write(dir.join(folder).join("actions.yaml"), value.to_string()).unwrap();
            }
        });
        let mut findings = Findings::default();
        let charm = describe_layers(&dir.path().join("charm"), &paths(dir.path()), &mut findings).unwrap();
        let (path, text) = charm.files["actions.yaml"].clone();
        let merged = parse(&Source { path, text }).unwrap().to_json();
        let said: Vec<String> = findings.sorted().into_iter().map(|f| f.message).collect();
        for (folder, value) in all {
            let mut found = Vec::new();
            leaves(value, &[], &mut found);
            for (path, leaf) in found {
                // An empty value gives way to any other.
                if leaf.is_null() && folder != "charm" {
                    continue;
                }
                let told = (1..=path.len()).any(|n| {
                    let key = path[..n].join(".");
                    said.iter().any(|message| message.starts_with(&format!("`{key}` is ")))
                });
                prop_assert!(
                    holds(&merged, &path, &leaf) || told && folder != "charm",
                    "{leaf} at {path:?} of {folder} is gone from {merged}; said: {said:#?}"
                );
            }
        }
        // Every key knows its layer, and it is one that has the key.
        for origin in charm.origins.iter().filter(|origin| origin.file == "actions.yaml") {
            let text = fs::read_to_string(&origin.source).unwrap();
            prop_assert!(origin.line >= 1 && origin.line <= text.lines().count().max(1));
        }
    }

    #[test]
    fn merging_a_layer_with_nothing_changes_nothing(base in map(value())) {
        let dir = stack(&|dir| {
            fs::write(dir.join("layers/base/actions.yaml"), base.to_string()).unwrap();
            fs::write(dir.join("charm/actions.yaml"), "{}").unwrap();
        });
        let mut findings = Findings::default();
        let charm = describe_layers(&dir.path().join("charm"), &paths(dir.path()), &mut findings).unwrap();
        let (path, text) = charm.files["actions.yaml"].clone();
        prop_assert_eq!(parse(&Source { path, text }).unwrap().to_json(), base);
    }

    #[test]
    fn no_files_of_layers_make_the_build_panic(
        files in prop::collection::btree_map(
            prop::sample::select(vec![
                "layers/base/layer.yaml", "layers/base/metadata.yaml", "layers/base/config.yaml",
                "layers/base/charmcraft.yaml", "layers/base/manifest.yaml", "layers/middle/layer.yaml",
                "layers/middle/config.yaml", "charm/layer.yaml", "charm/charmcraft.yaml", "charm/config.yaml",
            ]),
            text(), 1..5,
        ),
    ) {
        let dir = stack(&|dir| write(dir, &files));
        let mut findings = Findings::default();
        // A pattern may be none: that is an error and no finding.
        let _ = describe_layers(&dir.path().join("charm"), &paths(dir.path()), &mut findings);
        for finding in findings.sorted() {
            prop_assert!(finding.to_string().contains(&finding.message));
        }
    }
}

fn write(dir: &Path, files: &BTreeMap<&str, String>) {
    for (path, text) in files {
        fs::write(dir.join(path), text).unwrap();
    }
}

/// Pieces of the files that layers have, put together at random.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "includes:",
        "options:",
        "defines:",
        "ignore:",
        "exclude:",
        "deletes:",
        "metadata:",
        "config:",
        "actions:",
        "name:",
        "bases:",
        "base:",
        "platforms:",
        "links:",
        "run-on:",
        "provides:",
        "series:",
        "maintainers:",
        " 'layer:base'",
        " 'layer:middle'",
        " 'interface:x'",
        " [",
        "]",
        " {",
        "}",
        "\n",
        "\n  ",
        "\n- ",
        "\n  - ",
        ",",
        " a",
        " a: 1",
        " a.b",
        " ''",
        " ~",
        " ubuntu@22.04",
        " x@",
        " *a",
        " &a",
        " 1",
        " !",
        "/",
        "\\",
        " é",
        " type: object",
        " default: 1",
        " properties: {a: {default: 2}}",
        " $ref: '#'",
        " pattern: '('",
        "<<: ",
    ]);
    prop_oneof![
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat()),
        any::<String>(),
    ]
}
