//! What is registered in a charm's binary, read from its ELF section `.ensign` without running it.

use std::collections::BTreeMap;
use std::path::Path;

use object::{Object, ObjectSection};
use serde_json::Value as Json;

use crate::error::{Doing, Error, Result};

/// The section's name.
const SECTION: &str = ".ensign";
/// The newest form of the lines that this version reads.
const SCHEMA: u64 = 1;

/// The handlers, triggers and providers of a charm.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Registry {
    /// The handlers, by id.
    pub handlers: Vec<Registered>,
    /// Everything else that is registered: triggers, providers, build notes.
    pub others: Vec<Json>,
}

/// A handler.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Registered {
    /// Its id.
    pub id: String,
    /// The crate it is in, with underscores.
    pub krate: String,
    /// Its source file, as the crate names it.
    pub file: String,
    /// Its line.
    pub line: u64,
    /// The whole line of the section: clauses and declarations too.
    pub record: Json,
}

impl Registry {
    /// Reads the section of a binary, for whatever processor. A binary without the section has nothing registered.
    ///
    /// # Errors
    /// If the file is no ELF binary, its section is damaged or of a newer form, or two handlers have one id.
    pub fn read(binary: &Path) -> Result<Self> {
        let bytes = std::fs::read(binary).doing(|| format!("read `{}`", binary.display()))?;
        let bad = |why: String| Error::Registry {
            path: binary.to_owned(),
            why,
        };
        let file = object::File::parse(&*bytes).map_err(|error| bad(error.to_string()))?;
        let Some(section) = file.section_by_name(SECTION) else {
            return Ok(Self::default());
        };
        let data = section.data().map_err(|error| bad(error.to_string()))?;
        let registry = Self::parse(data).map_err(bad)?;
        registry.check()?;
        Ok(registry)
    }

    /// One JSON object a line, in any order; the linker may pad with zeros between them.
    pub(crate) fn parse(data: &[u8]) -> Result<Self, String> {
        let mut registry = Self::default();
        let text = std::str::from_utf8(data).map_err(|error| error.to_string())?;
        for line in text
            .split(['\n', '\0'])
            .map(str::trim)
            .filter(|line| !line.is_empty())
        {
            let record: Json =
                serde_json::from_str(line).map_err(|error| format!("{error} in {line:?}"))?;
            match record["schema"].as_u64() {
                Some(SCHEMA) => {}
                Some(newer) => {
                    return Err(format!(
                        "its lines have schema {newer}, this `ensign` reads {SCHEMA}"
                    ));
                }
                None => return Err(format!("a line has no schema: {line:?}")),
            }
            if record["kind"] == "handler" {
                registry
                    .handlers
                    .push(handler(record).ok_or_else(|| format!("a handler has no id: {line:?}"))?);
            } else {
                registry.others.push(record);
            }
        }
        registry.handlers.sort_by(|a, b| a.id.cmp(&b.id));
        registry.others.sort_by_key(Json::to_string);
        Ok(registry)
    }

    fn check(&self) -> Result<()> {
        let mut seen: BTreeMap<&str, &Registered> = BTreeMap::new();
        for handler in &self.handlers {
            if let Some(first) = seen.insert(&handler.id, handler) {
                let places = [first.place(), handler.place()];
                return Err(Error::DuplicateId {
                    id: handler.id.clone(),
                    places,
                });
            }
        }
        Ok(())
    }
}

impl Registered {
    /// `FILE:LINE`, as the crate names the file.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

fn handler(record: Json) -> Option<Registered> {
    let text = |key: &str| record[key].as_str().map(str::to_owned);
    let id = text("id")?;
    let krate = text("crate").or_else(|| id.split("::").next().map(str::to_owned))?;
    let (file, line) = (
        text("file").unwrap_or_default(),
        record["line"].as_u64().unwrap_or_default(),
    );
    Some(Registered {
        id,
        krate,
        file,
        line,
        record,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_in_any_order_with_padding_between_them() {
        let data = b"{\"schema\":1,\"kind\":\"handler\",\"id\":\"c::b\",\"file\":\"reactive/c.rs\",\"line\":7}\n\0\0\
            {\"schema\":1,\"kind\":\"trigger\",\"when\":\"a\",\"set\":[\"b\"]}\n\
            {\"schema\":1,\"kind\":\"handler\",\"id\":\"c::a\",\"crate\":\"c\"}\n";
        let registry = Registry::parse(data).unwrap();
        let ids: Vec<&str> = registry.handlers.iter().map(|h| h.id.as_str()).collect();
        assert_eq!(ids, ["c::a", "c::b"]);
        assert_eq!(registry.handlers[1].place(), "reactive/c.rs:7");
        assert_eq!(registry.handlers[1].krate, "c");
        assert_eq!(registry.others.len(), 1);
    }

    #[test]
    fn two_handlers_of_one_id_are_named_with_both_places() {
        let line = |n: u32| {
            format!(
                "{{\"schema\":1,\"kind\":\"handler\",\"id\":\"c::a\",\"file\":\"f.rs\",\"line\":{n}}}\n"
            )
        };
        let registry = Registry::parse(format!("{}{}", line(3), line(9)).as_bytes()).unwrap();
        let error = registry.check().unwrap_err().to_string();
        assert!(
            error.contains("f.rs:3") && error.contains("f.rs:9") && error.contains("`c::a`"),
            "{error}"
        );
    }

    #[test]
    fn a_newer_or_damaged_section_is_refused() {
        assert!(
            Registry::parse(b"{\"schema\":2,\"kind\":\"handler\",\"id\":\"x\"}\n")
                .unwrap_err()
                .contains("schema 2")
        );
        assert!(Registry::parse(b"{\"schema\":1,\"kind\n").is_err());
        assert!(Registry::parse(b"\xff\xfe").is_err());
    }

    #[test]
    fn a_file_that_is_no_binary_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        assert!(matches!(Registry::read(&path), Err(Error::Registry { .. })));
    }
}
