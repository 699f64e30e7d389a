//! Who may import whom. ARCHITECTURE.md shows the same table; a change that needs another row is a change of the
//! design.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Module of `src` → what it may name of the library. `error` may be named by all.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    // `error` names the error types of the leaves, to tell their kind when `?` boxes one.
    ("error", &["tools", "store", "flags", "hook", "metadata"]),
    ("metadata", &["hook"]),
    ("hook", &["metadata"]),
    ("tools", &["hook"]),
    ("host", &["hook", "metadata", "tools"]),
    ("store", &["host"]),
    // Callbacks of triggers take the context.
    ("flags", &["context", "metadata"]),
    (
        "context",
        &["hook", "tools", "metadata", "store", "flags", "host"],
    ),
    ("automatic", &["context", "flags", "hook"]),
    (
        "handler",
        &["context", "flags", "hook", "metadata", "automatic"],
    ),
    (
        "endpoint",
        &[
            "handler",
            "context",
            "flags",
            "hook",
            "metadata",
            "tools",
            "store",
            // For what a text means to a type.
            "leadership",
        ],
    ),
    ("dispatch", &["handler", "context", "flags", "hook"]),
    (
        "run",
        &[
            "dispatch", "endpoint", "handler", "context", "flags", "store", "host", "tools",
            "hook", "metadata",
        ],
    ),
    (
        "external",
        &[
            "run",
            "dispatch",
            "handler",
            "context",
            "flags",
            "host",
            "tools",
            "hook",
            "metadata",
            // For the commands `leader_get` and `leader_set`.
            "store",
            "leadership",
        ],
    ),
    (
        "entry",
        &[
            "external", "run", "dispatch", "handler", "host", "tools", "hook", "metadata",
        ],
    ),
    (
        "private",
        &[
            "entry",
            "endpoint",
            "handler",
            "context",
            "flags",
            "metadata",
            "leadership",
        ],
    ),
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The code of a file without comments and without its tests, which may use what they like.
fn code(path: &Path) -> String {
    if path
        .parent()
        .is_some_and(|folder| folder.ends_with("tests"))
    {
        return String::new();
    }
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines()
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Modules named after `crate::`, in `use` lists too.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            None => {
                found.insert(word(rest));
            }
            Some(list) => {
                let mut depth = 0;
                let mut start = 0;
                for (i, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => {
                            found.insert(word(list[start..i].trim()));
                            break;
                        }
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            found.insert(word(list[start..i].trim()));
                            start = i + 1;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    found.remove("");
    // The shape of ids, as documentation and messages show it.
    found.remove("module");
    found
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

#[test]
fn modules_import_only_what_stands_in_their_row() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let src = root().join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_str()
            .unwrap();
        let module = first.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let Some(row) = allowed.get(module) else {
            wrong.push(format!("`{module}` has no row"));
            continue;
        };
        for name in imports(&code(&file)) {
            // Names at the root stand for the modules they come from.
            let from = match name.as_str() {
                "Context" | "Command" | "Config" => "context",
                "Error" | "ErrorKind" | "Result" => "error",
                "Hook" => "hook",
                "Handler" | "Outcome" | "Registry" => "handler",
                "Flag" => "flags",
                other => other,
            };
            if from != module && from != "error" && !row.contains(&from) {
                wrong.push(format!(
                    "{}: `{module}` may not import `{from}`",
                    relative.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_leadership_layer_uses_the_public_interface_only() {
    let mut files = vec![root().join("reactive/leadership.rs")];
    rust_files(&root().join("reactive/leadership"), &mut files);
    for file in files {
        let used = imports(&code(&file));
        assert!(
            used.is_empty(),
            "{}: names `crate::` {used:?}",
            file.display()
        );
    }
}

#[test]
fn only_two_places_read_the_process_and_only_the_host_writes_files() {
    let bans: &[(&str, &[&str])] = &[
        // The environment is Juju's message to us: read once, in one place.
        ("std::env::", &["hook/env.rs", "entry.rs", "external"]),
        // A hook tool is a process; the charm's own programs and its executables are the others.
        (
            "Command::new",
            &["tools/exec.rs", "host/programs.rs", "external"],
        ),
        ("std::fs::write", &[]),
        ("File::create", &[]),
        ("println!", &[]),
        ("Instant::now", &[]),
        ("SystemTime::now", &["host.rs", "host"]),
    ];
    let src = root().join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file
            .strip_prefix(&src)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let code = code(&file);
        for (banned, except) in bans {
            if code.contains(banned) && !except.iter().any(|e| relative.starts_with(e)) {
                wrong.push(format!("{relative}: `{banned}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_library_has_the_dependencies_that_were_agreed_on() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap();
    let section = section.split("\n[").next().unwrap();
    let names: BTreeSet<&str> = section
        .lines()
        .filter_map(|l| l.split(['.', ' ', '=']).next())
        .filter(|n| !n.is_empty())
        .collect();
    let agreed = [
        "ensign-macros",
        "linkme",
        "petgraph",
        "regex",
        "serde",
        "serde_json",
        "siphasher",
    ];
    assert_eq!(names, BTreeSet::from(agreed));
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let mut files = Vec::new();
    for folder in ["src", "reactive", "crates", "tests"] {
        rust_files(&root().join(folder), &mut files);
    }
    let long: Vec<String> = files
        .iter()
        .filter(|f| !f.components().any(|c| c.as_os_str() == "target"))
        .filter_map(|f| {
            let lines = std::fs::read_to_string(f).unwrap().lines().count();
            (lines > 500).then(|| format!("{}: {lines} lines", f.display()))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// A dev-dependency cycle would link two copies of the library, and two registries, into its unit tests.
#[test]
fn unit_tests_inside_the_library_do_not_use_the_testing_crate() {
    let mut files = Vec::new();
    rust_files(&root().join("src"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("ensign_testing"), "{}", file.display());
    }
}

/// Two versions of the library in one charm would be two registries: the `links` key makes Cargo refuse them.
#[test]
fn two_versions_of_the_library_cannot_meet_in_one_charm() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("\nlinks = \"ensign\"\n"));
    assert!(root().join("build.rs").exists());
}
