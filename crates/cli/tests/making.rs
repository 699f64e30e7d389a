//! `ensign new`

use std::fs;

use crate::tool::World;

#[test]
fn a_new_charm_says_what_it_depends_on_and_describes_itself_rightly() {
    let world = World::new();
    let ran = world.ensign(["new", "my-charm"]).good();
    assert_eq!(ran.out, "my-charm\n");
    let checkout = fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap();
    assert!(ran.err.contains(checkout.to_str().unwrap()), "{}", ran.err);
    let manifest = fs::read_to_string(world.path("my-charm/Cargo.toml")).unwrap();
    assert!(
        manifest.contains("[workspace]\n")
            && manifest.contains(&format!("path = \"{}\"", checkout.display()))
    );
    let main = fs::read_to_string(world.path("my-charm/src/main.rs")).unwrap();
    assert_eq!(main, "ensign::main!(my_charm);\n");
    let mut findings = ensign_build::Findings::default();
    ensign_build::describe(&world.path("my-charm"), &mut findings).unwrap();
    assert_eq!(findings.sorted(), []);
}

#[test]
fn a_new_layer_is_a_crate_with_a_layer_yaml() {
    let world = World::new();
    world.ensign(["new", "--layer", "web"]).good();
    for file in [
        "Cargo.toml",
        "layer.yaml",
        "reactive/web.rs",
        "README.md",
        "tests/layer.rs",
        "tests/charm/metadata.yaml",
    ] {
        assert!(world.path("web").join(file).is_file(), "{file}");
    }
}

#[test]
fn a_new_interface_is_a_crate_with_an_interface_yaml() {
    let world = World::new();
    world.ensign(["new", "--interface", "http"]).good();
    let read = |file: &str| fs::read_to_string(world.path("http").join(file)).unwrap();
    assert!(read("Cargo.toml").contains("name = \"interface-http\""));
    assert!(read("interface.yaml").starts_with("name: http\n"));
    assert!(read("reactive/http.rs").contains("\"http\""));
    assert!(read("tests/interface.rs").contains("use interface_http::"));
    assert!(read("tests/provider/metadata.yaml").contains("interface: http"));
    assert!(read("tests/requirer/metadata.yaml").contains("interface: http"));
    let error = world
        .ensign(["new", "--interface", "--layer", "x"])
        .failed(2);
    assert!(error.contains("cannot be used with"), "{error}");
}

#[test]
fn what_is_there_is_not_overwritten() {
    let world = World::new();
    fs::create_dir(world.path("taken")).unwrap();
    let error = world.ensign(["new", "taken"]).failed(1);
    assert!(error.contains("`taken` exists already"), "{error}");
    assert_eq!(fs::read_dir(world.path("taken")).unwrap().count(), 0);
}

#[test]
fn a_name_that_juju_or_rust_refuses_is_a_usage_error() {
    for name in ["My", "foo-2", "a_b", "match", "."] {
        World::new().ensign(["new", name]).failed(2);
    }
}
