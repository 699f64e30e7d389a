//! What a model knows of a charm. Drivers read files; the model reads none.

mod documents;
mod options;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use documents::{CharmError, Documents};
pub use options::{ConfigValue, OptionKind, OptionSpec};

/// The endpoint nobody has to declare, and its interface.
const JUJU_INFO: &str = "juju-info";

/// A charm: what its metadata, configuration and actions declare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CharmInfo {
    /// The charm's name.
    pub name: String,
    /// The revision of the charm's URL; `juju status` shows it, upgrades give it a new one.
    #[serde(default)]
    pub revision: u32,
    /// What tells this build from another: two infos with equal builds are the same charm.
    #[serde(default)]
    pub build: String,
    /// Endpoints by name, peers included; without the implicit `juju-info`.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Configuration options by name.
    #[serde(default)]
    pub options: BTreeMap<String, OptionSpec>,
    /// Actions by name.
    #[serde(default)]
    pub actions: BTreeMap<String, ActionSpec>,
    /// Storage by name.
    #[serde(default)]
    pub storage: BTreeMap<String, StorageSpec>,
    /// Names that stand for networks beside the endpoints (`extra-bindings`).
    #[serde(default)]
    pub extra_bindings: BTreeSet<String>,
    /// Resources by name, with the names of their files.
    #[serde(default)]
    pub resources: BTreeMap<String, String>,
    /// Whether it is a subordinate.
    #[serde(default)]
    pub subordinate: bool,
    /// The base it is deployed on, as `juju status` prints it: `ubuntu@24.04`.
    #[serde(default)]
    pub base: Option<String>,
}

impl CharmInfo {
    /// A charm of that name which declares nothing, build `1`.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            revision: 0,
            build: "1".to_owned(),
            endpoints: BTreeMap::new(),
            options: BTreeMap::new(),
            actions: BTreeMap::new(),
            storage: BTreeMap::new(),
            extra_bindings: BTreeSet::new(),
            resources: BTreeMap::new(),
            subordinate: false,
            base: None,
        }
    }

    /// The same charm with a peer endpoint more.
    #[must_use]
    pub fn with_peer(mut self, endpoint: &str, interface: &str) -> Self {
        let peer = Endpoint {
            role: Role::Peer,
            interface: interface.to_owned(),
            scope: Scope::Global,
            optional: false,
        };
        self.endpoints.insert(endpoint.to_owned(), peer);
        self
    }

    /// The same charm with an option more.
    #[must_use]
    pub fn with_option(
        mut self,
        name: &str,
        kind: OptionKind,
        default: Option<ConfigValue>,
    ) -> Self {
        self.options
            .insert(name.to_owned(), OptionSpec { kind, default });
        self
    }

    /// The same charm with an action more that takes any parameters.
    #[must_use]
    pub fn with_action(mut self, name: &str) -> Self {
        self.actions.insert(name.to_owned(), ActionSpec::default());
        self
    }

    /// The same charm as another build: the next revision, to upgrade to.
    #[must_use]
    pub fn rebuilt(mut self, build: &str) -> Self {
        self.revision += 1;
        build.clone_into(&mut self.build);
        self
    }

    /// An endpoint by name; every charm also provides `juju-info`.
    #[must_use]
    pub fn endpoint(&self, name: &str) -> Option<Endpoint> {
        let implicit = || {
            (name == JUJU_INFO).then(|| Endpoint {
                role: Role::Provider,
                interface: JUJU_INFO.to_owned(),
                scope: Scope::Global,
                optional: true,
            })
        };
        self.endpoints.get(name).cloned().or_else(implicit)
    }

    /// The names of its peer endpoints.
    pub fn peers(&self) -> impl Iterator<Item = &str> {
        self.endpoints
            .iter()
            .filter(|(_, endpoint)| endpoint.role == Role::Peer)
            .map(|(name, _)| name.as_str())
    }
}

/// A named slot a relation can fill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Which side of a relation it can be.
    pub role: Role,
    /// The protocol's name.
    pub interface: String,
    /// Whether all units of the other side are seen, or only those on the same machine.
    #[serde(default)]
    pub scope: Scope,
    /// Whether the charm works without it.
    #[serde(default)]
    pub optional: bool,
}

/// Which side of a relation an endpoint can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Offers the interface.
    Provider,
    /// Uses the interface.
    Requirer,
    /// Both sides at once: the units of one application.
    Peer,
}

/// Which units of the other side an endpoint sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// All of them.
    #[default]
    Global,
    /// Those on the same machine.
    Container,
}

/// An action a charm declares.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionSpec {
    /// The JSON schema of its parameters: `properties`, `required`, `additionalProperties`; null takes anything.
    pub schema: Value,
    /// May run beside hooks of other units on the machine.
    pub parallel: bool,
    /// Actions of one group exclude each other.
    pub execution_group: String,
}

/// A storage a charm declares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageSpec {
    /// `filesystem` or `block`.
    pub kind: String,
    /// Where a single filesystem is mounted, if the charm says.
    #[serde(default)]
    pub location: Option<String>,
    /// How few instances a unit needs.
    pub minimum: u32,
    /// How many instances a unit can have; `None` is no limit.
    pub maximum: Option<u32>,
}
