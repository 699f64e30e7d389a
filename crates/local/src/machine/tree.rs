//! Folders a machine has written: made plain, removed whole.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::ids::Ids;
use crate::error::{Doing, Error, Result};
use crate::roles;

/// Removes `path` and everything below; users of a machine made without root may own parts of it.
pub(crate) fn remove_tree(path: &Path, ids: Ids, exe: &Path) -> Result<()> {
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    match ids {
        Ids::All => remove_all(path),
        Ids::One => remove_own(path),
        Ids::Range { .. } => {
            let child = ids.spawn(exe, roles::REMOVE, [path], std::process::Stdio::piped())?;
            let output = child
                .wait_with_output()
                .doing(|| format!("remove `{}`", path.display()))?;
            if output.status.success() {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&output.stderr);
            Err(Error::io(
                format!("remove `{}`", path.display()),
                io::Error::other(text.trim().to_owned()),
            ))
        }
    }
}

/// Removes what belongs to this user, folders of mode 000 included (the kernel makes one per overlay).
pub(crate) fn remove_own(path: &Path) -> Result<()> {
    open_up(path).doing(|| format!("open `{}` for removal", path.display()))?;
    remove_all(path)
}

fn remove_all(path: &Path) -> Result<()> {
    fs::remove_dir_all(path).doing(|| format!("remove `{}`", path.display()))
}

fn open_up(folder: &Path) -> io::Result<()> {
    let mode = folder.symlink_metadata()?.permissions().mode();
    if mode & 0o700 != 0o700 {
        fs::set_permissions(folder, Permissions::from_mode(mode | 0o700))?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

/// Makes a folder of exactly this mode; one that is there is left as it is.
pub(super) fn make_folder(path: &Path, mode: u32) -> Result<()> {
    match fs::create_dir(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
        Err(error) => {
            return Err(Error::io(
                format!("make the folder `{}`", path.display()),
                error,
            ));
        }
    }
    fs::set_permissions(path, Permissions::from_mode(mode))
        .doing(|| format!("set the mode of `{}`", path.display()))
}

/// Replaces a file, whatever stood there.
pub(super) fn replace(path: &Path, content: &[u8], mode: u32) -> Result<()> {
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::io(format!("replace `{}`", path.display()), error)),
    }
    fs::write(path, content).doing(|| format!("write `{}`", path.display()))?;
    fs::set_permissions(path, Permissions::from_mode(mode))
        .doing(|| format!("set the mode of `{}`", path.display()))
}
