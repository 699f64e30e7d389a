//! Finding the executables that are handlers (B94).

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::executable::{Executable, Place};
use super::handler::ExternalHandler;
use crate::dispatch::External;
use crate::error::{Error, ErrorKind, Result};

/// Where handlers are looked for, inside the charm.
pub(super) const ROOTS: [&str; 3] = ["reactive", "hooks/reactive", "hooks/relations"];

/// Scripts longer than this are taken for programs: nobody reads them.
const SCRIPT_LIMIT: u64 = 1 << 20;

/// Finds the executables that take part as handlers, sorted by their path inside the charm: files without an
/// extension or ending in `.sh` that are programs or begin with `#!`. Hidden files and `__pycache__` are left
/// alone.
///
/// # Errors
/// When a folder or file cannot be read, and for a handler that nobody may execute (B96).
pub(crate) fn discover(charm_dir: &Path) -> Result<Vec<Box<dyn External>>> {
    let mut files = Vec::new();
    let mut searched = Vec::new();
    for root in ROOTS {
        let folder = charm_dir.join(root);
        // `hooks/reactive` may be a link to `reactive`, from the days when it was the place to be.
        let real = match folder.canonicalize() {
            Ok(real) => real,
            Err(e) if is_absent(&e) => continue,
            Err(e) => return Err(cannot_read(&folder, e)),
        };
        if !searched.contains(&real) {
            searched.push(real);
            walk(&folder, &mut files)?;
        }
    }
    let place = Rc::new(Place::new(charm_dir));
    let mut found: Vec<Box<dyn External>> = Vec::new();
    for path in files {
        let Some(kind) = kind(&path)? else {
            continue;
        };
        let inside = path.strip_prefix(charm_dir).unwrap_or(&path);
        let Some(id) = inside.to_str().map(str::to_owned) else {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("the name of the handler `{}` is not UTF-8", path.display()),
            ));
        };
        let at = found.partition_point(|other| other.id() < id.as_str());
        let executable = Executable::new(id, path, Rc::clone(&place));
        found.insert(at, Box::new(ExternalHandler::new(executable, kind)));
    }
    Ok(found)
}

