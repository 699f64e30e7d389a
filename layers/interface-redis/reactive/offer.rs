//! What the two sides tell each other.

use ensign::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Address;

/// How an application's servers stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One primary takes writes, the others follow it.
    Standalone,
    /// Redis Cluster: each primary has a part of the keys.
    Cluster,
}

/// What the application offers to its clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// How its servers stand to each other.
    pub mode: Mode,
    /// The server that takes writes; none in a cluster.
    pub primary: Option<Address>,
    /// The replicas, or all servers of the cluster.
    pub nodes: Vec<Address>,
    /// What clients authenticate with.
    pub password: Secret,
    /// Another text for each password.
    pub version: String,
}

/// What one unit tells of its own server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitOffer {
    /// Where it can be reached.
    pub hostname: String,
    /// On which port.
    pub port: u16,
    /// `primary`, `replica` or `node`.
    pub role: String,
}

/// What a client can use.
#[derive(Debug, Clone, PartialEq)]
pub struct Redis {
    /// How the servers stand to each other.
    pub mode: Mode,
    /// The server that takes writes; none in a cluster.
    pub primary: Option<Address>,
    /// The replicas, or all servers of the cluster.
    pub nodes: Vec<Address>,
    /// What to authenticate with.
    pub password: Secret,
    pub(crate) version: String,
    pub(crate) relation: String,
}

impl Redis {
    /// Where a client begins, one after the other: the primary, or any node of a cluster.
    pub fn entries(&self) -> impl Iterator<Item = &Address> {
        let nodes = self.nodes.iter().filter(|_| self.mode == Mode::Cluster);
        self.primary.iter().chain(nodes)
    }
}

/// The application's fields but for the password, which is no plain text.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Fields {
    pub(crate) mode: Mode,
    pub(crate) primary: Option<String>,
    #[serde(default)]
    pub(crate) nodes: Vec<Address>,
    pub(crate) version: String,
}
