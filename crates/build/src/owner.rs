//! Under `sudo`: the user who typed the command. Compilers run as that user, and files are given to them.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Doing, Result};

/// The user behind `sudo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    uid: u32,
    gid: u32,
    name: String,
    home: PathBuf,
}

impl Owner {
    /// The user who called `sudo`; none where the command runs as who typed it.
    #[must_use]
    pub fn of_invocation() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
        let (uid, gid) = (number("SUDO_UID")?, number("SUDO_GID")?);
        let users = std::fs::read_to_string("/etc/passwd").ok()?;
        (uid != 0).then(|| Self::find(uid, gid, &users)).flatten()
    }

    fn find(uid: u32, gid: u32, users: &str) -> Option<Self> {
        users.lines().find_map(|line| {
            let fields: Vec<&str> = line.split(':').collect();
            let [name, _, id, _, _, home, ..] = fields[..] else {
                return None;
            };
            (id.parse() == Ok(uid)).then(|| Self {
                uid,
                gid,
                name: name.into(),
                home: home.into(),
            })
        })
    }

    /// Makes the command run as this user, in the surroundings that `sudo` took away.
    fn assume(&self, command: &mut Command) {
        command.uid(self.uid).gid(self.gid);
        command
            .env("HOME", &self.home)
            .env("USER", &self.name)
            .env("LOGNAME", &self.name);
        let own = self.home.join(".cargo/bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(own).chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(paths) {
            command.env("PATH", path);
        }
    }

    /// Where this user's programs of Cargo are.
    fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.home.join(".cargo/bin").join(name)).filter(|path| path.is_file())
    }
}

/// A command that never runs with rights which `sudo` gave: a compiler, a build script, a program of the charm.
///
/// The environment that an outer `cargo run` made for this process is taken out of it.
#[must_use]
pub fn command(program: &str) -> Command {
    let owner = Owner::of_invocation();
    let found = std::env::var_os(program.to_ascii_uppercase()).map(PathBuf::from);
    let found = found
        .or_else(|| owner.as_ref()?.program(program))
        .unwrap_or_else(|| program.into());
    let mut command = Command::new(found);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_outer_cargo) {
            command.env_remove(name);
        }
    }
    if let Some(owner) = owner {
        owner.assume(&mut command);
    }
    command
}

fn is_of_outer_cargo(name: &str) -> bool {
    [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
    ]
    .iter()
    .any(|prefix| name.starts_with(prefix))
}

/// Gives a file or folder, with all in it, to the user behind `sudo`; does nothing without one.
///
/// # Errors
/// If the system refuses.
pub fn give(path: &Path) -> Result<()> {
    let Some(owner) = Owner::of_invocation() else {
        return Ok(());
    };
    give_to(&owner, path)
}

fn give_to(owner: &Owner, path: &Path) -> Result<()> {
    let doing = || format!("give `{}` to {}", path.display(), owner.name);
    std::os::unix::fs::lchown(path, Some(owner.uid), Some(owner.gid)).doing(doing)?;
    if path.symlink_metadata().doing(doing)?.is_dir() {
        for entry in std::fs::read_dir(path).doing(doing)? {
            give_to(owner, &entry.doing(doing)?.path())?;
        }
    }
    Ok(())
}

/// Makes a folder and its parents; those that are new belong to the user behind `sudo`.
///
/// # Errors
/// If the system refuses.
pub fn make_folder(path: &Path) -> Result<()> {
    let doing = || format!("make the folder `{}`", path.display());
    let mut new: Vec<&Path> = path
        .ancestors()
        .take_while(|p| !p.as_os_str().is_empty() && !p.exists())
        .collect();
    std::fs::create_dir_all(path).doing(doing)?;
    if let Some(owner) = Owner::of_invocation() {
        for path in new.drain(..) {
            std::os::unix::fs::lchown(path, Some(owner.uid), Some(owner.gid)).doing(doing)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_behind_sudo_is_looked_up_by_number() {
        let users = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann,,,:/home/ann:/bin/zsh\n";
        let ann = Owner::find(1000, 100, users).unwrap();
        assert_eq!(
            (ann.name.as_str(), ann.home.to_str(), ann.gid),
            ("ann", Some("/home/ann"), 100)
        );
        assert_eq!(Owner::find(1001, 100, users), None);
    }

    #[test]
    fn an_outer_cargos_package_is_not_ours() {
        assert!(is_of_outer_cargo("CARGO_PKG_NAME") && is_of_outer_cargo("CARGO_MANIFEST_DIR"));
        assert!(!is_of_outer_cargo("CARGO_TARGET_DIR") && !is_of_outer_cargo("CARGO_HOME"));
    }
}
