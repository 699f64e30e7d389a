//! The files of a charm: gathered from the author's folder, completed by the build, written out.

mod collect;
mod gather;
mod patterns;
mod rules;
mod write;

pub(crate) use collect::{check_link, fingerprint};
pub(crate) use gather::gather;
pub(crate) use patterns::Patterns;
pub(crate) use write::{MARK, replaceable, turn, write};

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Doing, Result};

/// All files of a charm by their path in it, with `/` between the parts.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, Leaf>,
}

/// One file of a charm.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) content: Content,
    /// The layer that it came from.
    pub(crate) layer: String,
    /// Copied, merged or made by the build: `static`, `dynamic`, `build`.
    pub(crate) kind: &'static str,
    /// The digest of the content, once it is known.
    digest: Option<String>,
}

impl Leaf {
    /// The SHA-256 of the content, in hex; a link's is that of its target's name.
    pub(crate) fn digest(&self) -> Result<String> {
        self.digest
            .clone()
            .map_or_else(|| self.content.digest(), Ok)
    }
}

/// What a file consists of.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// A text that the build made.
    Text(String),
    /// The same, and it can be executed.
    Script(String),
    /// A file to copy, and whether it can be executed.
    Copy(PathBuf, bool),
    /// A symbolic link.
    Link(String),
}

impl Tree {
    /// Adds a file; what stood there is replaced.
    pub(crate) fn add(
        &mut self,
        path: impl Into<String>,
        layer: &str,
        kind: &'static str,
        content: Content,
    ) {
        self.files.insert(
            path.into(),
            Leaf {
                content,
                layer: layer.into(),
                kind,
                digest: None,
            },
        );
    }

    /// Adds a file with its origin; what stood there is replaced.
    pub(crate) fn put(&mut self, path: String, leaf: Leaf) {
        self.files.insert(path, leaf);
    }

    pub(crate) fn remove(&mut self, path: &str) -> Option<Leaf> {
        self.files.remove(path)
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, &Leaf) -> bool) {
        self.files.retain(|path, leaf| keep(path, leaf));
    }

    pub(crate) fn into_files(self) -> impl Iterator<Item = (String, Leaf)> {
        self.files.into_iter()
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Leaf> {
        self.files.get(path)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &Leaf)> {
        self.files.iter().map(|(path, leaf)| (path.as_str(), leaf))
    }

    /// Names these files: two trees of one content have one digest. Each file's own is worked out here, once.
    pub(crate) fn digest(&mut self) -> Result<String> {
        for leaf in self.files.values_mut() {
            leaf.digest = Some(leaf.content.digest()?);
        }
        let mut all = Sha256::new();
        for (path, leaf) in self.files() {
            all.update(format!(
                "{path}\0{}\0{}\n",
                leaf.content.mode(),
                leaf.digest()?
            ));
        }
        let mut id = hex(&all.finalize());
        id.truncate(32);
        Ok(id)
    }
}

impl Content {
    /// The Unix mode, file type included.
    pub(crate) const fn mode(&self) -> u32 {
        match self {
            Self::Text(_) | Self::Copy(_, false) => 0o100_644,
            Self::Script(_) | Self::Copy(_, true) => 0o100_755,
            Self::Link(_) => 0o120_777,
        }
    }

    /// The file that it is a copy of.
    pub(crate) fn source(&self) -> Option<&Path> {
        match self {
            Self::Copy(path, _) => Some(path),
            _ => None,
        }
    }

    /// Where it comes from, for messages.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Copy(path, _) => format!("`{}`", path.display()),
            Self::Link(target) => format!("a link to `{target}`"),
            Self::Text(_) | Self::Script(_) => "made by the build".to_owned(),
        }
    }

    pub(crate) fn digest(&self) -> Result<String> {
        let mut digest = Sha256::new();
        match self {
            Self::Text(text) | Self::Script(text) | Self::Link(text) => digest.update(text),
            Self::Copy(path, _) => {
                let mut file = open(path)?;
                let mut buffer = vec![0; 1 << 16];
                loop {
                    let count = file
                        .read(&mut buffer)
                        .doing(|| format!("read `{}`", path.display()))?;
                    if count == 0 {
                        break;
                    }
                    digest.update(&buffer[..count]);
                }
            }
        }
        Ok(hex(&digest.finalize()))
    }
}

pub(crate) fn open(path: &Path) -> Result<File> {
    File::open(path).doing(|| format!("read `{}`", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
