//! The unit's state document: what stands on disk between hooks.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::digest::Digest;
use super::error::StoreError;
use crate::host::FileStat;

/// The version this library writes. A newer minor may add fields, which are kept; a newer major is refused.
pub(crate) const MAJOR: u32 = 1;
const MINOR: u32 = 0;

/// Whose state it is: another unit's, or another model's, must never be taken for ours (D33).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// `JUJU_MODEL_UUID`.
    pub model: String,
    /// `JUJU_UNIT_NAME`.
    pub unit: String,
}

/// What a handler's stateful conditions remember, under the handler's id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// `only_once`: it has completed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub done: bool,
    /// `when_changed`: what was delivered last, by source; `None` is a delivered absence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub delivered: BTreeMap<String, Option<Digest>>,
    /// No linked handler has this id; the mark goes with the next upgrade.
    #[serde(default, skip_serializing_if = "is_false")]
    pub orphan: bool,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// Ties a document to Juju's transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// 128 random bits, new for every context; compared for equality only.
    pub id: String,
    /// `JUJU_CONTEXT_ID` of the context that wrote it: a later process of it goes on from here.
    pub context: String,
    /// Handlers that succeeded while in doubt; promotion takes them out of the doubt file.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub succeeded: BTreeSet<String>,
    /// What each provider has to remember until the commit is settled, by its prefix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wrote: BTreeMap<String, Value>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Record {
    /// A record of this context.
    pub(crate) fn new(id: String, context: String) -> Self {
        Self {
            id,
            context,
            ..Self::default()
        }
    }
}

/// The document. Ordered throughout, so that equal states are equal bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    version: String,
    /// Whose it is.
    pub owner: Owner,
    /// The key of every digest in here, so that a copied document cannot be compared with another unit's.
    pub key: String,
    /// Build id of the charm whose hook committed last (`upgrade.charm`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// Flags that are set, less those that are derived in each hook.
    #[serde(default)]
    pub flags: BTreeSet<String>,
    /// The charm's own values (B101).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kv: BTreeMap<String, Value>,
    /// By handler id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub marks: BTreeMap<String, Mark>,
    /// Digests recorded by `data_set`, by id (B110).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, Digest>,
    /// What was seen of files that handlers watch, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, FileRecord>,
    /// What providers remember, by their prefix.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub memory: BTreeMap<String, Value>,
    /// Only in `state.next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// Fields of a newer minor version: kept, so that a downgrade works.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

/// A watched file, as it was when its digest was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Length in bytes.
    pub size: u64,
    /// Inode number.
    pub inode: u64,
    /// Time stamp, nanoseconds since 1970.
    pub modified: u64,
    /// When it was looked at, nanoseconds since 1970: a time stamp close to it proves nothing.
    pub looked: u64,
    /// Digest of the content.
    pub digest: Digest,
    /// What a newer minor version knows of this very content.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl FileRecord {
    /// A file whose content was read at `looked`, nanoseconds since 1970, and has this digest.
    pub(crate) fn new(stat: &FileStat, looked: u64, digest: Digest) -> Self {
        Self {
            size: stat.size,
            inode: stat.inode,
            modified: nanos(stat.modified),
            looked,
            digest,
            rest: Map::new(),
        }
    }

    /// Whether the file still holds what was read: nothing about it differs, and its time stamp was not taken so
    /// close to the look that it proves nothing.
    pub(crate) fn holds(&self, stat: &FileStat) -> bool {
        /// The file may be written again within this.
        const TOO_CLOSE: Duration = Duration::from_secs(2);
        let same = self.size == stat.size
            && self.inode == stat.inode
            && self.modified == nanos(stat.modified);
        same && self.looked.saturating_sub(self.modified) > nanos(TOO_CLOSE)
    }
}

