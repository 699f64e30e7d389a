//! Replays recorded answers of Juju's hook tools: `cargo run --release -p ensign-model --example replay -- DIR…`.
//!
//! Each `DIR` holds `TOOL.jsonl` files, or folders of them; a part of the path that names a Juju version (`3.6`, `4.0`)
//! says which one to be. Prints one line a tool, the failing ids and why on stderr, and last `N passed, M failed`.
//! Exits with 1 if any failed.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ensign_model::Profile;
use ensign_model::conformance::Case;

/// Cases that passed and failed.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
}

fn main() -> ExitCode {
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if folders.is_empty() {
        eprintln!("usage: replay DIR…");
        return ExitCode::from(2);
    }
    match replay(&folders) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Replays all of them; whether every case passed.
fn replay(folders: &[PathBuf]) -> Result<bool, Box<dyn Error>> {
    let mut files = Vec::new();
    for folder in folders {
        find(folder, &mut files)?;
    }
    let (mut passed, mut failed) = (0, 0);
    let mut tools: BTreeMap<(String, String), Count> = BTreeMap::new();
    for file in files {
        let profile = profile(&file);
        let tool = file
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        let count = tools.entry((profile.to_string(), tool)).or_default();
        let text =
            fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
        {
            let (id, outcome) = match serde_json::from_str::<Case>(line) {
                Ok(case) => (
                    case.id.clone(),
                    case.replay(profile)
                        .map_err(|difference| difference.to_string()),
                ),
                Err(error) => (
                    format!("{}:{}", file.display(), number + 1),
                    Err(error.to_string()),
                ),
            };
            match outcome {
                Ok(()) => count.passed += 1,
                Err(why) => {
                    count.failed += 1;
                    eprintln!("{profile} {id}: {why}");
                }
            }
        }
    }
    for ((profile, tool), count) in tools {
        println!(
            "{profile:9} {tool:26} {:5} passed {:5} failed",
            count.passed, count.failed
        );
        passed += count.passed;
        failed += count.failed;
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}

/// Every `.jsonl` file below a folder, in order.
fn find(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            find(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The release a file was recorded from, by the last part of its path that names a version.
fn profile(file: &Path) -> Profile {
    let named = |part: std::path::Component<'_>| {
        let part = part.as_os_str().to_str()?;
        let releases = [("3.6", Profile::V3_6Beta2), ("4.0", Profile::V4_0Beta5)];
        releases
            .into_iter()
            .find(|(version, _)| part.contains(version))
            .map(|(_, profile)| profile)
    };
    file.components()
        .rev()
        .find_map(named)
        .unwrap_or(Profile::V3_6Beta2)
}
