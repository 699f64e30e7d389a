//! `bin/ensign.json`: what the charm's binary reads about itself at run time.

use serde::Serialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

use crate::describe::Description;
use crate::schema::{ConfigOption, Metadata};

/// The file, as the `ensign` library documents it.
#[derive(Debug, Serialize)]
pub(crate) struct BuildData<'a> {
    schema: u64,
    name: &'a str,
    build: &'a str,
    layers: &'a [String],
    options: &'a BTreeMap<String, BTreeMap<String, Json>>,
    metadata: &'a Metadata,
    config: &'a BTreeMap<String, ConfigOption>,
    actions: &'a BTreeMap<String, Json>,
}

impl<'a> BuildData<'a> {
    /// The data of a charm whose files have the digest `build` and whose crates are `layers`, base first.
    pub(crate) fn new(charm: &'a Description, build: &'a str, layers: &'a [String]) -> Self {
        Self {
            schema: 1,
            name: &charm.metadata.name,
            build,
            layers,
            options: &charm.options,
            metadata: &charm.metadata,
            config: &charm.config,
            actions: &charm.actions,
        }
    }
}
