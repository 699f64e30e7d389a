//! One `cargo build`.

use std::io::BufReader;
use std::path::PathBuf;
use std::process::Stdio;

use cargo_metadata::{Message, TargetKind};

use super::package::no_cargo;
use super::{Package, Purpose, Target};
use crate::error::{Doing, Error, Result};
use crate::owner;

/// What Cargo made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Compiled {
    /// The program.
    pub(crate) executable: PathBuf,
    /// Nothing had to be compiled.
    pub(crate) fresh: bool,
}

/// Builds the charm's program alone, so that no feature of another package gets into it. Cargo tells the author
/// about its progress and mistakes itself.
pub(crate) fn compile(package: &Package, purpose: Purpose, target: &Target) -> Result<Compiled> {
    let mut command = owner::command("cargo");
    command
        .args([
            "build",
            "--package",
            &package.name,
            "--bin",
            &package.bin,
            "--manifest-path",
        ])
        .arg(&package.manifest)
        .args(["--message-format", "json-render-diagnostics"])
        .args(purpose.arguments())
        .args(target.arguments(purpose))
        .args(super::linker::arguments(package, purpose, target)?)
        .current_dir(package.manifest.parent().unwrap_or(&package.workspace))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut child = command.spawn().map_err(|error| no_cargo(&error))?;
    let mut found = None;
    if let Some(stdout) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)) {
            if let Message::CompilerArtifact(artifact) =
                message.doing(|| "read what cargo says".into())?
                && artifact.target.name == package.bin
                && artifact.target.kind.contains(&TargetKind::Bin)
                && let Some(executable) = artifact.executable
            {
                found = Some(Compiled {
                    executable: executable.into(),
                    fresh: artifact.fresh,
                });
            }
        }
    }
    let status = child.wait().doing(|| "wait for cargo".into())?;
    let failed = || Error::Compile {
        package: package.name.clone(),
    };
    if status.success() {
        found.ok_or_else(failed)
    } else {
        Err(failed())
    }
}
