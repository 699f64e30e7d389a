//! A charm as it is deployed: what it declares, and the folder with its files.

use std::fs;
use std::hash::Hash;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ensign_model::CharmInfo;
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::error::{Doing, Error, Result};

/// The state folder of a unit; a charm that carries one would overwrite the unit's.
pub(crate) const STATE: &str = ".ensign";

/// A built charm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Charm {
    /// What its documents declare. `build` and `revision` are set when it is deployed.
    pub info: CharmInfo,
    /// The charm directory, as `ensign build` writes it.
    pub dir: PathBuf,
}

impl Charm {
    /// Copies the files into `store`, in a folder named after their content, and gives back its name.
    pub(crate) fn keep(&self, store: &Path) -> Result<String> {
        let wrong = |why: &str| Error::BadCharm {
            path: self.dir.clone(),
            why: why.to_owned(),
        };
        if !self.dir.join("metadata.yaml").is_file() {
            return Err(wrong(
                "it has no `metadata.yaml`; `ensign build` makes a charm directory",
            ));
        }
        if self.dir.join(STATE).exists() {
            return Err(wrong(
                "it contains `.ensign/`, the state of a unit; remove that folder",
            ));
        }
        let mut hasher = SipHasher13::new();
        digest(&self.dir, &mut hasher)?;
        let name = format!("{:032x}", hasher.finish128().as_u128());
        let target = store.join(&name);
        if !target.is_dir() {
            let aside = store.join(format!(".{name}"));
            if aside.exists() {
                fs::remove_dir_all(&aside).doing(|| format!("remove `{}`", aside.display()))?;
            }
            copy_tree(&self.dir, &aside)?;
            fs::rename(&aside, &target)
                .doing(|| format!("keep the charm at `{}`", target.display()))?;
        }
        Ok(name)
    }
}

/// Every file and link below `folder`, as paths from it, in order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    fn walk(root: &Path, below: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
        for entry in fs::read_dir(root.join(below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                walk(root, &path, found)?
            } else {
                found.push(path)
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    walk(folder, Path::new(""), &mut found).doing(|| format!("read `{}`", folder.display()))?;
    found.sort();
    Ok(found)
}

fn digest(folder: &Path, hasher: &mut SipHasher13) -> Result<()> {
    for name in files(folder)? {
        let path = folder.join(&name);
        let reading = || format!("read `{}`", path.display());
        let found = path.symlink_metadata().doing(reading)?;
        (&name, found.permissions().mode() & 0o7777).hash(hasher);
        if found.is_symlink() {
            fs::read_link(&path).doing(reading)?.hash(hasher);
        } else {
            fs::read(&path).doing(reading)?.hash(hasher);
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir(to).doing(|| format!("make the folder `{}`", to.display()))?;
    for entry in fs::read_dir(from).doing(|| format!("read `{}`", from.display()))? {
        let entry = entry.doing(|| format!("read `{}`", from.display()))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry
            .file_type()
            .doing(|| format!("look at `{}`", source.display()))?;
        if kind.is_dir() {
            copy_tree(&source, &target)?;
        } else {
            copy_file(&source, &target)?;
        }
    }
    let mode = from
        .metadata()
        .map_or(0o755, |found| found.permissions().mode() & 0o7777 | 0o700);
    fs::set_permissions(to, fs::Permissions::from_mode(mode))
        .doing(|| format!("set the mode of `{}`", to.display()))
}

/// Copies a file with its mode, or a link as a link; nothing may stand at `to`.
pub(crate) fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let copying = || format!("copy `{}` to `{}`", from.display(), to.display());
    let found = from.symlink_metadata().doing(copying)?;
    if found.is_symlink() {
        let link = fs::read_link(from).doing(copying)?;
        std::os::unix::fs::symlink(link, to).doing(copying)
    } else {
        fs::copy(from, to).map(drop).doing(copying)
    }
}
