//! Mistakes in a charm's files are reported all at once, each with its place and what to do.

use ensign_build::{Error, Findings, Level, describe};

use crate::charm::{Charm, METADATA};

/// `LINE:COLUMN MESSAGE` of everything that is wrong with `text` as the charm's `file`.
fn found(file: &str, text: &str) -> Vec<String> {
    let charm = Charm::new();
    charm.write(file, text);
    let mut findings = Findings::default();
    describe(charm.path(), &mut findings).unwrap();
    for finding in findings.sorted() {
        assert!(finding.file.ends_with(file), "{finding}");
        assert!(finding.hint.is_some(), "no hint: {finding}");
    }
    findings
        .sorted()
        .iter()
        .map(|f| format!("{}:{} {}", f.line, f.column, f.message))
        .collect()
}

#[test]
fn a_good_charm_has_no_findings() {
    assert!(found("metadata.yaml", METADATA).is_empty());
}

#[test]
fn metadata_that_lacks_the_required_keys_names_each() {
    let all = found("metadata.yaml", "provides: {}\n");
    assert_eq!(
        all,
        [
            "1:1 `name` is missing",
            "1:1 `summary` is missing",
            "1:1 `description` is missing"
        ]
    );
}

#[test]
fn metadata_with_values_of_the_wrong_type_says_what_it_found() {
    let text = "name: tiny\nsummary: 1\ndescription: yes\nsubordinate: maybe\nprovides:\n  db: {interface: 7}\n  web: [http]\n  x:\n";
    let all = found("metadata.yaml", text);
    assert_eq!(
        all,
        [
            "2:10 `summary` must be a text, found the number 1",
            "3:14 `description` must be a text, found the truth value yes",
            "4:14 `subordinate` must be a truth value, found the text \"maybe\"",
            "6:19 `provides.db.interface` must be a text, found the number 7",
            "7:8 `provides.web` must be a text, found a list",
            "8:4 `provides.x` names no interface",
        ]
    );
}

#[test]
fn names_that_juju_refuses_are_refused_here() {
    let text = "name: Tiny\nsummary: s\ndescription: d\nprovides:\n  DB: x\n  juju-x: z\nrequires:\n  a: b\npeers:\n  a: b\n";
    let all = found("metadata.yaml", text);
    assert_eq!(
        all,
        [
            "1:7 `Tiny` cannot name a charm",
            "5:3 `DB` cannot name an endpoint",
            "6:3 `juju-x` is reserved by Juju",
            "10:3 the endpoint `a` stands in `requires` and in `peers`",
        ]
    );
}

#[test]
fn a_subordinate_needs_a_container_endpoint() {
    let text = format!("{METADATA}subordinate: true\n");
    assert_eq!(found("metadata.yaml", &text).len(), 1);
    let text = format!("{text}requires:\n  host: {{interface: juju-info, scope: container}}\n");
    assert!(found("metadata.yaml", &text).is_empty());
}

#[test]
fn storage_and_resources_follow_jujus_rules() {
    let text = format!(
        "{METADATA}storage:\n  a: {{type: tape}}\n  b: {{location: /srv}}\n  c: {{type: block, location: /x}}\n  \
         d: {{type: filesystem, multiple: {{range: many}}}}\n  e: {{type: filesystem, multiple: {{range: 2+}}}}\n\
         resources:\n  f: {{type: file}}\n  g: {{filename: a/b}}\n"
    );
    let all = found("metadata.yaml", &text);
    assert_eq!(all.len(), 6, "{all:#?}");
    assert!(all[0].contains("`storage.a.type` cannot be \"tape\""));
    assert!(all[1].contains("`storage.b` has no type"));
    assert!(all[2].contains("a block device with a location"));
    assert!(all[3].contains("`storage.d.multiple.range` is \"many\""));
    assert!(all[4].contains("`resources.f` has no file name"));
    assert!(all[5].contains("cannot contain `/`"));
}

#[test]
fn a_sidecar_charm_is_told_so() {
    let all = found("metadata.yaml", &format!("{METADATA}containers: {{}}\n"));
    assert_eq!(all, ["6:1 `containers` makes this a Kubernetes charm"]);
}

#[test]
fn broken_yaml_shows_the_line_and_a_mark() {
    let charm = Charm::new();
    charm.write("metadata.yaml", "name: tiny\nsummary: a: b\n");
    let found = charm.mistakes();
    let text = found[0].to_string();
    assert!(text.contains("metadata.yaml:2:"), "{text}");
    assert!(text.contains(" 2 | summary: a: b\n"), "{text}");
    assert!(text.contains("^\n hint: "), "{text}");
}

#[test]
fn config_defaults_have_the_type_of_their_option() {
    let text = "options:\n  a: {type: int, default: ten}\n  b: {type: string, default: 1}\n  c: {type: integer}\n  \
                d: {type: boolean, default: 'true'}\n  e: {type: int, default: '0x10'}\n  f: {default: ''}\n  \
                g: {type: secret, default: x}\n  h: {type: string, default: no}\n  i: {type: float, default: 1}\n  j: {type: int, default:}\n";
    let all = found("config.yaml", text);
    assert_eq!(
        all,
        [
            "2:27 `options.a.default` must be a whole number, found the text \"ten\"",
            "3:30 `options.b.default` must be a text, found the number 1",
            "4:13 `options.c.type` cannot be \"integer\"",
            "8:30 `options.g.default` is no secret: \"x\"",
            "9:30 `options.h.default` must be a text, found the truth value no",
        ]
    );
}

