//! Finds what is wrong with a charm.

use std::path::{Path, PathBuf};

use ensign_build::{Built, Error, Finding, Options, Purpose, is_built, proof, unpack};
use tempfile::TempDir;

use super::build::{building, compile};
use crate::progress::Progress;
use crate::report::Report;

/// Checks the charm at `path`: a folder with its source, which is built first, a built directory, or an archive.
/// `since` is an earlier build; of a source, the last one for Juju if none is named.
pub(crate) fn proof(
    path: &Path,
    since: Option<&Path>,
    progress: &mut Progress,
) -> Result<Vec<Finding>, Report> {
    let before = since.map(Earlier::open).transpose()?;
    let before = before.as_ref().map(Earlier::dir);
    let before = before.as_deref();
    if path.is_file() {
        return Ok(proof::proof_archive(path, before)?);
    }
    let is_source = path.join("Cargo.toml").is_file() || path.join("layer.yaml").is_file();
    if is_built(path) || !is_source {
        return Ok(proof::proof(path, before)?);
    }
    let options = Options {
        dir: path.to_owned(),
        purpose: Purpose::Run,
        ..building()
    };
    match compile(&options, progress) {
        Ok(built) => {
            let last = last_release(&built);
            Ok(proof::proof_built(
                &built,
                path,
                before.or(last.as_deref()),
            )?)
        }
        Err(error) => Ok(proof::refused(error, path)?),
    }
}

/// Where `ensign build` writes this charm, if it has.
fn last_release(built: &Built) -> Option<PathBuf> {
    let all = built.dir.parent()?.parent()?;
    let dir = all.join(Purpose::Release.name()).join(&built.name);
    dir.join("metadata.yaml").is_file().then_some(dir)
}

/// An earlier build.
#[derive(Debug)]
enum Earlier {
    Directory(PathBuf),
    Unpacked(TempDir),
}

impl Earlier {
    fn open(path: &Path) -> Result<Self, Report> {
        if path.is_dir() {
            return Ok(Self::Directory(path.to_owned()));
        }
        let folder = tempfile::tempdir()
            .map_err(|error| Report::new("cannot make a temporary folder").because(error))?;
        unpack(path, &folder.path().join("charm"))?;
        Ok(Self::Unpacked(folder))
    }

    fn dir(&self) -> PathBuf {
        match self {
            Self::Directory(dir) => dir.clone(),
            Self::Unpacked(folder) => folder.path().join("charm"),
        }
    }
}

/// Refuses charms that cannot run on Juju 4; each with the folder or archive that was named for it.
pub(crate) fn fit_for_juju_4<'c>(
    charms: impl IntoIterator<Item = (&'c PathBuf, &'c Path)>,
) -> Result<(), Report> {
    let mut findings = Vec::new();
    for (named, dir) in charms {
        findings.extend(proof::unfit_for_juju_4(dir, named)?);
    }
    if findings.is_empty() {
        Ok(())
    } else {
        Err(Error::Files(findings).into())
    }
}
