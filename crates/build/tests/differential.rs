//! What the layers of the trees in `layered/` merge to, beside what `charm build` of charm-tools made of them.
//!
//! Each `expected.json` was recorded from charm-tools by `scripts/charm-tools`, which also tells when charm-tools no
//! longer says so. Where Ensign differs it does so on purpose, and the list below says how and why.

use std::fs;
use std::path::{Path, PathBuf};

use ensign_build::contents::contents;
use ensign_build::yaml::{Source, parse};
use ensign_build::{Findings, Paths, describe_layers};
use serde_json::{Map, Value as Json, json};

/// One value that differs; none where one of the two has no such key.
struct Difference {
    tree: &'static str,
    keys: &'static [&'static str],
    theirs: Option<Json>,
    ours: Option<Json>,
    why: &'static str,
}

fn differences() -> Vec<Difference> {
    let of = |tree, keys, theirs, ours, why| Difference {
        tree,
        keys,
        theirs,
        ours,
        why,
    };
    vec![
        of(
            "deletes",
            &["metadata.yaml", "requires", "queue"],
            Some(json!({"interface": "amqp"})),
            None,
            "`deletes` of every layer count; charm-tools forgets those below the highest layer that has any",
        ),
        of(
            "deletes",
            &["metadata.yaml", "requires", "cache"],
            None,
            Some(json!({"interface": "memcached"})),
            "`deletes` takes out what lies below, never what the layer says itself",
        ),
        of(
            "files",
            &["files", "old/one"],
            Some(json!("layer:root")),
            None,
            "`ignore` reaches all layers below; in charm-tools only the next one",
        ),
        of(
            "interfaces",
            &["files", "hooks/relations/http/__init__.py"],
            Some(json!("interface:http")),
            None,
            "the unit has no Python",
        ),
        of(
            "interfaces",
            &["files", "hooks/relations/sql/__init__.py"],
            Some(json!("interface:sql")),
            None,
            "the unit has no Python",
        ),
        of(
            "interfaces",
            &["files", "hooks/relations/http/interface.yaml"],
            Some(json!("interface:http")),
            None,
            "an input of the build",
        ),
        of(
            "interfaces",
            &["files", "hooks/relations/sql/interface.yaml"],
            Some(json!("interface:sql")),
            None,
            "an input of the build",
        ),
        of(
            "scalars",
            &["config.yaml", "options", "old", "default"],
            Some(json!("yes")),
            Some(json!(true)),
            "a word that Juju takes for a truth value stays one",
        ),
    ]
}

fn trees() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layered");
    let mut all: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    all
}

/// The YAML files that Ensign merges, and the layers of the files that it copies.
fn merged(tree: &Path) -> Json {
    let paths = Paths::of(&tree.join("layers"), &tree.join("interfaces"));
    let mut findings = Findings::default();
    let charm = describe_layers(&tree.join("charm"), &paths, &mut findings).unwrap();
    assert!(!findings.has_errors(), "{:#?}", findings.sorted());
    let mut all = Map::new();
    for (name, (path, text)) in &charm.files {
        let source = Source {
            path: path.clone(),
            text: text.clone(),
        };
        all.insert(name.clone(), parse(&source).unwrap().to_json());
    }
    // Juju takes series or bases, so they became bases.
    let metadata = all["metadata.yaml"].as_object_mut().unwrap();
    assert!(!metadata.contains_key("series"));
    metadata.insert("series".into(), json!(charm.metadata.series));
    assert_eq!(charm.bases.len(), charm.metadata.series.len());
    // The layers that come with Ensign have their options in every charm.
    let options = all["layer.yaml"]["options"].as_object_mut().unwrap();
    let leadership = options.remove("leadership").unwrap();
    assert_eq!(
        leadership,
        json!({"backend": "auto", "peer": "", "secret": [], "rotate": "", "expire": ""})
    );
    let contents = contents(&tree.join("charm"), &paths).unwrap();
    let copied = contents
        .files
        .iter()
        .filter(|file| !charm.files.contains_key(&file.path))
        .map(|file| (file.path.clone(), json!(file.layer)));
    all.insert("files".into(), copied.collect());
    Json::Object(all)
}

/// Puts `value` where the keys lead, or takes out what is there.
fn put(mut at: &mut Json, keys: &[&str], value: Option<&Json>) {
    let (last, way) = keys.split_last().unwrap();
    for key in way {
        at = &mut at[*key];
    }
    let map = at.as_object_mut().unwrap();
    match value {
        Some(value) => map.insert((*last).to_owned(), value.clone()),
        None => map.remove(*last),
    };
}

fn get<'a>(mut at: &'a Json, keys: &[&str]) -> Option<&'a Json> {
    for key in keys {
        at = at.get(key)?;
    }
    Some(at)
}

#[test]
fn layers_merge_as_in_charm_tools_but_for_the_listed_differences() {
    let differences = differences();
    let mut seen = 0;
    for tree in trees() {
        let name = tree.file_name().unwrap().to_str().unwrap();
        let recorded = fs::read_to_string(tree.join("expected.json")).unwrap();
        let mut expected: Json = serde_json::from_str(&recorded).unwrap();
        let ours = merged(&tree);
        for difference in differences.iter().filter(|d| d.tree == name) {
            let (keys, why) = (difference.keys, difference.why);
            assert_eq!(
                get(&expected, keys),
                difference.theirs.as_ref(),
                "{name}: {why}"
            );
            assert_eq!(get(&ours, keys), difference.ours.as_ref(), "{name}: {why}");
            put(&mut expected, keys, difference.ours.as_ref());
            seen += 1;
        }
        assert_eq!(
            serde_json::to_string_pretty(&ours).unwrap(),
            serde_json::to_string_pretty(&expected).unwrap(),
            "{name}"
        );
    }
    assert_eq!(
        seen,
        differences.len(),
        "a difference of a tree that is gone"
    );
}
