//! What can be wrong with a unit's state.

use std::fmt;
use std::path::PathBuf;

use super::document::Owner;
use crate::error::{ErrorKind, Kind};

/// The state document cannot be used; the message says where it is and what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// It is no document: truncated, edited, or something else altogether.
    Garbled {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        reason: String,
    },
    /// A newer Ensign wrote it, in a shape this one does not know.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// It belongs to another unit or model, such as one packed into the charm by mistake (D33).
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        found: Owner,
        /// Who we are.
        wanted: Owner,
    },
    /// A file operation failed.
    Io {
        /// What was tried: "read", "replace", …
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The document cannot be written as JSON.
    Unwritable {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbled { path, reason } => {
                write!(
                    f,
                    "the state document `{}` cannot be read: {reason}",
                    path.display()
                )
            }
            Self::Newer { path, found } => write!(
                f,
                "the state document `{}` has version {found}, this charm knows version {}",
                path.display(),
                super::document::MAJOR
            ),
            Self::Foreign {
                path,
                found,
                wanted,
            } => write!(
                f,
                "the state document `{}` belongs to unit `{}` of model `{}`, not to `{}` of `{}`",
                path.display(),
                found.unit,
                found.model,
                wanted.unit,
                wanted.model
            ),
            Self::Io { what, path, source } => {
                write!(f, "cannot {what} `{}`: {source}", path.display())
            }
            Self::Unwritable { reason } => {
                write!(f, "the state document cannot be written: {reason}")
            }
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl Kind for StoreError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Store
    }

    fn advice(&self) -> Option<String> {
        match self {
            Self::Garbled { path, .. } => Some(format!(
                "move `{}` away and run `juju resolved`: the unit then starts afresh, with every flag unset",
                path.display()
            )),
            Self::Newer { .. } => {
                Some("deploy the charm revision that wrote it, or a newer one".to_owned())
            }
            Self::Foreign { path, .. } => Some(format!(
                "it was shipped with the charm or copied from elsewhere: remove `{}` and run `juju resolved`",
                path.display()
            )),
            Self::Io { path, source, .. } if has_no_room(source) => Some(format!(
                "make room for `{}`: what was kept before is whole, and the hook runs again with `juju resolved`",
                path.display()
            )),
            Self::Io { .. } | Self::Unwritable { .. } => None,
        }
    }
}

/// Whether more room would help.
fn has_no_room(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_full_disk_is_told_with_what_to_do() {
        let of = |kind: std::io::ErrorKind| {
            let (what, path) = ("write", PathBuf::from(".ensign/state.next"));
            let source = kind.into();
            Error::from(StoreError::Io { what, path, source })
        };
        let full = of(std::io::ErrorKind::StorageFull);
        assert_eq!(full.kind(), ErrorKind::Store);
        let hint = full.advice().unwrap();
        assert!(
            hint.starts_with("make room for `.ensign/state.next`"),
            "{hint}"
        );
        let denied = of(std::io::ErrorKind::PermissionDenied);
        assert_eq!(denied.advice(), None);
    }
}
