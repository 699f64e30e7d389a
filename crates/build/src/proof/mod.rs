//! Finds what is wrong with a charm before it is deployed: each mistake with its place, why, and what to do.
//!
//! One check is one file here, from a charm to findings. A charm that cannot even be read is a finding too: whatever
//! lies in a folder or an archive, there is a list and never a panic.

mod archive;
mod charm;
mod code;
mod effects;
mod files;
mod followers;
mod handler;
mod hooks;
mod livelock;
mod names;
mod never;
mod order;
mod peer;
mod rules;
#[cfg(test)]
mod sample;
mod script;
mod setters;
mod templates;
#[cfg(test)]
mod tests;
mod triggers;
mod unset;
mod vanished;

use std::path::{Path, PathBuf};

use crate::describe::describe;
use crate::error::{Doing, Error, Result};
use crate::finding::{Finding, Findings, Level};
use crate::job::Built;
use crate::unpack::unpack;

use charm::Charm;

/// A check adds what it finds.
type Check = fn(&Charm, &mut Findings);

/// All checks of a charm that can be read.
const CHECKS: &[Check] = &[
    files::check,
    rules::check,
    peer::check,
    followers::check,
    unset::check,
    never::check,
    triggers::check,
    livelock::check,
    names::check,
    order::check,
    templates::check,
];

/// Everything that is wrong with a charm directory. `since` is the directory of an earlier build, whose handlers units
/// may remember.
///
/// # Errors
/// If the directory is no charm, or cannot be read.
pub fn proof(dir: &Path, since: Option<&Path>) -> Result<Vec<Finding>> {
    let mut findings = Findings::default();
    let charm = Charm::read(dir, &[], &mut findings)?;
    checked(&charm, since, findings)
}

/// Everything that is wrong with a charm that has just been built from the folder `source`; the author's own files
/// are named where a mistake is in one.
///
/// # Errors
/// As [`proof`].
pub fn proof_built(built: &Built, source: &Path, since: Option<&Path>) -> Result<Vec<Finding>> {
    let mut findings = Findings::default();
    findings.extend(named_from(source, built.warnings.clone()));
    let charm = Charm::read(&built.dir, &folders(source)?, &mut findings)?;
    checked(&charm, since, findings)
}

/// Everything that is wrong with a `.charm` file.
///
/// # Errors
/// If the file cannot be read.
pub fn proof_archive(path: &Path, since: Option<&Path>) -> Result<Vec<Finding>> {
    let scratch = tempfile::tempdir().doing(|| "make a temporary folder".into())?;
    let dir = scratch.path().join("charm");
    match archive::look(path).and_then(|()| unpack(path, &dir)) {
        Ok(()) => Ok(renamed(proof(&dir, since)?, &dir, path)),
        Err(Error::Archive { why, .. }) => Ok(vec![archive::refused(path, &why)]),
        Err(error) => Err(error),
    }
}

/// Why the charm directory `dir` cannot run on Juju 4. `named` is the folder or archive that it was made from.
///
/// # Errors
/// As [`proof`].
pub fn unfit_for_juju_4(dir: &Path, named: &Path) -> Result<Vec<Finding>> {
    let sources = match named.is_dir() {
        true => vec![named.to_owned()],
        false => Vec::new(),
    };
    let charm = Charm::read(dir, &sources, &mut Findings::default())?;
    let findings = peer::on_juju_4(&charm).into_iter().collect();
    Ok(renamed(findings, dir, named))
}

/// Why a build of the folder `source` failed, as findings.
///
/// # Errors
/// The error itself, where it is not about the charm's files.
pub fn refused(error: Error, source: &Path) -> Result<Vec<Finding>> {
    let mut findings = Findings::default();
    match error {
        Error::Files(found) => {
            findings.extend(named_from(source, found));
            // The build stopped before it came to these.
            files::look_for_state(source, &mut findings);
        }
        Error::UnitState(path) => findings.push(files::unit_state(&path)),
        Error::BadEntry { ref path, .. } => {
            let message = error.to_string();
            let finding = Finding::about(Level::Error, source.join(path), message).numbered(206);
            findings.push(finding.hint(error.hint().unwrap_or_default()));
        }
        Error::DuplicateId { ref places, .. } => {
            let (file, line) = places[1].rsplit_once(':').unwrap_or((&places[1], ""));
            let mut finding = charm::of_program(&source.join(file), &error);
            finding.line = line.parse().unwrap_or_default();
            findings.push(finding);
        }
        other => return Err(other),
    }
    Ok(sorted(findings.sorted()))
}

/// The folders that a charm is made of: the author's, then its layers from the top.
fn folders(source: &Path) -> Result<Vec<PathBuf>> {
    let charm = describe(source, &mut Findings::default())?;
    let layers = charm
        .stack
        .layers
        .iter()
        .rev()
        .chain(&charm.stack.interfaces);
    let others = layers.map(|layer| layer.dir.clone());
    let others = others.filter(|dir| !dir.as_os_str().is_empty() && dir.as_path() != source);
    Ok(std::iter::once(source.to_owned()).chain(others).collect())
}

/// Cargo tells full paths: the author's own become what was typed.
fn named_from(source: &Path, findings: Vec<Finding>) -> Vec<Finding> {
    match source.canonicalize() {
        Ok(full) => renamed(findings, &full, source),
        Err(_) => findings,
    }
}

/// Findings in their order, each with a number.
fn sorted(findings: Vec<Finding>) -> Vec<Finding> {
    let mut all = Findings::default();
    all.extend(findings.into_iter().map(code::numbered));
    all.sorted()
}

fn checked(charm: &Charm, since: Option<&Path>, mut findings: Findings) -> Result<Vec<Finding>> {
    for check in CHECKS {
        check(charm, &mut findings);
    }
    if let Some(before) = since {
        let before = Charm::read(before, &[], &mut Findings::default())?;
        vanished::check(charm, &before, &mut findings);
    }
    Ok(sorted(findings.sorted()))
}

/// The same with files below `from` named as if they lay below `to`.
fn renamed(mut findings: Vec<Finding>, from: &Path, to: &Path) -> Vec<Finding> {
    for finding in &mut findings {
        if let Ok(inside) = finding.file.strip_prefix(from) {
            finding.file = to.join(inside);
        }
        let (old, new) = (from.display().to_string(), to.display().to_string());
        finding.message = finding.message.replace(&old, &new);
        finding.hint = finding.hint.take().map(|hint| hint.replace(&old, &new));
    }
    findings
}
