//! The addresses of one model.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// Bits of an address that all machines of a model share: room for 1,020 of them, about as many as a bridge has ports.
const BITS: u8 = 22;
const SIZE: u32 = 1 << (32 - BITS);

/// A model's net, such as `10.17.4.0/22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Subnet(Ipv4Addr);

/// Where the host sends some addresses: a route of its own, or an address.
pub(super) type Taken = (Ipv4Addr, u8);

impl Subnet {
    /// How many machines have an address.
    pub(crate) const ROOM: u32 = SIZE - 4;

    /// The first net from `hash` on that the host uses for nothing else, and that `claim` gets.
    pub(super) fn choose<T>(
        hash: u64,
        taken: &[Taken],
        mut claim: impl FnMut(Self) -> Option<T>,
    ) -> Option<(Self, T)> {
        candidates(hash)
            .filter(|net| !taken.iter().any(|route| net.overlaps(*route)))
            .find_map(|net| Some((net, claim(net)?)))
    }

    /// The host's own end, where it has one.
    pub(crate) const fn host(self) -> Ipv4Addr {
        self.at(1)
    }

    /// Where machines send what is not for their peers.
    pub(crate) const fn gateway(self) -> Ipv4Addr {
        self.at(SIZE - 2)
    }

    /// The address of the machine in this place, of [`Self::ROOM`].
    pub(crate) const fn machine(self, place: u32) -> Ipv4Addr {
        self.at(2 + place % Self::ROOM)
    }

    /// As in `network-get`.
    pub(crate) fn cidr(self) -> String {
        format!("{}/{BITS}", self.0)
    }

    /// How many bits of an address name the net.
    pub(super) const fn bits() -> u8 {
        BITS
    }

    /// The name of the host's link into it. A link's name has 15 letters.
    pub(super) fn link(self) -> String {
        let [a, b, c, _] = self.0.octets();
        format!("ens{a}-{b}-{c}")
    }

    const fn at(self, offset: u32) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.0.to_bits() + offset)
    }

    fn overlaps(self, (address, bits): Taken) -> bool {
        // The way to everywhere is no use of its own.
        if bits == 0 {
            return false;
        }
        let mask = u32::MAX << (32 - u32::from(bits.min(BITS)));
        address.to_bits() & mask == self.0.to_bits() & mask
    }
}

/// The hardware address of whoever has this address: the same after a reboot.
pub(crate) fn hardware(address: Ipv4Addr) -> [u8; 6] {
    let [a, b, c, d] = address.octets();
    // Locally administered, for one station.
    [0x02, 0x16, a, b, c, d]
}

impl Subnet {
    /// The machine's hardware address, as `network-get` writes it.
    pub(crate) fn mac(address: Ipv4Addr) -> String {
        hardware(address)
            .map(|byte| format!("{byte:02x}"))
            .join(":")
    }
}

/// Nets in 10.0.0.0/8, then in 172.16.0.0/12 and 192.168.0.0/16, for hosts that send all of 10 elsewhere.
fn candidates(hash: u64) -> impl Iterator<Item = Subnet> {
    let within = move |base: [u8; 4], bits: u32| {
        let count = 1u32 << (u32::from(BITS) - bits);
        let first = u32::try_from(hash % u64::from(count)).unwrap_or_default();
        (0..count).map(move |step| {
            let number = (first + step) % count;
            Subnet(Ipv4Addr::from_bits(
                Ipv4Addr::from(base).to_bits() + number * SIZE,
            ))
        })
    };
    within([10, 0, 0, 0], 8)
        .chain(within([172, 16, 0, 0], 12))
        .chain(within([192, 168, 0, 0], 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(hash: u64, taken: &[Taken]) -> Option<Subnet> {
        Subnet::choose(hash, taken, |_| Some(())).map(|(net, ())| net)
    }

    #[test]
    fn a_net_holds_the_host_the_machines_and_the_gateway() {
        let net = Subnet(Ipv4Addr::new(10, 17, 4, 0));
        assert_eq!(net.host(), Ipv4Addr::new(10, 17, 4, 1));
        assert_eq!(net.machine(0), Ipv4Addr::new(10, 17, 4, 2));
        assert_eq!(net.machine(Subnet::ROOM - 1), Ipv4Addr::new(10, 17, 7, 253));
        assert_eq!(net.gateway(), Ipv4Addr::new(10, 17, 7, 254));
        assert_eq!(net.cidr(), "10.17.4.0/22");
        assert_eq!(Subnet::mac(net.machine(0)), "02:16:0a:11:04:02");
        assert!(Subnet(Ipv4Addr::new(172, 31, 252, 0)).link().len() <= 15);
    }

    #[test]
    fn the_same_model_gets_the_same_net_while_nobody_else_has_it() {
        assert_eq!(free(12345, &[]), free(12345, &[]));
        let first = free(12345, &[]).unwrap();
        let taken = [(first.machine(7), 32)];
        assert_ne!(free(12345, &taken), Some(first));
    }

    #[test]
    fn a_net_that_another_model_has_claimed_is_passed_over() {
        let first = free(9, &[]).unwrap();
        let (second, ()) = Subnet::choose(9, &[], |net| (net != first).then_some(())).unwrap();
        assert_ne!(first, second);
    }

    #[test]
    fn routes_of_the_host_are_avoided_whether_wider_or_narrower() {
        let lan = Ipv4Addr::new(10, 0, 0, 0);
        let net = free(0, &[(lan, 9)]).unwrap();
        assert!(!net.overlaps((lan, 9)) && net.host().octets()[0] == 10);
        // All of 10 goes through a tunnel: another range is taken.
        let net = free(0, &[(lan, 8)]).unwrap();
        assert_eq!(net.host(), Ipv4Addr::new(172, 16, 0, 1));
        // The default route is in nobody's way.
        assert_eq!(free(0, &[(Ipv4Addr::UNSPECIFIED, 0)]), Some(Subnet(lan)));
    }

    #[test]
    fn where_the_host_uses_all_private_nets_there_is_none() {
        let all = [
            (Ipv4Addr::new(10, 0, 0, 0), 8),
            (Ipv4Addr::new(172, 16, 0, 0), 12),
            (Ipv4Addr::new(192, 168, 0, 0), 16),
        ];
        assert_eq!(free(3, &all), None);
    }
}
