//! The scratch folder a case's files lie in.

use std::collections::BTreeMap;
use std::io;

use crate::AgentFiles;

/// Where `@DIR@` is.
pub(super) const DIR: &str = "/@SCRATCH@";

/// One folder, and files directly in it.
pub(super) struct Scratch {
    given: BTreeMap<String, Vec<u8>>,
    pub(super) written: BTreeMap<String, Vec<u8>>,
}

impl Scratch {
    pub(super) fn of(files: &BTreeMap<String, String>) -> Self {
        let given = files
            .iter()
            .map(|(name, content)| (name.clone(), content.clone().into_bytes()));
        Self {
            given: given.collect(),
            written: BTreeMap::new(),
        }
    }

    /// The name of a file in the folder.
    fn name(path: &str) -> io::Result<&str> {
        if path == DIR || path == "/" {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        path.strip_prefix(DIR)
            .and_then(|rest| rest.strip_prefix('/'))
            .filter(|name| !name.contains('/'))
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl AgentFiles for Scratch {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let name = Self::name(path)?;
        let content = self.written.get(name).or_else(|| self.given.get(name));
        content
            .cloned()
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn write(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        // Resources are fetched into a folder beside; recordings do not tell of them.
        if path.starts_with(&format!("{DIR}/resources/")) {
            return Ok(());
        }
        self.written
            .insert(Self::name(path)?.to_owned(), content.to_vec());
        Ok(())
    }
}
