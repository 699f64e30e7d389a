//! Names and addresses of machines: who has which, and who is told.

use std::net::Ipv4Addr;

use ensign_model::Machine;

use super::units::Phase;
use super::{Controller, Outgoing};
use crate::agent::protocol::ToAgent;
use crate::error::{Error, Result};
use crate::network::{HostNames, Subnet};

impl Controller {
    /// A place in the net that no machine has, as long after its last use as may be.
    pub(super) fn free_place(&self) -> Result<u32> {
        // Processes of this host share its address, and need no place.
        let Some(_) = self.saved.net else {
            return Ok(self.saved.machines);
        };
        (0..Subnet::ROOM)
            .map(|step| self.saved.machines.wrapping_add(step) % Subnet::ROOM)
            .find(|place| !self.saved.units.values().any(|unit| unit.index == *place))
            .ok_or_else(|| Error::Model(format!("a model has room for {} machines", Subnet::ROOM)))
    }

    /// The address of the machine in this place of the model's net.
    pub(super) fn address(&self, place: u32) -> Ipv4Addr {
        self.saved
            .net
            .map_or(Ipv4Addr::LOCALHOST, |net| net.machine(place))
    }

    /// What the unit in this place finds where it runs.
    pub(super) fn found(&self, place: u32, rebooted: bool) -> Machine {
        let address = self.address(place);
        let (cidr, interface, mac) = match self.saved.net {
            Some(net) => (net.cidr(), "eth0", Subnet::mac(address)),
            None => ("127.0.0.0/8".to_owned(), "lo", String::new()),
        };
        Machine {
            address: address.to_string(),
            cidr,
            interface: interface.to_owned(),
            mac,
            rebooted,
        }
    }

    /// The name of the machine of this number.
    pub(super) fn host_name(&self, machine: &str) -> String {
        let uuid = &self.saved.model.config().uuid;
        format!("juju-{}-{machine}", uuid.get(..6).unwrap_or("model"))
    }

    /// All machines that are not lost.
    pub(super) fn host_names(&self) -> HostNames {
        let places = self.saved.units.values().filter(|place| !place.killed);
        places
            .map(|place| (self.address(place.index), self.host_name(&place.machine)))
            .collect()
    }

    /// Tells every agent of machines that came or went, before it runs anything that has to do with them.
    pub(super) fn tell_hosts(&mut self) {
        if !std::mem::take(&mut self.moved) || self.saved.net.is_none() {
            return;
        }
        let hosts = self.host_names();
        for unit in self.units.values() {
            if let Phase::Up(line) = &unit.phase {
                let order = ToAgent::Hosts(hosts.clone());
                self.outgoing
                    .push(Outgoing::Agent(line.clone(), Box::new(order)));
            }
        }
    }
}
