//! For which machine the charm is compiled, and whether the compiler can.

use std::path::{Path, PathBuf};

use super::Purpose;
use crate::error::{Doing, Error, Result};
use crate::owner;

/// A target of the compiler, ready to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// `x86_64-unknown-linux-musl`.
    pub(crate) triple: String,
    /// What the author should know about it.
    pub(crate) warning: Option<String>,
}

impl Target {
    /// The target that was asked for, else this machine's with musl; fetched by rustup where it is missing. Without
    /// musl the charm is linked statically against glibc.
    pub(crate) fn choose(wanted: Option<&str>, workspace: &Path) -> Result<Self> {
        let musl = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
        let triple = wanted.unwrap_or(&musl);
        if is_installed(triple, workspace)? || add(triple, workspace)? {
            return Ok(Self {
                triple: triple.into(),
                warning: None,
            });
        }
        let hint =
            format!("`rustup target add {triple}`, or install your distribution's package for it");
        if wanted.is_some() {
            return Err(Error::Missing {
                program: format!("the Rust target {triple}"),
                hint,
            });
        }
        let gnu = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let warning = format!(
            "the Rust target {triple} is missing: linking statically against glibc instead. {hint}"
        );
        Ok(Self {
            triple: gnu,
            warning: Some(warning),
        })
    }

    /// Cargo's arguments.
    pub(super) fn arguments(&self, purpose: Purpose) -> Vec<String> {
        let triple = &self.triple;
        let mut all = vec!["--target".to_owned(), triple.clone()];
        if !triple.starts_with(std::env::consts::ARCH) {
            // The linker that comes with Rust.
            all.extend([
                "--config".to_owned(),
                format!("target.{triple}.linker=\"rust-lld\""),
            ]);
        }
        let flags = purpose.flags(triple);
        if !flags.is_empty() {
            all.extend([
                "--config".to_owned(),
                format!("target.{triple}.rustflags={flags:?}"),
            ]);
        }
        all
    }
}

/// The processor of a target, as Juju names it.
pub(crate) fn architecture(triple: &str) -> &str {
    match triple.split('-').next().unwrap_or_default() {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64le" => "ppc64el",
        "riscv64gc" => "riscv64",
        "armv7" => "armhf",
        "i686" => "i386",
        other => other,
    }
}

/// True if the standard library for it is there.
fn is_installed(triple: &str, workspace: &Path) -> Result<bool> {
    let mut command = owner::command("rustc");
    command
        .args(["--print", "target-libdir", "--target", triple])
        .current_dir(workspace);
    let output = command
        .output()
        .map_err(|error| super::package::no_cargo(&error))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if !output.status.success() {
        return Ok(false);
    }
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return Ok(false);
    };
    for entry in entries {
        let name = entry
            .doing(|| format!("read `{}`", folder.display()))?
            .file_name();
        if name.to_string_lossy().starts_with("libstd-") {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Lets rustup fetch it; false where there is no rustup or it fails, which it says itself.
fn add(triple: &str, workspace: &Path) -> Result<bool> {
    let mut command = owner::command("rustup");
    command
        .args(["target", "add", triple])
        .current_dir(workspace);
    // Data of the command goes to stdout, and this is none.
    match command.stdout(std::process::Stdio::null()).status() {
        Ok(status) if status.success() => is_installed(triple, workspace),
        Ok(_) => Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).doing(|| "start `rustup`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn juju_has_its_own_names_for_processors() {
        assert_eq!(architecture("x86_64-unknown-linux-musl"), "amd64");
        assert_eq!(architecture("aarch64-unknown-linux-musl"), "arm64");
        assert_eq!(architecture("s390x-unknown-linux-gnu"), "s390x");
    }

    #[test]
    fn glibc_is_linked_statically_and_a_foreign_target_with_rusts_own_linker() {
        let arguments = |triple: &str| {
            let target = Target {
                triple: triple.into(),
                warning: None,
            };
            target.arguments(Purpose::Run).join(" ")
        };
        assert!(arguments("x86_64-unknown-linux-gnu").contains("crt-static"));
        assert!(arguments("sparc64-unknown-linux-musl").contains("rust-lld"));
        let own = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
        assert_eq!(arguments(&own), format!("--target {own}"));
    }
}