#[test]
fn config_values_reach_the_charm_with_their_types() {
    let charm = Charm::new();
    let text = "options:\n  a: {type: int, default: '0x10'}\n  b: {type: string, default: '010'}\n  c: {type: float, default: 1}\n  d: {}\n";
    charm.write("config.yaml", text);
    let config = describe(charm.path(), &mut Findings::default())
        .unwrap()
        .config;
    assert_eq!(config["a"].default, 16);
    assert_eq!(config["b"].default, "010");
    assert_eq!(config["c"].default, 1.0);
    assert!(config["d"].default.is_null());
}

#[test]
fn config_without_options_is_an_error_as_with_juju() {
    assert_eq!(
        found("config.yaml", "# nothing\n"),
        ["1:1 `options` is missing"]
    );
    assert!(found("config.yaml", "options:\n").is_empty());
}

#[test]
fn actions_follow_jujus_rules() {
    let text = "Backup: {}\njuju-x: {}\nok:\nrestore:\n  description: [1]\n  params: [a]\n  required: a\n  deep: {more: {$ref: x}}\n";
    let all = found("actions.yaml", text);
    assert_eq!(
        all,
        [
            "1:1 `Backup` cannot name an action",
            "2:1 the action name `juju-x` is reserved by Juju",
            "5:16 `restore.description` must be a text, found a list",
            "6:11 `restore.params` must be a mapping, found a list",
            "7:13 `restore.required` must be a list, found the text \"a\"",
            "8:17 Juju takes no `$ref` in actions",
        ]
    );
}

#[test]
fn a_layer_that_is_not_there_is_named_with_its_line() {
    let text = "includes: ['layer:basic', 'layer:apt', 'interface:http', nginx]\n";
    let all = found("layer.yaml", text);
    assert_eq!(
        all,
        [
            "1:27 `layer:apt` cannot be found",
            "1:40 `interface:http` cannot be found",
            "1:58 `nginx` names neither a layer nor an interface",
        ]
    );
}

#[test]
fn options_are_checked_against_their_layer() {
    let text = "options:\n  leadership: {backend: peers, pear: x}\n  apt: {packages: [a]}\n  tiny: {port: high, colour: red}\n\
                defines:\n  port: {type: integer, default: 80}\n";
    let all = found("layer.yaml", text);
    assert_eq!(
        all,
        [
            "2:25 `options.leadership.backend` is not what `leadership` takes: \"peers\" is not one of \"auto\", \"settings\" or \"peer\"",
            "2:32 the layer `leadership` has no option `pear`",
            "3:9 `options.apt` is for a layer that the charm lacks",
            "4:16 `options.tiny.port` is not what `tiny` takes: \"high\" is not of type \"integer\"",
            "4:22 the layer `tiny` has no option `colour`",
        ]
    );
}

#[test]
fn a_misspelt_key_of_layer_yaml_is_a_warning_with_a_guess() {
    let charm = Charm::new();
    charm.write("layer.yaml", "include: []\n");
    let mut findings = Findings::default();
    describe(charm.path(), &mut findings).unwrap();
    let found = findings.sorted();
    assert_eq!(found[0].level, Level::Warning);
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `includes`?"));
}

#[test]
fn a_manifest_with_an_unquoted_version_says_to_quote_it() {
    let charm = Charm::new();
    charm.write(
        "manifest.yaml",
        "bases:\n- name: ubuntu\n  channel: 22.04\n",
    );
    let found = charm.mistakes();
    assert_eq!(
        found[0].hint.as_deref(),
        Some("put it in quotes: \"22.04\"")
    );
}

#[test]
fn a_folder_without_metadata_is_no_charm() {
    let dir = tempfile::tempdir().unwrap();
    let error = describe(dir.path(), &mut Findings::default()).unwrap_err();
    assert!(matches!(error, Error::NoCharm { .. }), "{error}");
    assert!(error.hint().unwrap().contains("ensign new"));
}

#[test]
fn no_file_whatever_it_holds_makes_the_build_panic() {
    let charm = Charm::new();
    let good = [
        (
            "metadata.yaml",
            format!("{METADATA}storage:\n  a: {{type: block, multiple: {{range: 1-2}}}}\n"),
        ),
        (
            "config.yaml",
            "options: &a\n  p: {type: int, default: 0x1F}\n  q: *a\n".to_owned(),
        ),
        (
            "layer.yaml",
            "includes: ['layer:basic']\noptions: {tiny: {<<: {a: 1}}}\n".to_owned(),
        ),
        (
            "actions.yaml",
            "dump: {params: {to: {type: string}}}\n".to_owned(),
        ),
        (
            "manifest.yaml",
            "bases:\n- {name: ubuntu, channel: '22.04/stable'}\n".to_owned(),
        ),
    ];
    let pieces = [
        "\t", ":", "- ", "&a ", "*a", "{", "}", "[", "]", "\"", "'", "!!str ", "|\n", "<<: ", "\n",
        "\u{85}", "é", "-.inf", "9e999", "0x", "---\n",
    ];
    let mut random = 1_u64;
    let mut next = |below: usize| {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let mut mistakes = 0;
    for _ in 0..1000 {
        let (file, text) = &good[next(good.len())];
        let mut text: Vec<char> = text.chars().collect();
        for _ in 0..=next(3) {
            let at = next(text.len());
            if next(2) == 0 {
                text.remove(at);
            } else {
                text.splice(at..at, pieces[next(pieces.len())].chars());
            }
        }
        charm.write(file, &text.iter().collect::<String>());
        let mut findings = Findings::default();
        describe(charm.path(), &mut findings).unwrap();
        for finding in findings.sorted() {
            mistakes += 1;
            assert!(finding.to_string().contains(&finding.message));
        }
    }
    assert!(mistakes > 300, "the mutations do no harm: {mistakes}");
}
