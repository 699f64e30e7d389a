//! Finds out which commit is being built, and where: `ensign --version` and `ensign new` say so.
#![allow(
    clippy::print_stdout,
    reason = "this is how a build script talks to Cargo"
)]

use std::path::Path;
use std::process::Command;

fn main() {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(&folder)
            .args(arguments)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    // A package from a registry has no commit, and a folder of somebody else's repository has a wrong one.
    let ours = git(&["ls-files", "--error-unmatch", "Cargo.toml"]).is_some();
    let commit = ours
        .then(|| git(&["rev-parse", "--short=10", "HEAD"]))
        .flatten();
    println!(
        "cargo::rustc-env=ENSIGN_COMMIT={}",
        commit.unwrap_or_default()
    );
    println!(
        "cargo::rustc-env=ENSIGN_CHECKOUT={}",
        Path::new(&folder).join("../..").display()
    );
    println!("cargo::rerun-if-changed=build.rs");
    if let Some(path) = git(&[
        "rev-parse",
        "--path-format=absolute",
        "--git-path",
        "logs/HEAD",
    ]) && Path::new(&path).exists()
    {
        println!("cargo::rerun-if-changed={path}");
    }
}
