//! One build, from the author's folder to the charm.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::{Package, Purpose, Target, architecture, compile, generate};
use crate::describe::{Description, layered};
use crate::error::{Doing, Error, Result};
use crate::finding::{Finding, Findings, Level};
use crate::layers::{Found, Kind, Lock, Paths, Stack};
use crate::linked::{Linked, linked};
use crate::pack::pack;
use crate::registry::Registry;
use crate::schema::Base;
use crate::signatures::finish;
use crate::tree::{Content, Tree, gather, replaceable, turn, write};

/// The bash library of the charm, for handlers written in bash.
const BASH_LIBRARY: &str = include_str!("../assets/charms.reactive.sh");

/// Where a charm runs that names no base.
const DEFAULT_BASE: &str = "22.04";

/// What to build, and for what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The folder of the charm.
    pub dir: PathBuf,
    /// Where to write; `target/ensign/…` of the charm's workspace if none.
    pub out: Option<PathBuf>,
    /// Whether it goes to Juju or to a local model.
    pub purpose: Purpose,
    /// The compiler's target; this machine's, with musl, if none.
    pub target: Option<String>,
    /// Write the `.charm` file besides the directory.
    pub pack: bool,
    /// Where layers are looked for that are no crates.
    pub paths: Paths,
    /// Conflicts between layers are errors.
    pub strict: bool,
    /// Take layers in folders as they are now, whatever `layer.lock` says.
    pub update: bool,
    /// The folder of the `ensign` library, for charms that have no Rust.
    pub library: Option<PathBuf>,
}

/// Where a build has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step<'a> {
    /// Cargo is about to build this package.
    Compile(&'a str),
    /// The charm is about to be written.
    Write,
}

/// A built charm.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Built {
    /// The charm's name.
    pub name: String,
    /// The charm directory.
    pub dir: PathBuf,
    /// The `.charm` file, if one was asked for.
    pub charm: Option<PathBuf>,
    /// The program in the charm directory.
    pub binary: PathBuf,
    /// The size of that program in bytes.
    pub bytes: u64,
    /// Names what went in: equal inputs give equal ids.
    pub id: String,
    /// Nothing had to be compiled.
    pub fresh: bool,
    /// Where the charm runs.
    pub base: Base,
    /// Handlers and triggers.
    pub registry: Registry,
    /// Files that should be equal on all units.
    pub same_files: Vec<String>,
    /// Warnings about the charm's files.
    pub warnings: Vec<Finding>,
    /// What else the author should know.
    pub notes: Vec<String>,
}

