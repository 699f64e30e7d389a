//! The charm's YAML files as trees in which every value knows its place.
//!
//! Scalars keep their text and are given a type only where one is asked for: `1.10` stays `1.10` in a merged
//! file, and is a number only to whoever reads it as one.

mod emit;
mod node;
mod parse;
mod reader;
mod scalar;

pub use emit::emit;
pub use node::{Entry, Key, Map, Node, Place, Scalar, Value};
pub use parse::{parse, parse_as};
pub(crate) use reader::{Reader, nearest};
pub use scalar::Meaning;

use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};

/// The text of a file and the name under which messages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The file, as the user would find it.
    pub path: PathBuf,
    /// What it says.
    pub text: String,
}

impl Source {
    /// Reads `path`; none where there is no such file.
    ///
    /// # Errors
    /// If the file is there and cannot be read as UTF-8 text.
    pub fn read(path: &Path) -> Result<Option<Self>> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self {
                path: path.to_owned(),
                text,
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(|| format!("read `{}`", path.display())),
        }
    }

    /// The line of that number, counted from 1; empty past the end.
    pub(crate) fn line(&self, number: usize) -> &str {
        self.text
            .lines()
            .nth(number.saturating_sub(1))
            .unwrap_or_default()
    }
}
