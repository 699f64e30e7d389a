//! Unpacks a `.charm` file as Juju does: files, folders and links only, none of them outside.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::error::{Doing, Error, Result};
use crate::tree::check_link;

/// More than this, unpacked, is an accident or an attack. In bytes.
const LARGEST: u64 = 4 << 30;

/// Unpacks `charm` into the new folder `dir`.
///
/// # Errors
/// If it is no zip archive, holds no charm, or an entry would leave the folder.
pub fn unpack(charm: &Path, dir: &Path) -> Result<()> {
    let bad = |why: String| Error::Archive {
        path: charm.to_owned(),
        why,
    };
    // What the system refuses for its own sake is not the archive's fault.
    let damaged = |name: &str, error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            bad(format!("`{name}` needs a folder where a file stands"))
        }
        io::ErrorKind::InvalidFilename | io::ErrorKind::InvalidInput | io::ErrorKind::NotFound => {
            bad(format!("`{name}` cannot be a file here: {error}"))
        }
        _ if error.raw_os_error().is_none() => bad(format!("`{name}` is damaged: {error}")),
        _ => Error::Io {
            doing: format!("unpack `{name}` of `{}`", charm.display()),
            source: error,
        },
    };
    let file = File::open(charm).doing(|| format!("read `{}`", charm.display()))?;
    let mut zip = ZipArchive::new(BufReader::new(file)).map_err(|error| bad(error.to_string()))?;
    fs::create_dir_all(dir).doing(|| format!("make the folder `{}`", dir.display()))?;
    let (mut left, mut links) = (LARGEST, BTreeSet::new());
    for index in 0..zip.len() {
        let mut entry = zip
            .by_index(index)
            .map_err(|error| bad(error.to_string()))?;
        let name = entry
            .name()
            .map_err(|error| bad(error.to_string()))?
            .into_owned();
        let path = entry
            .enclosed_name()
            .ok_or_else(|| bad(format!("`{name}` leads out of it")))?;
        if path
            .ancestors()
            .skip(1)
            .any(|folder| links.contains(folder))
        {
            return Err(bad(format!("`{name}` lies behind a link")));
        }
        let place = dir.join(&path);
        let refused = |error| damaged(&name, error);
        if entry.is_dir() {
            fs::create_dir_all(&place).map_err(refused)?;
            continue;
        }
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).map_err(refused)?;
        }
        if place.symlink_metadata().is_ok() {
            return Err(bad(format!("`{name}` stands in it twice")));
        }
        if entry.is_symlink() {
            let mut target = String::new();
            let read = entry.by_ref().take(4096).read_to_string(&mut target);
            read.map_err(refused)?;
            check_link(&path, Path::new(&target)).map_err(|error| bad(error.to_string()))?;
            symlink(&target, &place).map_err(refused)?;
            links.insert(path);
            continue;
        }
        let mode = entry.unix_mode().unwrap_or(0o644);
        if !matches!(mode & 0o170_000, 0 | 0o100_000) {
            return Err(bad(format!("`{name}` is no file, folder or link")));
        }
        let mut out = File::create(&place).map_err(refused)?;
        let said = entry.size();
        if said > left {
            return Err(bad(format!("it unpacks to more than {LARGEST} bytes")));
        }
        let copied = io::copy(&mut entry.by_ref().take(said.saturating_add(1)), &mut out);
        let written = copied.map_err(refused)?;
        if written > said {
            return Err(bad(format!("`{name}` is larger than it says")));
        }
        left -= written;
        fs::set_permissions(&place, fs::Permissions::from_mode(mode & 0o777 | 0o600))
            .map_err(refused)?;
    }
    if dir.join("metadata.yaml").is_file() {
        Ok(())
    } else {
        Err(bad("it has no `metadata.yaml`".into()))
    }
}

/// The name of the charm in a built directory, and the files that its units should have alike.
///
/// # Errors
/// If the directory is no built charm.
pub fn name_of(dir: &Path) -> Result<String> {
    let mut findings = crate::finding::Findings::default();
    let charm = crate::describe::describe(dir, &mut findings)?;
    let why = |why: &str| Error::NoCharm {
        dir: PathBuf::from(dir),
        why: why.into(),
    };
    if !dir.join("dispatch").is_file() && !dir.join("hooks").is_dir() {
        return Err(why("it has neither `dispatch` nor `hooks`"));
    }
    if charm.metadata.name.is_empty() {
        Err(why("its `metadata.yaml` names no charm"))
    } else {
        Ok(charm.metadata.name)
    }
}
