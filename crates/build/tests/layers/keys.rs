//! How the keys of all layers become one charm's.

use super::*;

#[test]
fn the_files_of_all_layers_are_merged_and_every_key_knows_its_layer() {
    let charm = Layered::new("'layer:base'");
    charm.write(
        "layers/base/metadata.yaml",
        "name: base\nsummary: s\ndescription: d\nmaintainer: Base <b@b>\ntags: [a, b]\nprovides:\n  web: {interface: http}\n",
    );
    charm.write(
        "layers/base/config.yaml",
        "options:\n  port:\n    type: int\n    default: 80\n    description: The port\n",
    );
    charm.write("layers/base/actions.yaml", "dump: {}\n");
    charm.charm.write(
        "metadata.yaml",
        &format!("{METADATA}tags: [b, c]\nrequires:\n  db: sql\n"),
    );
    charm
        .charm
        .write("config.yaml", "options:\n  name: {type: string}\n");
    let built = charm.build();
    assert_eq!(about_layers(built.warnings), []);
    let metadata = fs::read_to_string(built.dir.join("metadata.yaml")).unwrap();
    assert_eq!(
        metadata,
        "name: tiny\nsummary: Tiny\ndescription: A tiny charm\ntags:\n- a\n- b\n- c\nrequires:\n  db: sql\n\
         provides:\n  web:\n    interface: http\npeers:\n  cluster:\n    interface: tiny-peers\n"
    );
    let manifest = charm.manifest(&built.dir);
    let keys = &manifest["keys"];
    assert_eq!(keys["config.yaml"]["options.port.default"], "layer:base");
    assert_eq!(keys["config.yaml"]["options.name.type"], "tiny");
    assert_eq!(
        keys["metadata.yaml"]["provides.web.interface"],
        "layer:base"
    );
    assert_eq!(keys["metadata.yaml"]["tags[0]"], "layer:base");
    assert_eq!(keys["metadata.yaml"]["tags[2]"], "tiny");
    assert_eq!(keys["actions.yaml"]["dump"], "layer:base");
    let data = fs::read_to_string(built.dir.join("bin/ensign.json")).unwrap();
    let data: Json = serde_json::from_str(&data).unwrap();
    assert_eq!(
        data["config"]["port"],
        json!({"type": "int", "default": 80})
    );
    // The same is known without a build, with the line.
    let found = contents(charm.charm.path(), &charm.options().paths).unwrap();
    let port = found
        .keys
        .iter()
        .find(|key| key.key == "options.port.default");
    let place = port.unwrap().place.as_deref().unwrap();
    assert!(place.ends_with("layers/base/config.yaml:4"), "{place}");
    // And of the built directory.
    let again = contents(&built.dir, &Paths::default()).unwrap();
    assert!(
        again
            .keys
            .iter()
            .any(|key| key.key == "options.port.default" && key.layer == "layer:base")
    );
}

#[test]
fn a_conflict_names_both_places_and_strict_makes_it_an_error() {
    let charm = Layered::new("'layer:base'");
    let base = charm.write(
        "layers/base/config.yaml",
        "options:\n  port: {type: int, default: 80}\n",
    );
    charm
        .charm
        .write("config.yaml", "options:\n  port: {default: 8080}\n");
    let built = charm.build();
    let warnings = about_layers(built.warnings);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    let warning = &warnings[0];
    assert_eq!(warning.level, Level::Warning);
    assert!(warning.file.ends_with("config.yaml") && warning.line == 2);
    let both = format!("`layer:base`, {}:2", base.display());
    assert!(warning.message.contains(&both), "{}", warning.message);
    assert!(
        warning.message.contains("the number 80") && warning.message.contains("the number 8080")
    );
    let hint = warning.hint.as_deref().unwrap();
    assert!(
        hint.contains("`config: {deletes: [port.default]}`"),
        "{hint}"
    );
    let strict = Options {
        strict: true,
        ..charm.options()
    };
    let error = build(&strict, &mut |_| {}).unwrap_err();
    assert!(matches!(&error, Error::Files(all) if all[0].level == Level::Error));
    // Said on purpose, it is none.
    charm.charm.write(
        "layer.yaml",
        "includes: ['layer:base']\nconfig: {deletes: [port.default]}\n",
    );
    build(&strict, &mut |_| {}).unwrap();
    let config = fs::read_to_string(built.dir.join("config.yaml")).unwrap();
    assert!(config.contains("default: 8080"), "{config}");
}

#[test]
fn what_deletes_does_not_find_is_a_warning_with_a_guess() {
    let charm = Layered::new("'layer:base'");
    charm.write(
        "layers/base/metadata.yaml",
        "requires:\n  database: {interface: sql}\n",
    );
    charm.charm.write(
        "layer.yaml",
        "includes: ['layer:base']\nmetadata:\n  deletes: [requires.databse]\n",
    );
    let warnings = charm.warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].line, 3);
    assert_eq!(
        warnings[0].hint.as_deref(),
        Some("did you mean `requires.database`?")
    );
}

#[test]
fn a_mistake_in_a_layer_is_shown_in_that_layers_file() {
    let charm = Layered::new("'layer:base'");
    charm.write(
        "layers/base/metadata.yaml",
        "storage:\n  data: {type: tape}\n",
    );
    charm
        .charm
        .write("config.yaml", "options:\n  a: {type: 7}\n");
    let found = charm.mistakes();
    assert!(
        found
            .iter()
            .any(|f| f.file.ends_with("layers/base/metadata.yaml") && f.line == 2),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|f| f.file.ends_with("config.yaml") && f.line == 2),
        "{found:?}"
    );
}

#[test]
fn options_have_the_schema_and_defaults_of_their_layer() {
    let charm = Layered::new("'layer:base'");
    charm.write(
        "layers/base/layer.yaml",
        "defines:\n  port: {type: integer, minimum: 1, default: 80}\n  tls:\n    type: object\n    default: {}\n    \
         properties: {cert: {type: string, default: none}, bits: {type: integer}}\n",
    );
    let set = |value: &str| {
        let text = format!("includes: ['layer:base']\noptions:\n  base:\n    {value}\n");
        charm.charm.write("layer.yaml", &text);
    };
    set("tls: {bits: 4096}");
    let built = charm.build();
    let data = fs::read_to_string(built.dir.join("bin/ensign.json")).unwrap();
    let data: Json = serde_json::from_str(&data).unwrap();
    assert_eq!(
        data["options"]["base"],
        json!({"port": 80, "tls": {"bits": 4096, "cert": "none"}})
    );
    for (value, line, column, part) in [
        ("port: 0", 4, 11, "`options.base.port`"),
        ("tls: {bits: many}", 4, 17, "`options.base.tls.bits`"),
        ("prot: 1", 4, 5, "has no option `prot`"),
    ] {
        set(value);
        let found = charm.mistakes();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            (found[0].line, found[0].column),
            (line, column),
            "{}",
            found[0]
        );
        assert!(found[0].message.contains(part), "{}", found[0]);
    }
    charm.write(
        "layers/base/layer.yaml",
        "defines:\n  port: {type: whole}\n",
    );
    set("port: 1");
    assert!(
        charm
            .mistakes()
            .iter()
            .any(|f| f.message.contains("no JSON Schema"))
    );
}
