//! What can go wrong while a charm is built, in sentences for its author.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::finding::{Finding, Level};

/// Short for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no charm.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The system refused something; `doing` completes "cannot …".
    Io {
        /// What was being done, with the path.
        doing: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Mistakes in the charm's files, warnings among them.
    Files(Vec<Finding>),
    /// The folder holds no charm.
    NoCharm {
        /// The folder.
        dir: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A program that the build needs is not there.
    Missing {
        /// Its name.
        program: String,
        /// What to do.
        hint: String,
    },
    /// Cargo failed; it has told the author why.
    Compile {
        /// The package.
        package: String,
    },
    /// Cargo does not know the charm's crate.
    Manifest {
        /// The charm's `Cargo.toml`.
        path: PathBuf,
        /// What Cargo says, or what is missing.
        why: String,
        /// What to do.
        hint: String,
    },
    /// What a unit keeps on its own disk lies in the charm's folder.
    UnitState(PathBuf),
    /// Something in the charm's folder cannot be part of a charm.
    BadEntry {
        /// The path in the charm.
        path: PathBuf,
        /// Why not.
        why: String,
        /// What to do.
        hint: String,
    },
    /// What stands at the place of the output was not written by a build.
    Foreign(PathBuf),
    /// The binary's table of handlers cannot be read.
    Registry {
        /// The binary.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// Layers in folders are not what `layer.lock` says.
    Locked {
        /// The lock.
        path: PathBuf,
        /// The layers that changed.
        changed: Vec<String>,
    },
    /// Two handlers have one id.
    DuplicateId {
        /// The id.
        id: String,
        /// Where the two are.
        places: [String; 2],
    },
    /// An archive that cannot be a charm.
    Archive {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl Error {
    /// What to do about it, where the message does not say so already.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoCharm { .. } => {
                Some("name the folder of a charm, or make one with `ensign new NAME`".into())
            }
            Self::Missing { hint, .. }
            | Self::Manifest { hint, .. }
            | Self::BadEntry { hint, .. } => Some(hint.clone()),
            Self::UnitState(path) => Some(format!(
                "delete `{}`: it is one unit's memory, and every unit of the charm would start with it",
                path.display()
            )),
            Self::Locked { .. } => Some(
                "build with `--update` if the change is meant, else bring the layer back to what it was".into(),
            ),
            Self::Foreign(path) => Some(format!(
                "choose another folder with `-o`, or remove `{}`",
                path.display()
            )),
            Self::Registry { .. } => {
                Some("run `cargo clean` in the charm's folder and build again".into())
            }
            Self::DuplicateId { .. } => {
                Some("rename one of them, or give it an id with `#[id(\"…\")]`".into())
            }
            Self::Io { .. } | Self::Files(_) | Self::Compile { .. } | Self::Archive { .. } => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, .. } => write!(f, "cannot {doing}"),
            Self::Files(findings) => {
                let errors = findings
                    .iter()
                    .filter(|finding| finding.level == Level::Error)
                    .count();
                let noun = if errors == 1 { "mistake" } else { "mistakes" };
                write!(f, "{errors} {noun} in the charm's files")
            }
            Self::NoCharm { dir, why } => write!(f, "`{}` is not a charm: {why}", dir.display()),
            Self::Missing { program, .. } => write!(f, "cannot find `{program}`"),
            Self::Compile { package } => write!(f, "cargo could not build `{package}`"),
            Self::Manifest { path, why, .. } => write!(f, "cannot use `{}`: {why}", path.display()),
            Self::UnitState(path) => write!(
                f,
                "`{}` is the state of a unit and must not be packed",
                path.display()
            ),
            Self::BadEntry { path, why, .. } => {
                write!(f, "`{}` cannot be part of a charm: {why}", path.display())
            }
            Self::Foreign(path) => {
                write!(
                    f,
                    "`{}` exists and was not written by `ensign build`: not replaced",
                    path.display()
                )
            }
            Self::Locked { path, changed } => write!(
                f,
                "{} changed since `{}` was written",
                changed.join(", "),
                path.display()
            ),
            Self::Registry { path, why } => {
                write!(f, "cannot read the handlers of `{}`: {why}", path.display())
            }
            Self::DuplicateId {
                id,
                places: [first, second],
            } => {
                write!(f, "two handlers have the id `{id}`: {first} and {second}")
            }
            Self::Archive { path, why } => write!(f, "`{}` is not a charm: {why}", path.display()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Says what was being done when the system refused.
pub(crate) trait Doing<T> {
    /// Turns the error into "cannot `what`".
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T, E: Into<io::Error>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Error::Io {
            doing: what(),
            source: error.into(),
        })
    }
}
