//! Where a rendered file goes.

use std::path::PathBuf;

use ensign::prelude::*;

/// A file to render to: its path, its permissions, and whose it is.
#[derive(Debug, Clone)]
pub struct Target {
    pub(crate) path: PathBuf,
    pub(crate) mode: u32,
    owner: Option<String>,
}

impl Target {
    /// This file, with mode 0644.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            mode: 0o644,
            owner: None,
        }
    }

    /// With these permissions, from the first byte on.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// It belongs to this `USER`, or `USER:GROUP`, from the moment it is there.
    #[must_use]
    pub fn owner(mut self, owner: impl Into<String>) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// Writes it, if it is not so already; `true` if it was not.
    pub(crate) fn write(&self, ctx: &mut Context, text: &str) -> Result<bool> {
        let is_same = ctx.read_file(&self.path)?.as_deref() == Some(text.as_bytes());
        if let Some(folder) = self.path.parent() {
            ctx.make_folder(folder, 0o755)?;
        }
        match &self.owner {
            Some(owner) => ctx.write_file_with_owner(&self.path, text, self.mode, owner)?,
            None => ctx.write_file_with_mode(&self.path, text, self.mode)?,
        }
        Ok(!is_same)
    }
}

impl<P: Into<PathBuf>> From<P> for Target {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}
