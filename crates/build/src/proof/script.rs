//! Executables as handlers: what is written in bash is read, anything else is taken as it is.

mod lines;
mod words;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::files::walk;
use super::handler::{Condition, Handler};
use crate::finding::Findings;

/// Where the charm looks for them.
const ROOTS: [&str; 3] = ["reactive", "hooks/reactive", "hooks/relations"];

/// Longer scripts are taken for programs, as the charm itself does. In bytes.
const LONGEST: u64 = 1 << 20;

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    /// Functions with decorators.
    pub(super) handlers: Vec<Handler>,
    /// Each script with its path from the charm directory.
    pub(super) texts: Vec<(PathBuf, String)>,
    /// What nobody can read: it may set anything.
    pub(super) programs: Vec<Vec<u8>>,
}

impl Scripts {
    /// Reads the executables below the three folders. What the charm would refuse goes to `findings`.
    pub(super) fn read(
        dir: &Path,
        show: &dyn Fn(&Path) -> PathBuf,
        findings: &mut Findings,
    ) -> Self {
        let mut scripts = Self::default();
        let mut seen = BTreeSet::new();
        for root in ROOTS {
            for (path, kind) in walk(&dir.join(root)) {
                let real = path.canonicalize().unwrap_or_else(|_| path.clone());
                let hidden = path
                    .file_name()
                    .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
                let named = path.extension().is_none_or(|end| end == "sh");
                if kind.is_dir() || hidden || !named || !real.is_file() || !seen.insert(real) {
                    continue;
                }
                let Ok(inside) = path.strip_prefix(dir) else {
                    continue;
                };
                scripts.add(&path, inside, show, findings);
            }
        }
        scripts
    }

    fn add(
        &mut self,
        path: &Path,
        inside: &Path,
        show: &dyn Fn(&Path) -> PathBuf,
        findings: &mut Findings,
    ) {
        let Ok(found) = fs::metadata(path) else {
            return;
        };
        let Ok(bytes) = fs::read(path) else {
            return;
        };
        let is_script = bytes.starts_with(b"#!");
        if found.permissions().mode() & 0o111 == 0 {
            if is_script || bytes.starts_with(b"\x7fELF") {
                findings.push(lines::not_executable(&show(inside)));
            }
            return;
        }
        match String::from_utf8(bytes) {
            Ok(text) if is_script && found.len() < LONGEST => {
                if lines::is_bash(&text) {
                    let handlers = lines::read(inside, &show(inside), &text, findings);
                    self.handlers.extend(handlers);
                } else {
                    self.programs.push(text.clone().into_bytes());
                }
                self.texts.push((inside.to_owned(), text));
            }
            Ok(text) if is_script => self.programs.push(text.into_bytes()),
            // Text that is no script is no handler.
            Ok(_) => {}
            Err(error) => self.programs.push(error.into_bytes()),
        }
    }

    /// Whether a program holds these bytes: it may then set the flag of that name.
    pub(super) fn mentions(&self, flag: &str) -> bool {
        let flag = flag.as_bytes();
        self.programs
            .iter()
            .any(|bytes| bytes.windows(flag.len().max(1)).any(|part| part == flag))
    }
}

/// A condition of a decorated function.
fn condition(kind: &str, args: Vec<String>) -> Condition {
    let (kind, args) = match kind {
        "when_all" => ("when", args),
        "when_none" => ("when_not", args),
        "when_file_changed" => (
            "when_changed",
            args.iter().map(|file| format!("file={file}")).collect(),
        ),
        other => (other, args),
    };
    Condition {
        kind: kind.to_owned(),
        args,
    }
}
