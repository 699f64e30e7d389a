//! The orders for one machine, as they travel to its first process.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::base::Base;
use super::skeleton::Skeleton;
use crate::network::HostNames;

/// How a machine's root is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// One overlay over `/`, as root.
    Root,
    /// One overlay per top-level folder over this skeleton, as an ordinary user.
    Rootless {
        /// The skeleton layer.
        skeleton: Skeleton,
    },
}

/// One machine: what its first process needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MachineSpec {
    /// Juju's machine number, such as `0`.
    pub(crate) id: String,
    /// The host name inside.
    pub(crate) hostname: String,
    /// Its own address.
    pub(crate) address: Ipv4Addr,
    /// Nothing goes to it or comes from it.
    pub(crate) cut: bool,
    /// All machines of the model.
    pub(crate) hosts: HostNames,
    /// How its root is made.
    pub(crate) kind: Kind,
    /// The folder with what the machine writes.
    pub(crate) disk: PathBuf,
    /// The folder mounted at `/run/ensign`: the executable, the charms, the agents' socket.
    pub(crate) shared: PathBuf,
    /// What `/etc/os-release` says.
    pub(crate) base: Base,
    /// It was up before.
    pub(crate) rebooted: bool,
    /// The units whose agents live here.
    pub(crate) units: Vec<String>,
}
