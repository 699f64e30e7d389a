//! What `ensign build` knows about the charm, as the charm reads it at run time: `bin/ensign.json` beside the binary.
//!
//! A charm without that file works too (a *bare binary*): [`Metadata::default`].

mod file;
mod interface;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

pub use interface::Interface;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{ErrorKind, Kind};

/// The charm's build data.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Metadata {
    /// The charm's name; empty for a bare binary.
    pub name: String,
    /// Names the inputs of the build; two equal builds have the same.
    pub build: String,
    /// The crates of the layers, base first, with underscores; empty for a bare binary, where `ensign::main!` says the order.
    pub layers: Vec<String>,
    /// Options by layer and name.
    pub options: BTreeMap<String, BTreeMap<String, Value>>,
    /// The endpoints by name, whatever their role.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// The config options by name.
    pub config: BTreeMap<String, ConfigOption>,
    /// The actions by name, as they stand in `actions.yaml`.
    pub actions: BTreeMap<String, Value>,
    /// The storages by name.
    pub storage: BTreeMap<String, Storage>,
    /// The names of the resources.
    pub resources: Vec<String>,
    /// Whether the charm is a subordinate.
    pub subordinate: bool,
}

/// A named slot for relations.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Endpoint {
    /// Which side of the relation the charm is.
    pub role: Role,
    /// The name of the protocol.
    pub interface: String,
    /// With whom the unit relates.
    pub scope: Scope,
    /// How many relations Juju allows; none is no limit.
    pub limit: Option<u64>,
    /// The charm works without it.
    pub optional: bool,
}

/// Which side of a relation an endpoint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It offers the interface.
    Provides,
    /// It needs the interface.
    Requires,
    /// It relates the units of one application.
    Peers,
}

impl Role {
    /// The role of that name. `peer` is accepted besides `peers` (D26).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "provides" => Some(Self::Provides),
            "requires" => Some(Self::Requires),
            "peers" | "peer" => Some(Self::Peers),
            _ => None,
        }
    }

    /// The name as it stands in `metadata.yaml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provides => "provides",
            Self::Requires => "requires",
            Self::Peers => "peers",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// With which units of the other application a unit relates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// All of them.
    #[default]
    Global,
    /// Those on the same machine, as subordinates do.
    Container,
}

/// A config option.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ConfigOption {
    /// Its type.
    #[serde(rename = "type", default)]
    pub kind: ConfigType,
    /// Its default; null where it has none.
    #[serde(default)]
    pub default: Value,
}

/// The type of a config option; Juju takes `string` where none is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ConfigType {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// Yes or no.
    Boolean,
    /// The id of a secret.
    Secret,
}

/// A storage the charm asks for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Storage {
    /// `filesystem` or `block`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Where a filesystem is mounted, if the charm says so.
    #[serde(default)]
    pub location: Option<String>,
}

impl Metadata {
    /// What `ensign build` wrote into this charm directory; the default where it wrote nothing, since a bare
    /// binary works.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn of_charm(charm_dir: &Path) -> crate::error::Result<Self> {
        let path = charm_dir.join("bin").join("ensign.json");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => {
                return Err(
                    crate::Error::from(e).context(format!("cannot read `{}`", path.display()))
                );
            }
        };
        Self::parse(&text).map_err(|e| {
            crate::Error::from(e)
                .context(format!("cannot read `{}`", path.display()))
                .hint("build the charm again with `ensign build`")
        })
    }

    /// Reads the text of `bin/ensign.json`.
    ///
    /// # Errors
    /// If it is not JSON of the documented form (with line and column), was written by a newer
    /// Ensign, or names one endpoint twice.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
        file::read(text)
    }

    /// The names of the endpoints of that role and interface, in order.
    pub fn endpoints_of<'a>(
        &'a self,
        role: Role,
        interface: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        self.endpoints
            .iter()
            .filter(move |(_, e)| e.role == role && e.interface == interface)
            .map(|(name, _)| name.as_str())
    }

    /// The names of the peer endpoints, in order.
    pub fn peers(&self) -> impl Iterator<Item = &str> {
        self.endpoints
            .iter()
            .filter(|(_, e)| e.role == Role::Peers)
            .map(|(name, _)| name.as_str())
    }

    /// A layer's option, if it is set.
    #[must_use]
    pub fn option(&self, layer: &str, name: &str) -> Option<&Value> {
        self.options.get(layer)?.get(name)
    }
}

/// Why the build data cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum MetadataError {
    /// It is not JSON of the documented form.
    Json(serde_json::Error),
    /// Its form is not one this library knows.
    Schema(u64),
    /// Two endpoints have the same name.
    Endpoint(String),
}

impl fmt::Display for MetadataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(e) => write!(f, "cannot read the build data: {e}; build the charm again"),
            Self::Schema(found) => write!(
                f,
                "the build data has schema {found}, this library reads {}: build the charm again with the same Ensign",
                file::SCHEMA
            ),
            Self::Endpoint(name) => write!(
                f,
                "endpoint `{name}` stands twice in the build data: rename one of the two in `metadata.yaml`"
            ),
        }
    }
}

impl std::error::Error for MetadataError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(e) => Some(e),
            Self::Schema(_) | Self::Endpoint(_) => None,
        }
    }
}

impl Kind for MetadataError {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }
}

#[cfg(test)]
mod tests;
