//! The model's namespace and every link in it.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVeth, LinkAttribute, LinkInfo, LinkMessage,
};
use nix::sched::{CloneFlags, unshare};
use serde::{Deserialize, Serialize};

use super::netlink::{Netlink, named, up};
use super::subnet::{Subnet, hardware};
use super::way_out::{self, Exit, NAMESERVER};
use crate::error::{Doing, Error, Result};

const BRIDGE: &str = "br0";
/// The bridge's end of the host's link.
const HOST: &str = "host";
/// A machine's end of its link.
const OWN: &str = "eth0";

/// Settings of the model's own namespace: nobody but the link that has an address answers for it, and only the bridge has
/// one.
const QUIET: [(&str, &str); 3] = [
    ("/proc/sys/net/ipv4/conf/all/arp_ignore", "1"),
    ("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"),
    ("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"),
];

/// What network a model is to have.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Its addresses.
    pub(crate) net: Subnet,
    /// The host gets a link into it: with the rights of root.
    pub(crate) host: bool,
    /// Machines reach what the host reaches.
    pub(crate) way_out: bool,
}

/// A model's network, as its first process holds it.
#[derive(Debug)]
pub(crate) struct Network {
    net: Subnet,
    bridge: u32,
    /// To the model's own namespace, which lasts as long as this.
    inside: Mutex<Netlink>,
    /// To the host's, where a link of ours is in it.
    outside: Option<Netlink>,
    exit: Exit,
}

/// A machine's end.
#[derive(Debug)]
pub(crate) struct Attached(Netlink);

/// The model's namespace, new, with what it takes to work in it.
struct Inside {
    namespace: OwnedFd,
    netlink: Netlink,
    bridge: u32,
}

impl Network {
    /// Makes it, from a thread that is in the host's namespace. `tell` hears later why there is no way out, if so.
    pub(crate) fn make(plan: &Plan, tell: impl Fn(String) + Send + 'static) -> Result<Self> {
        let exit = Exit::new(plan.way_out);
        let (parts, made) = sync_channel(1);
        let (died, death) = channel();
        let (shared, there) = (exit.clone(), plan.clone());
        // A namespace is made by a thread for itself: this one goes on to open the way out from within it.
        std::thread::spawn(move || {
            let routes = inside(&there).and_then(|inside| {
                let routes = Netlink::watch_routes()?;
                Ok((inside, routes))
            });
            let (sent, routes) = match routes {
                Ok((inside, routes)) => (Ok(inside), Some(routes)),
                Err(error) => (Err(error), None),
            };
            // It is waited for.
            let _ = parts.send(sent);
            if let Some(routes) = routes.filter(|_| there.way_out) {
                let found = way_out::open(there.net, &routes, &death);
                shared.settle(found.is_ok());
                if let Err(why) = found.and_then(|()| way_out::try_it()) {
                    tell(why.to_string());
                }
            }
        });
        let Inside {
            namespace,
            netlink,
            bridge,
        } = made
            .recv()
            .map_err(|_| Error::Controller("the model's network was not made".into()))??;
        // It takes longer than all the rest, which goes on beside it.
        if plan.way_out {
            way_out::start(
                namespace.try_clone().doing(|| "copy a handle".into())?,
                died,
            );
        }
        let outside = match plan.host {
            true => Some(link_host(plan.net, &namespace, &netlink, bridge)?),
            false => None,
        };
        Ok(Self {
            net: plan.net,
            bridge,
            inside: Mutex::new(netlink),
            outside,
            exit,
        })
    }

    /// Gives the calling thread a namespace for a machine, with `lo`, `eth0` and its address. What this thread starts is in
    /// it.
    pub(crate) fn attach(&self, address: Ipv4Addr) -> Result<Attached> {
        unshare(CloneFlags::CLONE_NEWNET).doing(|| "make the machine's network".into())?;
        let (namespace, own) = (this_namespace()?, Netlink::open()?);
        let mut peer = named(OWN);
        peer.attributes
            .push(LinkAttribute::Address(hardware(address).to_vec()));
        let name = link_of(address);
        self.inside().make(
            "make the machine's link",
            RouteNetlinkMessage::NewLink(veth(&name, self.bridge, peer, &namespace)),
        )?;
        own.set_up("lo")?;
        own.add_address(OWN, address, Subnet::bits())?;
        own.set_up(OWN)?;
        Ok(Attached(own))
    }

