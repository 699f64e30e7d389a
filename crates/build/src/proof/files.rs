//! What lies in the charm directory: what Juju starts, what it drops, what it refuses, what must never be there.

use std::fs::{self, FileType, Metadata};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use object::{Architecture, Object};

use super::charm::Charm;
use crate::finding::{Finding, Findings, Level};
use crate::tree::check_link;

/// What a unit keeps on its own disk.
const STATE: [&str; 4] = [
    ".ensign",
    ".unit-state.db",
    ".juju-persistent-config",
    ".juju-charm",
];

/// Everything below a folder, links not followed, in order. What cannot be read is passed over.
pub(super) fn walk(folder: &Path) -> Vec<(PathBuf, FileType)> {
    let mut all = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() {
                left.push(entry.path());
            }
            all.push((entry.path(), kind));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Looks at every file of the charm directory.
pub(super) fn check(charm: &Charm, findings: &mut Findings) {
    let dir = charm.dir();
    let mut state = Vec::new();
    for (path, kind) in walk(dir) {
        let Ok(inside) = path.strip_prefix(dir) else {
            continue;
        };
        let name = inside.file_name().unwrap_or_default();
        if state.iter().any(|folder| inside.starts_with(folder)) {
            continue;
        }
        if STATE.iter().any(|known| name == *known) {
            state.push(inside.to_owned());
            findings.push(unit_state(&charm.shown(inside)));
        } else if kind.is_symlink() {
            findings.extend(link(charm, inside, &path));
        } else if !kind.is_file() && !kind.is_dir() {
            let message = "a charm can hold files, folders and links only";
            findings.push(
                Finding::about(Level::Error, charm.shown(inside), message)
                    .numbered(206)
                    .hint("remove it"),
            );
        }
    }
    findings.extend(dropped(charm));
    entry_points(charm, findings);
    findings.extend(processor(charm));
}

/// Looks for a unit's memory in the folder of an author.
pub(super) fn look_for_state(folder: &Path, findings: &mut Findings) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if STATE.iter().any(|known| entry.file_name() == *known) {
            findings.push(unit_state(&entry.path()));
        }
    }
}

/// A unit's memory in a charm: every unit would start with it.
pub(super) fn unit_state(file: &Path) -> Finding {
    let message = "this is the state of a unit: every unit of the charm would start with it";
    let hint = format!("remove `{}`", file.display());
    Finding::about(Level::Error, file, message)
        .numbered(202)
        .hint(hint)
}

fn link(charm: &Charm, inside: &Path, path: &Path) -> Option<Finding> {
    let target = fs::read_link(path).ok()?;
    let error = check_link(inside, &target).err()?;
    let mut finding = Finding::about(Level::Error, charm.shown(inside), error.to_string());
    if let Some(hint) = error.hint() {
        finding = finding.hint(hint);
    }
    Some(finding.numbered(206))
}

fn dropped(charm: &Charm) -> Option<Finding> {
    let build = Path::new("build");
    let found = charm.dir().join(build);
    let message = "Juju drops a top-level folder `build`: it never reaches a unit";
    found.is_dir().then(|| {
        Finding::about(Level::Warning, charm.shown(build), message)
            .numbered(207)
            .hint("give the folder another name")
    })
}

/// `dispatch`, or `hooks`, and what actions start.
fn entry_points(charm: &Charm, findings: &mut Findings) {
    let dir = charm.dir();
    let hooks = fs::read_dir(dir.join("hooks"))
        .into_iter()
        .flatten()
        .flatten();
    let has_hooks = hooks.filter(|entry| entry.path().is_file()).count() > 0;
    match fs::metadata(dir.join("dispatch")) {
        Ok(found) => findings.extend(not_executable(charm, Path::new("dispatch"), &found)),
        Err(_) if has_hooks => {
            for action in charm.description.actions.keys() {
                let place = Path::new("actions").join(action);
                if dir.join(&place).symlink_metadata().is_err() {
                    let message =
                        format!("nothing runs the action: there is no `{}`", place.display());
                    let finding = charm.at_key(Level::Error, "actions.yaml", &[action], message);
                    let hint = "add that program, or remove the action";
                    findings.push(finding.numbered(408).hint(hint));
                }
            }
        }
        Err(_) => findings.push(
            Finding::about(
                Level::Error,
                charm.shown(Path::new("dispatch")),
                "the charm has neither `dispatch` nor hooks: Juju takes it for no charm",
            )
            .numbered(203)
            .hint("build it with `ensign build`"),
        ),
    }
    for folder in ["actions", "hooks"] {
        for entry in fs::read_dir(dir.join(folder))
            .into_iter()
            .flatten()
            .flatten()
        {
            let inside = Path::new(folder).join(entry.file_name());
            // Juju makes files with the names of hooks executable itself.
            let started = match folder {
                "actions" => charm
                    .description
                    .actions
                    .contains_key(&*entry.file_name().to_string_lossy()),
                _ => false,
            };
            if let Some(found) = started.then(|| fs::metadata(entry.path()).ok()).flatten() {
                findings.extend(not_executable(charm, &inside, &found));
            }
        }
    }
}

