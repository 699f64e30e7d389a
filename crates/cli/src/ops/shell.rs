//! A shell in which `juju` is this command.

use std::path::PathBuf;
use std::process::Command;

use ensign_local::{Home, LocalModel};

use crate::report::Report;

/// Starts the user's shell for a model and gives back its exit code.
pub(crate) fn shell(home: &Home, named: Option<&str>) -> Result<u8, Report> {
    let model = super::model::connect(home, named)?;
    let programs = programs(&model)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&path)))
        .map_err(|error| Report::new("cannot put `juju` on the `PATH`").because(error))?;
    let shell = std::env::var_os("SHELL")
        .filter(|shell| !shell.is_empty())
        .unwrap_or_else(|| "/bin/sh".into());
    let status = Command::new(&shell)
        .env("PATH", path)
        .env("JUJU_MODEL", model.name())
        .status();
    let status = status.map_err(|error| {
        Report::new(format!("cannot start `{}`", shell.to_string_lossy()))
            .because(error)
            .hint("set `SHELL`")
    })?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}

/// A folder of the model with a `juju` that is this program.
fn programs(model: &LocalModel) -> Result<PathBuf, Report> {
    let folder = model.path().join("bin");
    let link = folder.join("juju");
    let failed = |error: std::io::Error| {
        Report::new(format!("cannot make `{}`", link.display())).because(error)
    };
    let exe = std::env::current_exe().map_err(failed)?;
    std::fs::create_dir_all(&folder).map_err(failed)?;
    match std::fs::remove_file(&link) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
        _ => std::os::unix::fs::symlink(exe, &link).map_err(failed)?,
    }
    Ok(folder)
}
