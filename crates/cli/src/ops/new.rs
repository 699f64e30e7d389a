//! Writes the folder of a new charm or layer from a template.

use std::path::{Path, PathBuf};

use ensign_build::{is_charm_name, owner};

use crate::report::Report;
use crate::version::CHECKOUT;

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Charm,
    Layer,
    Interface,
}

/// Something to make.
#[derive(Debug, Clone)]
pub(crate) struct New {
    /// The folder; its last part is the name.
    pub(crate) dir: PathBuf,
    pub(crate) kind: Kind,
}

/// A file of a template, and where it goes.
type File = (&'static str, &'static str);

const CHARM: [File; 10] = [
    (
        "Cargo.toml",
        include_str!("../../templates/charm/Cargo.toml.in"),
    ),
    (
        "src/main.rs",
        include_str!("../../templates/charm/main.rs.in"),
    ),
    (
        "reactive/{{crate}}.rs",
        include_str!("../../templates/charm/lib.rs.in"),
    ),
    (
        "tests/charm.rs",
        include_str!("../../templates/charm/test.rs.in"),
    ),
    (
        "metadata.yaml",
        include_str!("../../templates/charm/metadata.yaml.in"),
    ),
    (
        "config.yaml",
        include_str!("../../templates/charm/config.yaml.in"),
    ),
    (
        "layer.yaml",
        include_str!("../../templates/charm/layer.yaml.in"),
    ),
    (
        "README.md",
        include_str!("../../templates/charm/README.md.in"),
    ),
    (".gitignore", include_str!("../../templates/gitignore.in")),
    (
        "rust-toolchain.toml",
        include_str!("../../templates/charm/rust-toolchain.toml.in"),
    ),
];

const LAYER: [File; 7] = [
    (
        "Cargo.toml",
        include_str!("../../templates/layer/Cargo.toml.in"),
    ),
    (
        "reactive/{{module}}.rs",
        include_str!("../../templates/layer/lib.rs.in"),
    ),
    (
        "layer.yaml",
        include_str!("../../templates/layer/layer.yaml.in"),
    ),
    (
        "tests/layer.rs",
        include_str!("../../templates/layer/test.rs.in"),
    ),
    (
        "tests/charm/metadata.yaml",
        include_str!("../../templates/layer/metadata.yaml.in"),
    ),
    (
        "README.md",
        include_str!("../../templates/layer/README.md.in"),
    ),
    (".gitignore", include_str!("../../templates/gitignore.in")),
];

const INTERFACE: [File; 8] = [
    (
        "Cargo.toml",
        include_str!("../../templates/interface/Cargo.toml.in"),
    ),
    (
        "reactive/{{module}}.rs",
        include_str!("../../templates/interface/lib.rs.in"),
    ),
    (
        "interface.yaml",
        include_str!("../../templates/interface/interface.yaml.in"),
    ),
    (
        "tests/interface.rs",
        include_str!("../../templates/interface/test.rs.in"),
    ),
    (
        "tests/provider/metadata.yaml",
        include_str!("../../templates/interface/provider.yaml.in"),
    ),
    (
        "tests/requirer/metadata.yaml",
        include_str!("../../templates/interface/requirer.yaml.in"),
    ),
    (
        "README.md",
        include_str!("../../templates/interface/README.md.in"),
    ),
    (".gitignore", include_str!("../../templates/gitignore.in")),
];

/// Names that Rust, Cargo or Ensign have a use for.
const TAKEN: [&str; 60] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "ensign",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "if",
    "impl",
    "in",
    "incremental",
    "juju",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// Writes the folder, and gives back the checkout that it depends on.
pub(crate) fn new(new: &New) -> Result<PathBuf, Report> {
    let name = new
        .dir
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    if !is_charm_name(&name) {
        return Err(Report::usage(format!("`{name}` cannot name a charm"))
            .hint("use lower-case letters, digits and `-`, a letter first and in each part"));
    }
    if TAKEN.contains(&name.as_str()) {
        return Err(
            Report::usage(format!("`{name}` has a meaning of its own in Rust"))
                .hint("choose another name"),
        );
    }
    if new.dir.exists() {
        return Err(
            Report::new(format!("`{}` exists already", new.dir.display()))
                .hint("choose another name"),
        );
    }
    let checkout = std::fs::canonicalize(CHECKOUT).map_err(|error| {
        Report::new(format!(
            "the sources of this command are gone from `{CHECKOUT}`"
        ))
        .because(error)
        .hint("a new charm depends on them: build `ensign` again from a checkout")
    })?;
    let files: &[File] = match new.kind {
        Kind::Charm => &CHARM,
        Kind::Layer => &LAYER,
        Kind::Interface => &INTERFACE,
    };
    let module = name.replace('-', "_");
    let fill = |text: &str| {
        text.replace("{{name}}", &name)
            .replace("{{crate}}", &module)
            .replace("{{module}}", &module)
            .replace("{{rust}}", env!("CARGO_PKG_RUST_VERSION"))
            .replace("{{checkout}}", &checkout.display().to_string())
    };
    for (path, text) in files {
        write(&new.dir.join(fill(path)), &fill(text))?;
    }
    owner::give(&new.dir)?;
    Ok(checkout)
}

fn write(path: &Path, text: &str) -> Result<(), Report> {
    let failed = |error: std::io::Error| {
        Report::new(format!("cannot write `{}`", path.display())).because(error)
    };
    if let Some(folder) = path.parent() {
        owner::make_folder(folder)?;
    }
    std::fs::write(path, text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_of_the_templates_is_filled() {
        let dir = tempfile::tempdir().unwrap();
        let all = [
            (Kind::Charm, "my-charm"),
            (Kind::Layer, "my-layer"),
            (Kind::Interface, "my-interface"),
        ];
        for (kind, name) in all {
            let root = dir.path().join(name);
            new(&New {
                dir: root.clone(),
                kind,
            })
            .unwrap();
            let mut left = vec![root];
            while let Some(folder) = left.pop() {
                for entry in std::fs::read_dir(folder).unwrap() {
                    let path = entry.unwrap().path();
                    assert!(!path.to_string_lossy().contains("{{"), "{}", path.display());
                    match path.is_dir() {
                        true => left.push(path),
                        false => assert!(
                            !std::fs::read_to_string(&path).unwrap().contains("{{"),
                            "{}",
                            path.display()
                        ),
                    }
                }
            }
        }
    }
}
