//! A net that this model has and no other.

use std::hash::Hasher;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteMessage};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use siphasher::sip::SipHasher13;

use super::netlink::Netlink;
use super::subnet::{Subnet, Taken};
use crate::error::{Error, Result};

/// The claim lasts as long as the value, and ends with the process however that ends: it is a socket's name in the
/// kernel, which has one such list for each host network, and not a file that could stay behind.
#[derive(Debug)]
pub(crate) struct Claim {
    net: Subnet,
    _held: UnixDatagram,
}

impl Claim {
    /// Takes a net for the model `uuid`: the one it had `before` if nobody else has that now.
    ///
    /// # Errors
    /// When no net is free.
    pub(crate) fn take(uuid: &str, before: Option<Subnet>) -> Result<Self> {
        // The link of a controller that was killed a moment ago may still be there: it is no obstacle.
        if let Some((net, held)) = before.and_then(|net| Some((net, hold(net)?))) {
            return Ok(Self { net, _held: held });
        }
        let mut hasher = SipHasher13::new();
        hasher.write(uuid.as_bytes());
        match Subnet::choose(hasher.finish(), &taken()?, hold) {
            Some((net, held)) => Ok(Self { net, _held: held }),
            None => Err(Error::io(
                "find a private net for the machines",
                io::Error::other("this host uses all of 10/8, 172.16/12 and 192.168/16"),
            )),
        }
    }

    /// The net.
    pub(crate) const fn net(&self) -> Subnet {
        self.net
    }
}

fn hold(net: Subnet) -> Option<UnixDatagram> {
    let name = format!("ensign/net/{}", net.cidr());
    let address = SocketAddr::from_abstract_name(name).ok()?;
    UnixDatagram::bind_addr(&address).ok()
}

/// What this host uses: its addresses and the destinations of all its routes.
fn taken() -> Result<Vec<Taken>> {
    let netlink = Netlink::open()?;
    let mut routes = RouteMessage::default();
    routes.header.address_family = AddressFamily::Inet;
    let mut addresses = AddressMessage::default();
    addresses.header.family = AddressFamily::Inet;
    let mut found = netlink.list(RouteNetlinkMessage::GetRoute(routes))?;
    found.extend(netlink.list(RouteNetlinkMessage::GetAddress(addresses))?);
    Ok(found.iter().filter_map(used).collect())
}

fn used(message: &RouteNetlinkMessage) -> Option<Taken> {
    match message {
        RouteNetlinkMessage::NewRoute(route) => {
            let destination = route
                .attributes
                .iter()
                .find_map(|attribute| match attribute {
                    RouteAttribute::Destination(RouteAddress::Inet(address)) => Some(*address),
                    _ => None,
                });
            let address = destination.unwrap_or(Ipv4Addr::UNSPECIFIED);
            Some((address, route.header.destination_prefix_length))
        }
        RouteNetlinkMessage::NewAddress(address) => {
            let own = address
                .attributes
                .iter()
                .find_map(|attribute| match attribute {
                    AddressAttribute::Local(IpAddr::V4(address)) => Some(*address),
                    _ => None,
                });
            Some((own?, address.header.prefix_len))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_models_of_one_seed_have_two_nets() {
        let first = Claim::take("cafe", None).unwrap();
        let second = Claim::take("cafe", None).unwrap();
        assert_ne!(first.net(), second.net());
        let before = first.net();
        drop(first);
        let again = Claim::take("other", Some(before)).unwrap();
        assert_eq!(again.net(), before);
    }

    #[test]
    fn this_hosts_own_addresses_count_as_used() {
        let loopback = (Ipv4Addr::new(127, 0, 0, 1), 8);
        assert!(taken().unwrap().contains(&loopback));
    }
}