/// Time since 1970 as documents have it.
pub(crate) fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Document {
    /// The empty document of a unit that has no state yet.
    pub(crate) fn new(owner: Owner, key: [u8; 16]) -> Self {
        Self {
            version: format!("{MAJOR}.{MINOR}"),
            owner,
            key: format!("{:032x}", u128::from_be_bytes(key)),
            build: None,
            flags: BTreeSet::new(),
            kv: BTreeMap::new(),
            marks: BTreeMap::new(),
            data: BTreeMap::new(),
            files: BTreeMap::new(),
            memory: BTreeMap::new(),
            record: None,
            rest: Map::new(),
        }
    }

    /// Reads a document and checks that it may be used here.
    pub(crate) fn parse(
        bytes: &[u8],
        path: &std::path::Path,
        owner: &Owner,
    ) -> Result<Self, StoreError> {
        let garbled = |reason: String| StoreError::Garbled {
            path: path.to_owned(),
            reason,
        };
        // The version is looked at before the shape: a newer major may have any shape.
        #[derive(Deserialize)]
        struct Head {
            version: String,
        }
        let head: Head = serde_json::from_slice(bytes).map_err(|e| garbled(e.to_string()))?;
        let major = head
            .version
            .split('.')
            .next()
            .and_then(|m| m.parse::<u32>().ok());
        match major {
            Some(MAJOR) => {}
            Some(newer) if newer > MAJOR => {
                return Err(StoreError::Newer {
                    path: path.to_owned(),
                    found: head.version,
                });
            }
            _ => return Err(garbled(format!("`{}` is not a version", head.version))),
        }
        let document: Self = serde_json::from_slice(bytes).map_err(|e| garbled(e.to_string()))?;
        if document.owner != *owner {
            return Err(StoreError::Foreign {
                path: path.to_owned(),
                found: document.owner,
                wanted: owner.clone(),
            });
        }
        if u128::from_str_radix(&document.key, 16).is_err() {
            return Err(garbled("`key` is not a hexadecimal number".to_owned()));
        }
        Ok(document)
    }

    /// The bytes that go to disk.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(self).map_err(|e| StoreError::Unwritable {
            reason: e.to_string(),
        })
    }

    /// The document as it stands once its record is promoted.
    pub(crate) fn without_record(mut self) -> Self {
        self.record = None;
        self
    }
}

fn is_false(b: &bool) -> bool {
    !*b
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn owner() -> Owner {
        Owner {
            model: "m".to_owned(),
            unit: "u/0".to_owned(),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Document, StoreError> {
        Document::parse(bytes, Path::new("state.json"), &owner())
    }

    /// A document with something in every field.
    fn full() -> Document {
        let mut document = Document::new(owner(), [7; 16]);
        let digest = Digest::of(&document.key, b"x");
        let mark = Mark {
            done: true,
            delivered: BTreeMap::from([("file=/x".to_owned(), Some(digest))]),
            ..Mark::default()
        };
        document.build = Some("one".to_owned());
        document.flags.insert("a".to_owned());
        document.kv.insert("k".to_owned(), serde_json::json!([1]));
        document.marks.insert("c::f".to_owned(), mark);
        document.data.insert("id".to_owned(), digest);
        document.record = Some(Record::new("1".to_owned(), "u/0-1".to_owned()));
        document
    }

    #[test]
    fn what_was_written_is_read_back() {
        let document = full();
        assert_eq!(parse(&document.bytes().unwrap()).unwrap(), document);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(parse(&bytes).is_err());
        }

        #[test]
        fn a_damaged_document_is_read_or_refused(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = full().bytes().unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(document) = parse(&bytes) {
                prop_assert_eq!(&document.owner, &owner());
                // It can be used and written again.
                Digest::of(&document.key, b"x");
                prop_assert!(parse(&document.bytes().unwrap()).is_ok());
            }
        }

        #[test]
        fn a_truncated_document_is_refused(at in any::<prop::sample::Index>()) {
            let bytes = full().bytes().unwrap();
            prop_assert!(parse(&bytes[..at.index(bytes.len())]).is_err());
        }
    }
}
