//! Gathers the author's own files.

use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use super::rules::{Fate, Rules};
use super::{Content, Tree, open};
use crate::error::{Doing, Error, Result};

/// What every charm directory that was built has.
const BUILT: &str = ".build.manifest";

/// What was gathered, and what the author should know.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pub(crate) tree: Tree,
    pub(crate) notes: Vec<String>,
}

/// All files of `dir` that belong into the charm, below its folder `within`, as parts of `layer`. `outside` are
/// folders to pass by: where builds are written.
pub(crate) fn collect(
    dir: &Path,
    within: &str,
    layer: &str,
    exclude: &[String],
    outside: &[PathBuf],
) -> Result<Collected> {
    let rules = Rules::new(dir, exclude)?;
    let mut found = Collected::default();
    walk(dir, Path::new(""), &mut |path, kind| {
        let full = dir.join(path);
        if kind.is_dir() && outside.iter().any(|out| same(out, &full)) {
            return Ok(false);
        }
        if kind.is_dir() && full.join(BUILT).is_file() {
            found.notes.push(format!(
                "`{}` stays out of the charm: a build wrote it",
                path.display()
            ));
            return Ok(false);
        }
        match rules.fate(path, kind.is_dir()) {
            Fate::Refuse => return Err(Error::UnitState(full)),
            Fate::Drop => return Ok(false),
            Fate::DropAndSay => {
                // Juju makes the first two; nobody misses the last.
                if path == Path::new("build") {
                    found.notes.push("`build` stays out of the charm: Juju drops a top-level folder of that name".into());
                }
                return Ok(false);
            }
            Fate::Keep => {}
        }
        if kind.is_dir() {
            return Ok(true);
        }
        let place = Path::new(within).join(path);
        let content = content(&full, &place, kind)?;
        found.tree.add(name_of(&place)?, layer, "static", content);
        Ok(false)
    })?;
    Ok(found)
}

/// Visits everything below `at`; a folder's content only where `visit` says so.
fn walk(
    root: &Path,
    at: &Path,
    visit: &mut dyn FnMut(&Path, fs::FileType) -> Result<bool>,
) -> Result<()> {
    let folder = root.join(at);
    let doing = || format!("read the folder `{}`", folder.display());
    for entry in fs::read_dir(&folder).doing(doing)? {
        let entry = entry.doing(doing)?;
        let path = at.join(entry.file_name());
        if visit(&path, entry.file_type().doing(doing)?)? {
            walk(root, &path, visit)?;
        }
    }
    Ok(())
}

fn same(a: &Path, b: &Path) -> bool {
    matches!((fs::canonicalize(a), fs::canonicalize(b)), (Ok(a), Ok(b)) if a == b)
}

fn name_of(path: &Path) -> Result<String> {
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| Error::BadEntry {
            path: path.into(),
            why: "its name is not UTF-8".into(),
            hint: "rename it".into(),
        })
}

fn content(full: &Path, path: &Path, kind: fs::FileType) -> Result<Content> {
    if kind.is_symlink() {
        let target = fs::read_link(full).doing(|| format!("read the link `{}`", full.display()))?;
        check_link(path, &target)?;
        return Ok(Content::Link(name_of(&target)?));
    }
    if !kind.is_file() {
        return Err(Error::BadEntry {
            path: full.into(),
            why: "it is no file, folder or link".into(),
            hint: "remove it: a charm can hold no pipes, sockets and devices".into(),
        });
    }
    let mode = fs::metadata(full)
        .doing(|| format!("look at `{}`", full.display()))?
        .permissions()
        .mode();
    let executable = mode & 0o100 != 0 || is_started(path) || is_script(full, path)?;
    Ok(Content::Copy(full.to_owned(), executable))
}

/// Juju starts these and does not mend their modes.
fn is_started(path: &Path) -> bool {
    path.parent()
        .is_some_and(|parent| parent == Path::new("actions") || parent == Path::new("hooks"))
}

/// Scripts that are looked for as handlers, or called by them: one that nobody may execute would fail the first hook.
fn is_script(full: &Path, path: &Path) -> Result<bool> {
    let roots = ["reactive", "hooks/reactive", "hooks/relations", "bin"];
    let named = path.extension().is_none_or(|extension| extension == "sh");
    if !named || !roots.iter().any(|root| path.starts_with(root)) {
        return Ok(false);
    }
    let mut start = Vec::new();
    let file = open(full)?;
    let read = file.take(2).read_to_end(&mut start);
    read.doing(|| format!("read `{}`", full.display()))?;
    Ok(start == b"#!")
}

/// Names what a layer's folder holds: all of its files but those that no build looks at.
pub(crate) fn fingerprint(dir: &Path) -> Result<String> {
    let rules = Rules::new(dir, &[])?;
    let mut tree = Tree::default();
    walk(dir, Path::new(""), &mut |path, kind| {
        if !rules.is_source(path) {
            return Ok(false);
        }
        if kind.is_dir() {
            return Ok(true);
        }
        let full = dir.join(path);
        let content = if kind.is_symlink() {
            let target =
                fs::read_link(&full).doing(|| format!("read the link `{}`", full.display()))?;
            Content::Link(target.to_string_lossy().into_owned())
        } else if kind.is_file() {
            let mode = fs::metadata(&full)
                .doing(|| format!("look at `{}`", full.display()))?
                .permissions()
                .mode();
            Content::Copy(full, mode & 0o100 != 0)
        } else {
            return Ok(false);
        };
        tree.add(name_of(path)?, "", "static", content);
        Ok(false)
    })?;
    tree.digest()
}

/// Links have to stay inside the charm, wherever that is unpacked.
pub(crate) fn check_link(path: &Path, target: &Path) -> Result<()> {
    let bad = |why: String| Error::BadEntry {
        path: path.into(),
        why,
        hint: "let it point to a file of the charm, by a relative path".into(),
    };
    let mut depth = path.components().count().saturating_sub(1);
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 => depth -= 1,
            Component::ParentDir => {
                return Err(bad(format!(
                    "the link leads out of the charm, to `{}`",
                    target.display()
                )));
            }
            Component::RootDir | Component::Prefix(_) => {
                return Err(bad(format!(
                    "the link is absolute, to `{}`",
                    target.display()
                )));
            }
        }
    }
    Ok(())
}