/// What kind of executable it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// With its text.
    Script(String),
    /// Nobody can tell what it reads.
    Program,
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if is_absent(&e) => return Ok(()),
        Err(e) => return Err(cannot_read(folder, e)),
    };
    for entry in entries {
        let entry = entry.map_err(|e| cannot_read(folder, e))?;
        let (name, path) = (entry.file_name(), entry.path());
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // Links to files are followed, links to folders are not: they may lead in circles.
        let own = entry.file_type().map_err(|e| cannot_read(&path, e))?;
        if own.is_dir() {
            if name != "__pycache__" {
                walk(&path, files)?;
            }
        } else if has_handlers_name(&path) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

fn has_handlers_name(path: &Path) -> bool {
    path.extension().is_none_or(|extension| extension == "sh")
}

/// What the file is, or nothing if it is no handler at all, such as a README.
fn kind(path: &Path) -> Result<Option<Kind>> {
    let mut file = File::open(path).map_err(|e| cannot_read(path, e))?;
    let mut bytes = Vec::new();
    (&mut file)
        .take(1024)
        .read_to_end(&mut bytes)
        .map_err(|e| cannot_read(path, e))?;
    let mode = file
        .metadata()
        .map_err(|e| cannot_read(path, e))?
        .permissions()
        .mode();
    let is_executable = mode & 0o111 != 0;
    let is_script = bytes.starts_with(b"#!");
    if !is_executable {
        // What is no script and no program is data, whatever it is called.
        if is_script || bytes.starts_with(b"\x7fELF") {
            return Err(Error::new(
                ErrorKind::Invalid,
                format!("the handler `{}` is not executable", path.display()),
            )
            .hint(format!(
                "`chmod +x {}` in the charm's source, then build again",
                path.display()
            )));
        }
        return Ok(None);
    }
    if !is_script {
        return Ok((!is_text(&bytes)).then_some(Kind::Program));
    }
    file.take(SCRIPT_LIMIT)
        .read_to_end(&mut bytes)
        .map_err(|e| cannot_read(path, e))?;
    let whole = (bytes.len() as u64) < SCRIPT_LIMIT;
    Ok(Some(match String::from_utf8(bytes) {
        Ok(text) if whole => Kind::Script(text),
        _ => Kind::Program,
    }))
}

/// Whether these first bytes of a file are text; a character may be cut at their end.
fn is_text(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none() && bytes.len() == 1024,
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn cannot_read(path: &Path, error: io::Error) -> Error {
    Error::from(error).context(format!("cannot look for handlers in `{}`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Charm(tempfile::TempDir);

    impl Charm {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self, name: &str, mode: u32, bytes: &[u8]) -> &Self {
            let path = self.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            self
        }

        fn ids(&self) -> Vec<String> {
            discover(self.0.path())
                .unwrap()
                .iter()
                .map(|h| h.id().to_owned())
                .collect()
        }
    }

    #[test]
    fn b94_executables_in_three_folders_are_handlers_by_name_and_first_bytes() {
        let charm = Charm::new();
        let elf = b"\x7fELF\x02\x01\x01\xff\xfe";
        charm
            .file("reactive/web.sh", 0o755, b"#!/bin/bash\n")
            .file("reactive/deep/down/is-a-handler", 0o755, b"#!/bin/false\n")
            .file("reactive/program", 0o755, elf)
            .file("hooks/reactive/old", 0o700, b"#!/bin/sh\n")
            .file("hooks/relations/http/requires", 0o755, b"#!/bin/sh\n")
            .file("hooks/install", 0o755, b"#!/bin/sh\n")
            .file("reactive/module.py", 0o755, b"#!/usr/bin/python3\n")
            .file("reactive/charm.rs", 0o755, b"#!/bin/sh\n")
            .file("reactive/__pycache__/cached", 0o755, b"#!/bin/sh\n")
            .file("reactive/.hidden", 0o755, b"#!/bin/sh\n")
            .file("reactive/README", 0o644, b"read me\n")
            .file("reactive/text", 0o755, "no #! here, but umläute".as_bytes())
            .file("reactive/lib.sh", 0o644, b"# sourced by web.sh\n")
            .file("reactive/table", 0o644, b"\xff\xfe data\n");
        assert_eq!(
            charm.ids(),
            [
                "hooks/reactive/old",
                "hooks/relations/http/requires",
                "reactive/deep/down/is-a-handler",
                "reactive/program",
                "reactive/web.sh",
            ]
        );
    }

    #[test]
    fn b96_a_handler_that_is_not_executable_is_an_error_with_the_way_out() {
        let charm = Charm::new();
        charm.file("reactive/web.sh", 0o644, b"#!/bin/bash\n");
        let error = discover(charm.0.path())
            .map(|found| found.len())
            .unwrap_err();
        let path = charm.0.path().join("reactive/web.sh");
        assert_eq!(
            error.line(),
            format!("the handler `{}` is not executable", path.display())
        );
        assert!(
            error
                .advice()
                .unwrap()
                .starts_with(&format!("`chmod +x {}`", path.display()))
        );
    }

    #[test]
    fn a_folder_under_two_names_is_searched_once() {
        let charm = Charm::new();
        charm.file("reactive/web.sh", 0o755, b"#!/bin/bash\n");
        fs::create_dir(charm.0.path().join("hooks")).unwrap();
        std::os::unix::fs::symlink("../reactive", charm.0.path().join("hooks/reactive")).unwrap();
        std::os::unix::fs::symlink(".", charm.0.path().join("reactive/loop")).unwrap();
        assert_eq!(charm.ids(), ["reactive/web.sh"]);
    }

    #[test]
    fn a_charm_without_handlers_of_this_kind_has_none() {
        assert_eq!(Charm::new().ids(), Vec::<String>::new());
    }

    #[test]
    fn a_character_cut_at_the_end_of_the_look_is_still_text() {
        let mut bytes = vec![b'a'; 1023];
        bytes.push("ä".as_bytes()[0]);
        assert!(is_text(&bytes));
        assert!(!is_text(b"a\xff"));
    }
}
