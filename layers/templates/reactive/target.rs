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
        let Some(owner) = &self.owner else {
            ctx.write_file_with_mode(&self.path, text, self.mode)?;
            return Ok(!is_same);
        };
        check(owner)?;
        let owned = ctx
            .command("stat")
            .args(["--format=%U %U:%G", "--"])
            .arg(&self.path)
            .wait()?;
        let now = String::from_utf8_lossy(&owned.stdout);
        if is_same && owned.status.success() && now.trim().split(' ').any(|now| now == owner) {
            ctx.write_file_with_mode(&self.path, text, self.mode)?;
            return Ok(false);
        }
        // Aside first: nobody finds a file that is not theirs to read.
        let mut aside = self.path.clone().into_os_string();
        aside.push(".ensign-rendered");
        ctx.write_file_with_mode(&aside, text, 0o600)?;
        ctx.command("chown")
            .arg("--")
            .arg(owner)
            .arg(&aside)
            .run()?;
        let mode = format!("{:o}", self.mode);
        ctx.command("chmod").arg("--").arg(mode).arg(&aside).run()?;
        ctx.command("mv")
            .args(["--force", "--no-target-directory", "--"])
            .args([&aside, self.path.as_os_str()])
            .run()?;
        ctx.note_immediate(format!("file `{}`", self.path.display()));
        Ok(true)
    }
}

impl<P: Into<PathBuf>> From<P> for Target {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

fn check(owner: &str) -> Result {
    let is_name = |name: &str| {
        let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        !name.is_empty() && !name.starts_with('-') && name.bytes().all(is_of_name)
    };
    let (user, group) = owner.split_once(':').unwrap_or((owner, "root"));
    if is_name(user) && is_name(group) {
        return Ok(());
    }
    let error = format!("`{owner}` is no owner of a file");
    Err(Error::new(ErrorKind::Invalid, error).hint("write `USER` or `USER:GROUP`"))
}
