//! What `ensign build` knows about the charm, as the charm reads it at run time: `bin/ensign.json` beside the binary.
//!
//! A charm without that file works too (a *bare binary*): [`Metadata::default`].

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// The newest form of the file that this library reads.
const SCHEMA: u64 = 1;

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
    /// Reads the text of `bin/ensign.json`.
    ///
    /// # Errors
    /// If it is not JSON of the documented form (with line and column), was written by a newer
    /// Ensign, or names one endpoint twice.
    pub fn parse(text: &str) -> Result<Self, MetadataError> {
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
        Ok(Self {
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
                "the build data has schema {found}, this library reads {SCHEMA}: build the charm again with the same Ensign"
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

#[cfg(test)]
mod tests {
    use super::*;

    const CHARM: &str = r#"{"schema":1,"name":"password","build":"abc","layers":["ensign","password"],
        "options":{"leadership":{"backend":"auto"}},
        "metadata":{"name":"password","summary":"s","provides":{"website":{"interface":"http"},"admin":"http"},
          "requires":{"db":{"interface":"mysql","limit":1,"optional":true},"host":{"interface":"juju-info","scope":"container"}},
          "peers":{"cluster":{"interface":"password-peer"}},"storage":{"data":{"type":"filesystem","location":"/srv"}},
          "resources":{"pkg":{"type":"file","filename":"p.tgz"}},"subordinate":true,"tags":["x"]},
        "config":{"port":{"type":"int","default":80},"motd":{}},"actions":{"dump":{"params":{}}},"later":[1]}"#;

    #[test]
    fn the_file_says_everything_the_charm_needs() {
        let data = Metadata::parse(CHARM).unwrap();
        assert_eq!(data.name, "password");
        assert_eq!(data.layers, ["ensign", "password"]);
        assert_eq!(
            data.option("leadership", "backend"),
            Some(&Value::from("auto"))
        );
        assert_eq!(data.endpoints["db"].limit, Some(1));
        assert!(data.endpoints["db"].optional);
        assert_eq!(data.endpoints["host"].scope, Scope::Container);
        assert_eq!(data.config["port"].kind, ConfigType::Int);
        assert_eq!(data.config["port"].default, Value::from(80));
        assert_eq!(data.config["motd"].kind, ConfigType::String);
        assert_eq!(data.config["motd"].default, Value::Null);
        assert_eq!(data.storage["data"].location.as_deref(), Some("/srv"));
        assert_eq!(data.resources, ["pkg"]);
        assert!(data.subordinate);
        assert!(data.actions.contains_key("dump"));
    }

    #[test]
    fn endpoints_are_found_by_role_and_interface_in_order() {
        let data = Metadata::parse(CHARM).unwrap();
        let http: Vec<_> = data.endpoints_of(Role::Provides, "http").collect();
        assert_eq!(http, ["admin", "website"]);
        assert_eq!(data.endpoints_of(Role::Requires, "http").count(), 0);
        assert_eq!(data.peers().collect::<Vec<_>>(), ["cluster"]);
    }

    #[test]
    fn a_bare_binary_has_no_endpoints_and_no_options() {
        let data = Metadata::default();
        assert_eq!(data.peers().count(), 0);
        assert!(data.config.is_empty() && data.options.is_empty() && data.name.is_empty());
    }

    #[test]
    fn errors_say_where() {
        let error = Metadata::parse("{\"schema\":1,\n\"layers\":3}")
            .unwrap_err()
            .to_string();
        assert!(error.contains("line 2 column"), "{error}");
        let error = Metadata::parse(r#"{"schema":2}"#).unwrap_err().to_string();
        assert!(error.contains("schema 2"), "{error}");
        let twice = r#"{"schema":1,"metadata":{"provides":{"a":"x"},"peers":{"a":"y"}}}"#;
        assert!(
            Metadata::parse(twice)
                .unwrap_err()
                .to_string()
                .contains("`a`")
        );
        assert!(Metadata::parse("").is_err());
    }
}
