//! Patterns of `layer.yaml`: `ignore` and `exclude`, written as in `.gitignore`.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::error::{Error, Result};

/// Some patterns, for paths inside the charm.
#[derive(Debug)]
pub(crate) struct Patterns(Gitignore);

impl Patterns {
    /// Reads them.
    ///
    /// # Errors
    /// If one is no pattern.
    pub(crate) fn new(patterns: &[String]) -> Result<Self> {
        let mut builder = GitignoreBuilder::new("");
        for pattern in patterns {
            builder
                .add_line(None, pattern)
                .map_err(|error| bad_pattern(&error, "layer.yaml"))?;
        }
        let all = builder.build();
        all.map(Self)
            .map_err(|error| bad_pattern(&error, "layer.yaml"))
    }

    /// True for a file that one of them names, or names a folder of.
    pub(crate) fn has(&self, path: &str) -> bool {
        let path = Path::new(path);
        !path.has_root() && self.0.matched_path_or_any_parents(path, false).is_ignore()
    }
}

pub(super) fn bad_pattern(error: &ignore::Error, of: &str) -> Error {
    Error::BadEntry {
        path: of.into(),
        why: error.to_string(),
        hint: "correct the pattern; they are written as in `.gitignore`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_files_and_all_in_a_folder() {
        let patterns = ["*.md", "/docs/", "lib/x.sh", "!keep.md"].map(String::from);
        let patterns = Patterns::new(&patterns).unwrap();
        for path in ["a.md", "deep/b.md", "docs/c.txt", "docs/d/e", "lib/x.sh"] {
            assert!(patterns.has(path), "{path}");
        }
        for path in ["keep.md", "other/docs/c.txt", "lib/y.sh", "metadata.yaml"] {
            assert!(!patterns.has(path), "{path}");
        }
        assert!(!Patterns::new(&[]).unwrap().has("x"));
    }
}