fn not_executable(charm: &Charm, inside: &Path, found: &Metadata) -> Option<Finding> {
    let file = charm.shown(inside);
    let hint = format!("`chmod +x {}`", file.display());
    let bad = found.is_file() && found.permissions().mode() & 0o100 == 0;
    bad.then(|| {
        let message = format!(
            "`{}` is not executable, and Juju does not make it so",
            inside.display()
        );
        Finding::about(Level::Error, file, message)
            .numbered(204)
            .hint(hint)
    })
}

/// The processor that `dispatch` is for, against those that the manifest promises.
fn processor(charm: &Charm) -> Option<Finding> {
    let program = fs::read(charm.dir().join("dispatch")).ok()?;
    let machine = match object::File::parse(&*program).ok()?.architecture() {
        Architecture::X86_64 => "amd64",
        Architecture::Aarch64 => "arm64",
        Architecture::Arm => "armhf",
        Architecture::I386 => "i386",
        Architecture::PowerPc64 => "ppc64el",
        Architecture::Riscv64 => "riscv64",
        Architecture::S390x => "s390x",
        _ => return None,
    };
    let wrong = charm
        .description
        .bases
        .iter()
        .flat_map(|base| &base.architectures)
        .find(|name| *name != machine)?;
    let message =
        format!("the manifest promises {wrong}, and `dispatch` is a program for {machine}");
    let finding = charm.at_key(Level::Error, "manifest.yaml", &["bases"], message);
    Some(finding.numbered(208).hint(format!(
        "build a charm for each processor, with `ensign build --target …`, or name {machine} alone"
    )))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::proof::sample::Sample;

    fn sample() -> Sample {
        Sample::new().file("dispatch", "#!/bin/sh\n")
    }

    #[test]
    fn a_units_state_must_not_be_in_a_charm() {
        assert_eq!(sample().codes(check), [""; 0]);
        assert_eq!(sample().file(".unit-state.db", "x").codes(check), ["E202"]);
        let deep = sample()
            .file(".ensign/state.json", "x")
            .file(".ensign/state.next", "x");
        assert_eq!(deep.codes(check), ["E202"], "told once");
        assert_eq!(sample().file("a/b/.ensign/x", "x").codes(check), ["E202"]);
    }

    #[test]
    fn what_juju_starts_is_there_and_executable() {
        assert_eq!(Sample::new().codes(check), ["E203"]);
        assert_eq!(
            Sample::new()
                .file("hooks/install", "#!/bin/sh\n")
                .codes(check),
            [""; 0]
        );
        assert_eq!(
            Sample::new().file("dispatch", "exit 0\n").codes(check),
            ["E204"]
        );
        let actions = sample().file("actions.yaml", "dump: {}\n");
        assert_eq!(
            actions.file("actions/dump", "exit 0\n").codes(check),
            ["E204"]
        );
        let nobody = Sample::new()
            .file("hooks/install", "#!/bin/sh\n")
            .file("actions.yaml", "dump: {}\n");
        assert_eq!(nobody.codes(check), ["E408"]);
    }

    #[test]
    fn links_stay_inside_and_pipes_stay_out() {
        let linked = |target: &str| {
            let sample = sample();
            symlink(target, sample.path().join("link")).unwrap();
            sample.codes(check)
        };
        assert_eq!(linked("dispatch"), [""; 0]);
        assert_eq!(linked("/etc/passwd"), ["E206"]);
        assert_eq!(linked("../x"), ["E206"]);
        assert_eq!(linked("nowhere"), [""; 0], "Juju lets links dangle");
        let piped = sample();
        let socket = std::os::unix::net::UnixListener::bind(piped.path().join("s")).unwrap();
        assert_eq!(piped.codes(check), ["E206"]);
        drop(socket);
    }

    #[test]
    fn a_folder_that_juju_drops_is_a_warning() {
        assert_eq!(sample().file("build/x", "x").codes(check), ["W207"]);
        assert_eq!(sample().file("a/build/x", "x").codes(check), [""; 0]);
    }

    #[test]
    fn the_program_is_for_the_processors_that_the_manifest_promises() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let with = |processors: &str| {
            let text = format!(
                "bases: [{{name: ubuntu, channel: '22.04', architectures: [{processors}]}}]\n"
            );
            let sample = sample().file("manifest.yaml", &text);
            std::fs::write(sample.path().join("dispatch"), &own).unwrap();
            sample.codes(check)
        };
        let (here, there) = match std::env::consts::ARCH {
            "aarch64" => ("arm64", "amd64"),
            _ => ("amd64", "arm64"),
        };
        assert_eq!(with(here), [""; 0]);
        assert_eq!(with(&format!("{here}, {there}")), ["E208"]);
    }
}
