//! The shape of `bin/ensign.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{ConfigOption, Endpoint, Metadata, MetadataError, Role, Scope, Storage};

/// The form of the file that this library reads.
pub(super) const SCHEMA: u64 = 1;

pub(super) fn read(text: &str) -> Result<Metadata, MetadataError> {
    let version: Version = serde_json::from_str(text).map_err(MetadataError::Json)?;
    if version.schema != SCHEMA {
        return Err(MetadataError::Schema(version.schema));
    }
    let file: File = serde_json::from_str(text).map_err(MetadataError::Json)?;
    let charm = file.metadata;
    let mut endpoints = BTreeMap::new();
    for (role, group) in [
        (Role::Provides, charm.provides),
        (Role::Requires, charm.requires),
        (Role::Peers, charm.peers),
    ] {
        for (name, slot) in group {
            if endpoints.contains_key(&name) {
                return Err(MetadataError::Endpoint(name));
            }
            endpoints.insert(name, slot.endpoint(role));
        }
    }
    Ok(Metadata {
        name: if file.name.is_empty() {
            charm.name
        } else {
            file.name
        },
        build: file.build,
        layers: file.layers,
        options: file.options,
        endpoints,
        config: file.config,
        actions: file.actions,
        storage: charm.storage,
        resources: charm.resources.into_keys().collect(),
        subordinate: charm.subordinate,
    })
}

#[derive(Deserialize)]
struct Version {
    schema: u64,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    name: String,
    #[serde(default)]
    build: String,
    #[serde(default)]
    layers: Vec<String>,
    #[serde(default)]
    options: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(default)]
    metadata: Charm,
    #[serde(default)]
    config: BTreeMap<String, ConfigOption>,
    #[serde(default)]
    actions: BTreeMap<String, Value>,
}

/// The part of `metadata.yaml` that matters at run time; the rest is passed over.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Charm {
    name: String,
    provides: BTreeMap<String, Slot>,
    requires: BTreeMap<String, Slot>,
    peers: BTreeMap<String, Slot>,
    storage: BTreeMap<String, Storage>,
    resources: BTreeMap<String, serde::de::IgnoredAny>,
    subordinate: bool,
}

/// An endpoint as `metadata.yaml` spells it: its interface alone, or in full.
#[derive(Deserialize)]
#[serde(untagged)]
enum Slot {
    Short(String),
    Full {
        interface: String,
        #[serde(default)]
        scope: Scope,
        #[serde(default)]
        limit: Option<u64>,
        #[serde(default)]
        optional: bool,
    },
}

impl Slot {
    fn endpoint(self, role: Role) -> Endpoint {
        match self {
            Self::Short(interface) => Endpoint {
                role,
                interface,
                scope: Scope::Global,
                limit: None,
                optional: false,
            },
            Self::Full {
                interface,
                scope,
                limit,
                optional,
            } => Endpoint {
                role,
                interface,
                scope,
                limit,
                optional,
            },
        }
    }
}
