//! Charms of several layers: which are found, in which order they lie on each other, and what becomes of their files.

mod files;
mod keys;

use std::fs;
use std::path::{Path, PathBuf};

use ensign_build::contents::contents;
use ensign_build::{Error, Finding, Level, Options, Paths, build};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::charm::{Charm, METADATA, files, mode};

/// A charm with folders of layers beside it.
struct Layered {
    charm: Charm,
    shelf: TempDir,
}

impl Layered {
    fn new(includes: &str) -> Self {
        let layered = Self {
            charm: Charm::new(),
            shelf: tempfile::tempdir().unwrap(),
        };
        let text = format!("includes: [{includes}]\n");
        layered.charm.write("layer.yaml", &text);
        layered
    }

    /// A file of a layer, such as `layers/a/layer.yaml`.
    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.shelf.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn options(&self) -> Options {
        Options {
            paths: Paths::of(
                &self.shelf.path().join("layers"),
                &self.shelf.path().join("interfaces"),
            ),
            ..self.charm.options()
        }
    }

    fn build(&self) -> ensign_build::Built {
        build(&self.options(), &mut |_| {}).unwrap()
    }

    fn error(&self) -> Error {
        build(&self.options(), &mut |_| {}).unwrap_err()
    }

    fn mistakes(&self) -> Vec<Finding> {
        match self.error() {
            Error::Files(findings) => about_layers(findings),
            other => panic!("not about files: {other}"),
        }
    }

    fn warnings(&self) -> Vec<Finding> {
        about_layers(self.build().warnings)
    }

    fn manifest(&self, dir: &Path) -> Json {
        serde_json::from_str(&fs::read_to_string(dir.join(".build.manifest")).unwrap()).unwrap()
    }

    fn order(&self) -> Vec<String> {
        let found = contents(self.charm.path(), &self.options().paths).unwrap();
        found.layers.into_iter().map(|part| part.layer).collect()
    }
}

/// The program of these charms does not use the library.
fn about_layers(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings
        .retain(|finding| !finding.file.ends_with("src/main.rs") || finding.level == Level::Error);
    findings
}

#[test]
fn layers_lie_base_to_top_each_once_depth_first() {
    let charm = Layered::new("'layer:top', 'interface:http', 'layer:base'");
    charm.write(
        "layers/top/layer.yaml",
        "includes: ['layer:left', 'layer:right', 'interface:http']\n",
    );
    charm.write("layers/left/layer.yaml", "includes: ['layer:base']\n");
    charm.write(
        "layers/layer-right/layer.yaml",
        "includes: ['layer:base', 'interface:sql']\n",
    );
    charm.write("layers/base/layer.yaml", "includes: ['layer:basic']\n");
    charm.write("interfaces/http/interface.yaml", "name: http\n");
    charm.write("interfaces/interface-sql/interface.yaml", "name: sql\n");
    charm.charm.write(
        "metadata.yaml",
        &format!("{METADATA}requires:\n  db: sql\n  web: http\n"),
    );
    let order = [
        "interface:sql",
        "interface:http",
        "layer:basic",
        "layer:base",
        "layer:left",
        "layer:right",
        "layer:top",
        "tiny",
    ];
    assert_eq!(charm.order(), order);
}

#[test]
fn a_layer_that_cannot_be_found_says_where_it_was_looked_for() {
    let charm = Layered::new("'layer:middle'");
    charm.write(
        "layers/middle/layer.yaml",
        "includes:\n- 'layer:nowhere'\n- 'interface:never'\n",
    );
    let found = charm.mistakes();
    let all: Vec<&str> = found.iter().map(|f| f.message.as_str()).collect();
    assert_eq!(
        all,
        [
            "`layer:nowhere` cannot be found",
            "`interface:never` cannot be found"
        ]
    );
    assert!(found[0].file.ends_with("layers/middle/layer.yaml"));
    assert_eq!((found[0].line, found[1].line), (2, 3));
    let hint = found[0].hint.as_deref().unwrap();
    let folder = charm.shelf.path().join("layers").display().to_string();
    assert!(
        hint.contains(&folder) && hint.contains("Cargo.toml"),
        "{hint}"
    );
}