/// Builds a charm.
///
/// # Errors
/// If the charm's files have mistakes ([`Error::Files`] has them all), Cargo fails, or the output cannot be written.
/// What stood at the output's place is then as it was.
pub fn build(options: &Options, step: &mut dyn FnMut(Step<'_>)) -> Result<Built> {
    let mut findings = Findings::default();
    let level = if options.strict {
        Level::Error
    } else {
        Level::Warning
    };
    let charm = layered(&options.dir, &options.paths, level, &mut findings)?;
    let (package, linked) = program(options, &charm, &mut findings)?;
    stop(&findings)?;

    let out = options.out.clone().unwrap_or_else(|| {
        package
            .target_dir
            .join("ensign")
            .join(options.purpose.name())
    });
    let name = charm.metadata.name.clone();
    let place = out.join(&name);
    replaceable(&place, &options.dir)?;
    let outside = [out.clone(), place.clone(), package.target_dir.clone()];
    let gathered = gather(&charm.stack, &outside, &mut findings, level)?;
    stop(&findings)?;
    let (mut tree, mut notes) = (gathered.tree, gathered.notes);
    let lock = Lock::of(&charm.stack)?;
    match options.purpose {
        Purpose::Release => lock.keep(&options.dir, options.update)?,
        // Who tries a change of a layer is told, and not stopped.
        Purpose::Run => {
            let changed = lock.differs(&options.dir)?;
            if !changed.is_empty() {
                notes.push(format!(
                    "{} changed since `layer.lock` was written; `ensign build` takes that with `--update` only",
                    changed.join(", ")
                ));
            }
        }
    }

    let target = Target::choose(options.target.as_deref(), &package.workspace)?;
    notes.extend(target.warning.clone());
    step(Step::Compile(&package.name));
    let compiled = compile(&package, options.purpose, &target)?;
    let registry = Registry::read(&compiled.executable)?;
    let scripts = tree
        .files()
        .any(|(path, _)| path.starts_with("reactive/") || path.starts_with("hooks/"));
    linked.check(&registry, scripts, &mut findings);
    stop(&findings)?;

    step(Step::Write);
    let _turn = turn(&out)?;
    let base = complete(
        &mut tree,
        &charm,
        &compiled.executable,
        architecture(&target.triple),
        &linked.crates,
    )?;
    let id = finish(&mut tree, &charm, &linked.crates, &lock)?;
    write(&tree, &place)?;
    let file = format!(
        "{name}_{}-{}-{}.charm",
        base.name,
        base.version(),
        architecture(&target.triple)
    );
    let packed = options.pack.then(|| out.join(file));
    if let Some(packed) = &packed {
        pack(&tree, packed)?;
    }
    let binary = place.join("dispatch");
    let bytes = fs::metadata(&binary)
        .doing(|| format!("look at `{}`", binary.display()))?
        .len();
    Ok(Built {
        name,
        dir: place,
        charm: packed,
        binary,
        bytes,
        id,
        fresh: compiled.fresh,
        base,
        registry,
        same_files: package.same_files,
        warnings: findings.sorted(),
        notes,
    })
}

fn stop(findings: &Findings) -> Result<()> {
    if findings.has_errors() {
        Err(Error::Files(findings.sorted()))
    } else {
        Ok(())
    }
}

/// The crate that becomes the charm's program: its own, or one line that is written for it.
fn program(
    options: &Options,
    charm: &Description,
    findings: &mut Findings,
) -> Result<(Package, Linked)> {
    let dir = &options.dir;
    if let Some(package) = Package::find(dir)? {
        unlinked(dir, &charm.stack, findings);
        let linked = linked(&package, &charm.stack, findings)?;
        return Ok((package, linked));
    }
    // What is generated has the charm's files right.
    stop(findings)?;
    let Some(library) = &options.library else {
        return Err(Error::NoCharm {
            dir: dir.to_owned(),
            why: "it has a `metadata.yaml` but no `Cargo.toml`".into(),
        });
    };
    let (package, crates) = generate(dir, &charm.stack, library)?;
    Ok((package, Linked::generated(crates)))
}

/// Layers in folders that are crates all the same: Cargo does not link them unless the charm depends on them.
fn unlinked(dir: &Path, stack: &Stack, findings: &mut Findings) {
    let manifest = dir.join("Cargo.toml");
    for layer in stack.all() {
        let folder = matches!(layer.found, Found::Folder { .. });
        if folder && layer.kind != Kind::Charm && layer.dir.join("Cargo.toml").is_file() {
            let message = format!(
                "`{}` in `{}` is a crate, but the charm does not depend on it: its handlers would be missing",
                layer.url(),
                layer.dir.display()
            );
            let hint = format!(
                "add it below `[dependencies]`: `NAME = {{ path = {:?} }}`, NAME being that of its `Cargo.toml`",
                layer.dir
            );
            findings.push(Finding::about(Level::Error, &manifest, message).hint(hint));
        }
    }
}

/// Adds what the build makes, but for what depends on everything else.
fn complete(
    tree: &mut Tree,
    charm: &Description,
    executable: &Path,
    processor: &str,
    crates: &[String],
) -> Result<Base> {
    let name = &charm.metadata.name;
    for path in [
        "dispatch",
        "bin/charms.reactive",
        "bin/charms.reactive.sh",
        "bin/ensign.json",
    ] {
        if tree.get(path).is_some() {
            return Err(Error::BadEntry {
                path: path.into(),
                why: "the build writes this file itself".into(),
                hint: "remove or rename the charm's own".into(),
            });
        }
    }
    for (file, (_, text)) in &charm.files {
        tree.add(file.clone(), name, "dynamic", Content::Text(text.clone()));
    }
    let (base, manifest) = manifest(charm, processor)?;
    tree.add("manifest.yaml", name, "build", Content::Text(manifest));
    tree.add(
        "dispatch",
        crates.last().unwrap_or(name),
        "build",
        Content::Copy(executable.to_owned(), true),
    );
    tree.add(
        "bin/charms.reactive",
        "ensign",
        "build",
        Content::Link("../dispatch".into()),
    );
    tree.add(
        "bin/charms.reactive.sh",
        "ensign",
        "build",
        Content::Script(BASH_LIBRARY.into()),
    );
    Ok(base)
}

/// `manifest.yaml`, whose first base names the `.charm` file.
fn manifest(charm: &Description, processor: &str) -> Result<(Base, String)> {
    let mut bases = charm.bases.clone();
    if bases.is_empty() {
        bases.push(Base::ubuntu(DEFAULT_BASE));
    }
    bases.retain(|base| {
        base.architectures.is_empty() || base.architectures.iter().any(|known| known == processor)
    });
    let Some(first) = bases.first().cloned() else {
        return Err(Error::BadEntry {
            path: "manifest.yaml".into(),
            why: format!("none of its bases is for {processor}"),
            hint: format!(
                "add `{processor}` to the architectures of a base, or build with another `--target`"
            ),
        });
    };
    let mut text = String::from("bases:\n");
    for base in &bases {
        text.push_str(&format!(
            "- name: {}\n  channel: {}\n  architectures:\n  - {processor}\n",
            base.name,
            serde_json::Value::from(base.channel.as_str())
        ));
    }
    Ok((first, text))
}
