//! The folders of a unit, as Juju lays them out.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use ensign_model::UnitName;

use super::JUJU_EXEC;
use super::protocol::Setting;
use crate::error::{Doing, Error, Result};

/// Where a unit's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// `/var/lib/juju/agents/unit-foo-0`
    pub(super) base: PathBuf,
    /// The charm directory, in which hooks run.
    pub(super) charm: PathBuf,
    /// The hook tools.
    pub(super) tools: PathBuf,
    /// What the charm before brought, one path a line.
    pub(super) manifest: PathBuf,
}

impl Layout {
    /// Makes the folders and the links of the hook tools.
    pub(super) fn make(unit: &UnitName, setting: &Setting) -> Result<Self> {
        let base = setting.data.join("agents").join(unit.tag());
        let layout = Self {
            charm: base.join("charm"),
            tools: setting.data.join("tools").join(unit.tag()),
            manifest: base.join("state/deployer/manifest"),
            base,
        };
        for folder in [
            &layout.base.join("state/deployer"),
            &layout.base.join("resources"),
        ] {
            fs::create_dir_all(folder)
                .doing(|| format!("make the folder `{}`", folder.display()))?;
        }
        let tools = &layout.tools;
        if tools.exists() {
            fs::remove_dir_all(tools).doing(|| format!("remove `{}`", tools.display()))?;
        }
        fs::create_dir_all(tools).doing(|| format!("make the folder `{}`", tools.display()))?;
        let exe = setting.shared.join("ensign");
        for tool in &setting.tools {
            link(&exe, &tools.join(tool))?;
        }
        if !setting.bare {
            link(&exe, &Path::new("/usr/bin").join(JUJU_EXEC))?;
        }
        Ok(layout)
    }

    /// The socket of `juju-exec`.
    pub(super) fn run_socket(&self) -> PathBuf {
        self.base.join("run.socket")
    }
}

fn link(to: &Path, at: &Path) -> Result<()> {
    let linking = || format!("link `{}`", at.display());
    match fs::remove_file(at) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(linking(), error)),
        _ => symlink(to, at).doing(linking),
    }
}
