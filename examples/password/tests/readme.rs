//! What the README shows is this charm.

use std::path::Path;

fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == format!("```{language}") {
            let block: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
            found.push(block.join("\n"));
        }
    }
    found
}

/// The charm's code without documentation and comments.
fn code(text: &str) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect();
    lines.join("\n").trim().to_owned()
}

#[test]
fn the_charm_in_the_readme_is_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let charm =
        std::fs::read_to_string(root.join("examples/password/reactive/password.rs")).unwrap();
    let shown = blocks(&readme, "rust");
    assert_eq!(code(&shown[0]), code(&charm));
}

#[test]
fn the_charm_in_the_crates_documentation_is_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let library = std::fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let docs: Vec<&str> = library
        .lines()
        .filter_map(|l| l.strip_prefix("//!"))
        .map(|l| l.strip_prefix(' ').unwrap_or(l))
        .collect();
    let charm =
        std::fs::read_to_string(root.join("examples/password/reactive/password.rs")).unwrap();
    let shown = blocks(&docs.join("\n"), "no_run");
    assert_eq!(code(&shown[0]), code(&charm));
}

#[test]
fn every_command_that_the_readme_tells_to_run_is_run_before_a_merge() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let readme = std::fs::read_to_string(root.join("README.md")).unwrap();
    let checks = std::fs::read_to_string(root.join(".ci/run")).unwrap();
    let commands: Vec<String> = blocks(&readme, "console")
        .iter()
        .flat_map(|b| {
            b.lines()
                .map(|l| l.split('#').next().unwrap_or(l).trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|l| !l.is_empty())
        .collect();
    assert!(commands.len() >= 3, "{commands:?}");
    for command in commands {
        assert!(checks.contains(&command), "`{command}` is not in .ci/run");
    }
}
