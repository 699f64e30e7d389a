//! `layer.lock`: what the layers in folders held when the charm was built for Juju. Crates are locked by `Cargo.lock`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Found, Stack};
use crate::error::{Doing, Error, Result};
use crate::owner;
use crate::tree::fingerprint;

/// The file's name, in the charm's folder.
const NAME: &str = "layer.lock";
/// The newest form of the file that this version reads.
const VERSION: u64 = 1;

/// The digests of layers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Lock {
    version: u64,
    layers: BTreeMap<String, String>,
}

impl Lock {
    /// Of the layers as they are now.
    pub(crate) fn of(stack: &Stack) -> Result<Self> {
        let mut layers = BTreeMap::new();
        for layer in stack.all() {
            if matches!(layer.found, Found::Folder { .. }) {
                layers.insert(layer.url(), fingerprint(&layer.dir)?);
            }
        }
        Ok(Self {
            version: VERSION,
            layers,
        })
    }

    /// The digest of a layer in a folder.
    pub(crate) fn digest(&self, url: &str) -> Option<&str> {
        self.layers.get(url).map(String::as_str)
    }

    /// Compares with the lock in the charm's folder, which is written where it is new, has other layers, or
    /// `update` says so.
    ///
    /// # Errors
    /// If a layer has changed since.
    pub(crate) fn keep(&self, dir: &Path, update: bool) -> Result<()> {
        let path = dir.join(NAME);
        let old = Self::read(&path)?;
        if old.as_ref() == Some(self) || old.is_none() && self.layers.is_empty() {
            return Ok(());
        }
        let changed = self.changed(old.as_ref());
        if !changed.is_empty() && !update {
            return Err(Error::Locked { path, changed });
        }
        let text = serde_json::to_string_pretty(self).doing(|| format!("write `{NAME}`"))?;
        std::fs::write(&path, text + "\n").doing(|| format!("write `{}`", path.display()))?;
        owner::give(&path)
    }

    /// The layers that are not what the lock in the charm's folder says; it stays as it is.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn differs(&self, dir: &Path) -> Result<Vec<String>> {
        let old = Self::read(&dir.join(NAME))?;
        Ok(self.changed(old.as_ref()))
    }

    fn changed(&self, old: Option<&Self>) -> Vec<String> {
        let differs = |(name, digest): &(&String, &String)| {
            let old = old.and_then(|old| old.layers.get(*name));
            old.is_some_and(|old| old != *digest)
        };
        let changed = self.layers.iter().filter(differs);
        changed.map(|(name, _)| name.clone()).collect()
    }

    fn read(path: &Path) -> Result<Option<Self>> {
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.doing(|| format!("read `{}`", path.display()))?,
        };
        let bad = |why: String| Error::BadEntry {
            path: path.to_owned(),
            why,
            hint: "remove it: the next `ensign build` writes it anew".into(),
        };
        let lock: Self = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if lock.version > VERSION {
            return Err(bad(format!(
                "its version is {}, this `ensign` reads {VERSION}",
                lock.version
            )));
        }
        Ok(Some(lock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(layers: &[(&str, &str)]) -> Lock {
        let layers = layers.iter().map(|(a, b)| ((*a).into(), (*b).into()));
        Lock {
            version: VERSION,
            layers: layers.collect(),
        }
    }

    #[test]
    fn a_changed_layer_is_refused_until_it_is_taken_on_purpose() {
        let dir = tempfile::tempdir().unwrap();
        lock(&[("layer:a", "1")]).keep(dir.path(), false).unwrap();
        lock(&[("layer:a", "1")]).keep(dir.path(), false).unwrap();
        let new = lock(&[("layer:a", "2")]);
        let error = new.keep(dir.path(), false).unwrap_err();
        assert!(matches!(&error, Error::Locked { changed, .. } if changed == &["layer:a"]));
        assert_eq!(new.differs(dir.path()).unwrap(), ["layer:a"]);
        new.keep(dir.path(), true).unwrap();
        assert_eq!(new.differs(dir.path()).unwrap(), [""; 0]);
        new.keep(dir.path(), false).unwrap();
    }

    #[test]
    fn layers_may_come_and_go_and_a_charm_without_folders_has_no_lock() {
        let dir = tempfile::tempdir().unwrap();
        lock(&[]).keep(dir.path(), false).unwrap();
        assert!(!dir.path().join(NAME).exists());
        lock(&[("layer:a", "1")]).keep(dir.path(), false).unwrap();
        let two = lock(&[("layer:a", "1"), ("layer:b", "1")]);
        two.keep(dir.path(), false).unwrap();
        assert_eq!(Lock::read(&dir.path().join(NAME)).unwrap(), Some(two));
        lock(&[]).keep(dir.path(), false).unwrap();
    }

    #[test]
    fn a_lock_that_cannot_be_read_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        for text in ["", "[]", "{\"version\":9,\"layers\":{}}"] {
            std::fs::write(dir.path().join(NAME), text).unwrap();
            let error = lock(&[("layer:a", "1")])
                .keep(dir.path(), false)
                .unwrap_err();
            assert!(error.hint().unwrap().contains("remove it"), "{text}");
        }
    }
}
