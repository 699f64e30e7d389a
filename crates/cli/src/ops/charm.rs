//! From what was named on the command line to a charm that a model can deploy.

use std::path::{Path, PathBuf};

use ensign_build::{Description, Findings, Options, Package, Purpose, describe, is_built, unpack};
use ensign_local::Charm;
use ensign_model::Documents;
use serde_json::json;
use tempfile::TempDir;

use super::build::{build, building};
use crate::progress::Progress;
use crate::report::Report;

/// A charm, ready for a model.
#[derive(Debug)]
pub(crate) struct Deployable {
    /// The charm's name, and the application's.
    pub(crate) name: String,
    /// What a model deploys.
    pub(crate) charm: Charm,
    /// Files that should be equal on all units.
    pub(crate) same_files: Vec<String>,
    /// Where an archive was unpacked.
    _unpacked: Option<TempDir>,
}

/// The id of what was not built here.
const UNBUILT: &str = "1";

/// Builds the charm at `path`, or takes it as it is where it is built already.
pub(crate) fn prepare(path: &Path, progress: &mut Progress) -> Result<Deployable, Report> {
    if path.is_file() {
        let folder = tempfile::tempdir()
            .map_err(|error| Report::new("cannot make a temporary folder").because(error))?;
        let dir = folder.path().join("charm");
        unpack(path, &dir)?;
        return deployable(dir, Vec::new(), UNBUILT, Some(folder));
    }
    if is_built(path) {
        return deployable(path.to_owned(), Vec::new(), UNBUILT, None);
    }
    let options = Options {
        dir: path.to_owned(),
        purpose: Purpose::Run,
        ..building()
    };
    let built = build(&options, progress)?;
    progress.detail(&format!("built `{}`", built.dir.display()));
    deployable(built.dir, built.same_files, &built.id, None)
}

fn deployable(
    dir: PathBuf,
    same_files: Vec<String>,
    id: &str,
    unpacked: Option<TempDir>,
) -> Result<Deployable, Report> {
    let mut findings = Findings::default();
    let described = describe(&dir, &mut findings)?;
    if findings.has_errors() {
        return Err(ensign_build::Error::Files(findings.sorted()).into());
    }
    let info = documents(&described)?.charm(id);
    let mut info = info.map_err(|error| {
        Report::new(format!("cannot deploy `{}`", dir.display())).because(error)
    })?;
    info.base = described
        .bases
        .first()
        .map(ensign_build::schema::Base::short);
    Ok(Deployable {
        name: info.name.clone(),
        charm: Charm { info, dir },
        same_files,
        _unpacked: unpacked,
    })
}

fn documents(charm: &Description) -> Result<Documents, Report> {
    let metadata = serde_json::to_value(&charm.metadata);
    let metadata = metadata
        .map_err(|error| Report::new("cannot describe the charm to the model").because(error))?;
    Ok(Documents {
        metadata,
        config: json!({"options": charm.config}),
        actions: json!(charm.actions),
    })
}

/// The crate of the charm in `dir`.
pub(crate) fn package(dir: &Path) -> Result<Package, Report> {
    let package = Package::find(dir)?;
    package.ok_or_else(|| {
        Report::new(format!("`{}` has no `Cargo.toml`", dir.display()))
            .hint("name the folder of a charm's crate")
    })
}