    /// Shows a machine the way out, once it is open. Returns whom to ask for names there; `None` where there is no way.
    pub(crate) fn show_way_out(&self, machine: &Attached) -> Result<Option<Ipv4Addr>> {
        if !self.exit.wait() {
            return Ok(None);
        }
        machine.0.add_default_route(self.net.gateway())?;
        Ok(Some(NAMESERVER))
    }

    /// The machine is gone, and its network with it.
    pub(crate) fn detach(&self, address: Ipv4Addr) -> Result<()> {
        self.inside().remove_link(&link_of(address))
    }

    /// Drops all that a machine sends and all that is sent to it, or no longer. The machine itself does not notice: its
    /// link stays up, as a cable does when a switch further on fails.
    pub(crate) fn cut(&self, address: Ipv4Addr, cut: bool) -> Result<()> {
        let name = link_of(address);
        let mut message = named(&name);
        // Out of the bridge it leads nowhere: nobody has its hardware address or answers for another link's.
        let bridge = if cut { 0 } else { self.bridge };
        message.attributes.push(LinkAttribute::Controller(bridge));
        self.inside().change(
            &format!("cut or heal the link `{name}`"),
            RouteNetlinkMessage::SetLink(message),
        )
    }

    /// Takes away what the host has of it, at once; the rest goes with the processes in it.
    pub(crate) fn remove(&self) -> Result<()> {
        match &self.outside {
            Some(outside) => outside.remove_link(&self.net.link()),
            None => Ok(()),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Netlink> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bridge's end of a machine's link.
fn link_of(address: Ipv4Addr) -> String {
    let [_, _, high, low] = address.octets();
    format!("m{high}-{low}")
}

/// Makes the namespace of the calling thread, and the bridge in it.
fn inside(plan: &Plan) -> Result<Inside> {
    unshare(CloneFlags::CLONE_NEWNET).doing(|| "make the model's network".into())?;
    let (namespace, netlink) = (this_namespace()?, Netlink::open()?);
    for (name, value) in QUIET {
        // Without IPv6 there is no such setting, nor need for it.
        let _ = fs::write(name, value);
    }
    netlink.set_up("lo")?;
    let mut message = named(BRIDGE);
    up(&mut message);
    // Its own, not that of one of its links, which may be taken out of it.
    let own = hardware(plan.net.gateway()).to_vec();
    message.attributes.push(LinkAttribute::Address(own));
    message
        .attributes
        .push(LinkAttribute::LinkInfo(vec![LinkInfo::Kind(
            InfoKind::Bridge,
        )]));
    netlink.make("make the bridge", RouteNetlinkMessage::NewLink(message))?;
    netlink.add_address(BRIDGE, plan.net.gateway(), Subnet::bits())?;
    let bridge = netlink.index(BRIDGE)?;
    Ok(Inside {
        namespace,
        netlink,
        bridge,
    })
}

/// The host's way to machines: a link of its own into the bridge.
fn link_host(net: Subnet, namespace: &OwnedFd, inside: &Netlink, bridge: u32) -> Result<Netlink> {
    let (outside, name) = (Netlink::open()?, net.link());
    // That of a controller that was killed may not be gone yet. Nobody else has this net.
    outside.remove_link(&name)?;
    let mut message = named(&name);
    up(&mut message);
    // It cannot be set up before its pair is there.
    let mut peer = named(HOST);
    peer.attributes
        .push(LinkAttribute::NetNsFd(namespace.as_raw_fd()));
    message.attributes.push(pair(peer));
    outside.make(
        "make the host's link",
        RouteNetlinkMessage::NewLink(message),
    )?;
    outside.add_address(&name, net.host(), Subnet::bits())?;
    let mut port = named(HOST);
    up(&mut port);
    port.attributes.push(LinkAttribute::Controller(bridge));
    inside.change(
        "put the host's link into the bridge",
        RouteNetlinkMessage::SetLink(port),
    )?;
    Ok(outside)
}

/// A pair of links: one in the bridge here, `peer` in another namespace.
fn veth(name: &str, bridge: u32, mut peer: LinkMessage, namespace: &OwnedFd) -> LinkMessage {
    peer.attributes
        .push(LinkAttribute::NetNsFd(namespace.as_raw_fd()));
    let mut message = named(name);
    up(&mut message);
    message.attributes.push(LinkAttribute::Controller(bridge));
    message.attributes.push(pair(peer));
    message
}

fn pair(peer: LinkMessage) -> LinkAttribute {
    LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
    ])
}

fn this_namespace() -> Result<OwnedFd> {
    let path = "/proc/thread-self/ns/net";
    Ok(File::open(path).doing(|| format!("open `{path}`"))?.into())
}