#[test]
fn a_circle_of_includes_is_shown_whole() {
    let charm = Layered::new("'layer:a'");
    charm.write("layers/a/layer.yaml", "includes: ['layer:b']\n");
    charm.write("layers/b/layer.yaml", "includes:\n- 'layer:a'\n");
    let found = charm.mistakes();
    assert_eq!(found.len(), 1, "{found:?}");
    let message = &found[0].message;
    for part in [
        "layer:a",
        "layers/a/layer.yaml:1",
        "layer:b",
        "layers/b/layer.yaml:2",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn two_layers_of_one_name_are_both_named() {
    let charm = Layered::new("'layer:twin'");
    charm.write("layers/twin/layer.yaml", "");
    charm.write("layers/layer-twin/layer.yaml", "");
    let found = charm.mistakes();
    for part in ["layers/twin`", "layers/layer-twin`"] {
        assert!(found[0].message.contains(part), "{}", found[0].message);
    }
}

#[test]
fn a_name_never_leads_out_of_the_folders() {
    for name in ["../x", "a/b", "..", ""] {
        let charm = Layered::new(&format!("'layer:{name}'"));
        assert!(
            charm.mistakes()[0].message.contains("names neither"),
            "{name}"
        );
    }
}

#[test]
fn a_cargo_dependency_is_a_layer_and_goes_before_the_folders() {
    let charm = Layered::new("'layer:apt'");
    charm.write("layers/apt/layer.yaml", "");
    let krate = charm.write(
        "crates/apt/Cargo.toml",
        "[package]\nname = \"layer-apt\"\nversion = \"1.2.3\"\n",
    );
    charm.write("crates/apt/src/lib.rs", "");
    charm.write("crates/apt/layer.yaml", "");
    charm.write(
        "crates/apt/config.yaml",
        "options:\n  packages: {type: string, default: ''}\n",
    );
    let manifest = charm.charm.path().join("Cargo.toml");
    let mut text = fs::read_to_string(&manifest).unwrap();
    text.push_str(&format!(
        "[dependencies]\nlayer-apt = {{ path = {:?} }}\n",
        krate.parent().unwrap()
    ));
    fs::write(manifest, text).unwrap();
    // The program is linked with the crate only where it names it.
    charm.charm.write("src/main.rs", "mod ensign { macro_rules! main { ($($x:tt)*) => { fn main() {} } } pub(crate) use main; }\nensign::main!(wrong);\n");
    let found = charm.mistakes();
    assert!(
        found[0]
            .message
            .contains("`layer_apt`, the crate of `layer:apt`"),
        "{found:?}"
    );
    charm.charm.write("src/main.rs", "mod ensign { macro_rules! main { ($($x:tt)*) => { fn main() {} } } pub(crate) use main; }\nensign::main!(layer_apt);\n");
    let built = charm.build();
    let layers = &charm.manifest(&built.dir)["layers"];
    assert_eq!(layers[0]["found"], "crate layer-apt 1.2.3");
    let config = fs::read_to_string(built.dir.join("config.yaml")).unwrap();
    assert!(config.contains("packages"), "{config}");
    // Not included, its handlers would be there and its files not.
    charm.charm.write("layer.yaml", "includes: []\n");
    let built = charm.build();
    assert!(built.warnings[0].message.contains("does not include it"));
}

#[test]
fn a_crate_in_a_folder_has_to_be_a_dependency() {
    let charm = Layered::new("'layer:apt'");
    charm.write("layers/apt/layer.yaml", "");
    charm.write("layers/apt/Cargo.toml", "[package]\nname = \"layer-apt\"\n");
    let found = charm.mistakes();
    assert!(
        found[0].message.contains("does not depend on it"),
        "{found:?}"
    );
}
