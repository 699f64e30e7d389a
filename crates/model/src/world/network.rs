//! A unit's network as the controller knows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::World;
use crate::{Machine, RelationId, UnitName};

/// What `network-get` answers for one endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NetworkInfo {
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) egress_subnets: Vec<String>,
    pub(crate) ingress_addresses: Vec<String>,
    /// Answers that differ for one relation of the endpoint.
    pub(crate) relations: BTreeMap<RelationId, Self>,
}

/// A network interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Interface {
    pub(crate) mac: String,
    pub(crate) name: String,
    pub(crate) addresses: Vec<Addresses>,
}

/// An address of an interface.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Addresses {
    pub(crate) hostname: String,
    pub(crate) value: String,
    pub(crate) cidr: String,
}

impl NetworkInfo {
    /// The answer for a machine with one interface; nothing to answer if it has no address.
    pub(crate) fn of(machine: &Machine) -> Self {
        if machine.address.is_empty() {
            return Self::default();
        }
        let address = Addresses {
            hostname: String::new(),
            value: machine.address.clone(),
            cidr: machine.cidr.clone(),
        };
        Self {
            interfaces: vec![Interface {
                mac: machine.mac.clone(),
                name: machine.interface.clone(),
                addresses: vec![address],
            }],
            egress_subnets: vec![egress_subnet(&machine.address)],
            ingress_addresses: vec![machine.address.clone()],
            relations: BTreeMap::new(),
        }
    }
}

impl World {
    /// Notes where a unit runs: its addresses, and the answer for every endpoint of its charm.
    pub(crate) fn set_machine(&mut self, unit: &UnitName, machine: &Machine) {
        if let Some(document) = self.units.get_mut(unit) {
            document.private_address.clone_from(&machine.address);
            document.public_address.clone_from(&machine.address);
            document.default_network = NetworkInfo::of(machine);
        }
        self.derive_network(unit);
    }

    /// Answers for every endpoint and extra binding a unit's charm has now; all of them are bound to the machine's one network.
    pub(crate) fn derive_network(&mut self, unit: &UnitName) {
        let Some(application) = self.applications.get(unit.application()) else {
            return;
        };
        if let Some(document) = self.units.get_mut(unit) {
            // Charms may also ask for the implicit endpoint.
            let endpoints = application
                .charm
                .endpoints
                .keys()
                .chain(&application.charm.extra_bindings)
                .cloned()
                .chain(["juju-info".to_owned()]);
            let default = &document.default_network;
            document.network = endpoints
                .map(|endpoint| (endpoint, default.clone()))
                .collect();
        }
    }
}

/// The subnet of one address.
pub(crate) fn egress_subnet(address: &str) -> String {
    let bits = if address.contains(':') { 128 } else { 32 };
    format!("{address}/{bits}")
}
