//! The kernel's list of links, addresses and routes in one network namespace.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use netlink_packet_core::{
    NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REQUEST, NetlinkHeader, NetlinkMessage,
    NetlinkPayload,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{LinkAttribute, LinkFlags, LinkMessage};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily as Family, RecvFlags, SendFlags, SocketFlags, SocketType, bind, recv, send,
    socket_with,
};

use crate::error::{Doing, Error, Result};

/// Longer than any single answer: the kernel fills buffers of its own size, 32 KiB at most.
const BUFFER: usize = 64 * 1024;
/// The kernel's announcements of IPv4 routes (`RTMGRP_IPV4_ROUTE`).
const ROUTES: u32 = 0x40;

/// A connection to it. It belongs to the namespace it was opened in, wherever it is used.
#[derive(Debug)]
pub(super) struct Netlink(OwnedFd);

impl Netlink {
    /// For the namespace of this thread.
    pub(super) fn open() -> Result<Self> {
        // Protocol 0 of netlink is NETLINK_ROUTE.
        let flags = SocketFlags::CLOEXEC;
        socket_with(Family::NETLINK, SocketType::RAW, flags, None)
            .map(Self)
            .doing(|| "reach the kernel's network".into())
    }

    /// One more, which is told when routes come.
    pub(super) fn watch_routes() -> Result<Self> {
        let watching = || "watch the kernel's routes".to_owned();
        let netlink = Self::open()?;
        bind(&netlink.0, &SocketAddrNetlink::new(0, ROUTES)).doing(watching)?;
        Ok(netlink)
    }

    /// Changes something, which must be there.
    pub(super) fn change(&self, doing: &str, message: RouteNetlinkMessage) -> Result<()> {
        self.order(doing, message, 0)
    }

    /// Makes something, which must not be there.
    pub(super) fn make(&self, doing: &str, message: RouteNetlinkMessage) -> Result<()> {
        self.order(doing, message, NLM_F_CREATE | NLM_F_EXCL)
    }

    fn order(&self, doing: &str, message: RouteNetlinkMessage, flags: u16) -> Result<()> {
        self.send(message, NLM_F_ACK | flags)
            .and_then(|()| {
                loop {
                    for answer in self.receive()? {
                        if let NetlinkPayload::Error(error) = answer {
                            return match error.code {
                                None => Ok(()),
                                Some(code) => Err(io::Error::from_raw_os_error(-code.get())),
                            };
                        }
                    }
                }
            })
            .doing(|| doing.to_owned())
    }

    /// Everything of a kind.
    pub(super) fn list(&self, message: RouteNetlinkMessage) -> Result<Vec<RouteNetlinkMessage>> {
        let listing = || "read the kernel's routes and addresses".to_owned();
        self.send(message, NLM_F_DUMP).doing(listing)?;
        let mut found = Vec::new();
        loop {
            for answer in self.receive().doing(listing)? {
                match answer {
                    NetlinkPayload::Done(_) => return Ok(found),
                    NetlinkPayload::InnerMessage(message) => found.push(message),
                    NetlinkPayload::Error(error) => {
                        return Err(Error::io(listing(), error.to_io()));
                    }
                    _ => {}
                }
            }
        }
    }

    /// The number of a link.
    pub(super) fn index(&self, name: &str) -> Result<u32> {
        let finding = || format!("find the link `{name}`");
        self.send(RouteNetlinkMessage::GetLink(named(name)), 0)
            .doing(finding)?;
        for answer in self.receive().doing(finding)? {
            match answer {
                NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewLink(link)) => {
                    return Ok(link.header.index);
                }
                NetlinkPayload::Error(error) => return Err(Error::io(finding(), error.to_io())),
                _ => {}
            }
        }
        Err(Error::io(finding(), io::ErrorKind::NotFound))
    }

    /// Sets a link up.
    pub(super) fn set_up(&self, name: &str) -> Result<()> {
        let mut message = named(name);
        up(&mut message);
        self.change(
            &format!("set the link `{name}` up"),
            RouteNetlinkMessage::SetLink(message),
        )
    }

    /// Removes a link; one that is not there is gone already.
    pub(super) fn remove_link(&self, name: &str) -> Result<()> {
        match self.change(
            &format!("remove the link `{name}`"),
            RouteNetlinkMessage::DelLink(named(name)),
        ) {
            Err(Error::Io { source, .. })
                if source.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error()) =>
            {
                Ok(())
            }
            other => other,
        }
    }

    /// Gives a link an address.
    pub(super) fn add_address(&self, name: &str, address: Ipv4Addr, bits: u8) -> Result<()> {
        let mut message = AddressMessage::default();
        message.header.family = AddressFamily::Inet;
        message.header.prefix_len = bits;
        message.header.index = self.index(name)?;
        message.attributes = vec![
            AddressAttribute::Local(IpAddr::V4(address)),
            AddressAttribute::Address(IpAddr::V4(address)),
        ];
        self.make(
            &format!("give the link `{name}` its address"),
            RouteNetlinkMessage::NewAddress(message),
        )
    }

    /// Sends what is for nobody nearby to `gateway`.
    pub(super) fn add_default_route(&self, gateway: Ipv4Addr) -> Result<()> {
        let mut message = RouteMessage::default();
        message.header.address_family = AddressFamily::Inet;
        message.header.table = RouteHeader::RT_TABLE_MAIN;
        message.header.protocol = RouteProtocol::Boot;
        message.header.scope = RouteScope::Universe;
        message.header.kind = RouteType::Unicast;
        message.attributes = vec![RouteAttribute::Gateway(RouteAddress::Inet(gateway))];
        self.make(
            "set the default route",
            RouteNetlinkMessage::NewRoute(message),
        )
    }

    /// Waits until a default route comes, for so long at most. Only for [`Self::watch_routes`].
    pub(super) fn default_route_comes(&self, patience: Duration) -> Result<bool> {
        let watching = || "watch the kernel's routes".to_owned();
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            set_socket_timeout(&self.0, Timeout::Recv, Some(left)).doing(watching)?;
            let came = match self.receive() {
                Ok(came) => came,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(Error::io(watching(), error)),
            };
            if came.iter().any(is_default_route) {
                return Ok(true);
            }
        }
    }

    fn send(&self, message: RouteNetlinkMessage, flags: u16) -> io::Result<()> {
        let mut header = NetlinkHeader::default();
        header.flags = NLM_F_REQUEST | flags;
        let mut message = NetlinkMessage::new(header, NetlinkPayload::from(message));
        message.finalize();
        let mut bytes = vec![0; message.buffer_len()];
        message.serialize(&mut bytes);
        send(&self.0, &bytes, SendFlags::empty())?;
        Ok(())
    }

    /// What the kernel says next; several messages may come at once.
    fn receive(&self) -> io::Result<Vec<NetlinkPayload<RouteNetlinkMessage>>> {
        let mut buffer = vec![0; BUFFER];
        let (length, _) = recv(&self.0, buffer.as_mut_slice(), RecvFlags::empty())?;
        let mut rest = buffer.get(..length).unwrap_or_default();
        let mut found = Vec::new();
        while !rest.is_empty() {
            let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest)
                .map_err(|error| io::Error::other(error.to_string()))?;
            // Messages begin at multiples of four.
            let length = (message.header.length as usize).next_multiple_of(4).max(4);
            found.push(message.payload);
            rest = rest.get(length..).unwrap_or_default();
        }
        Ok(found)
    }
}

fn is_default_route(payload: &NetlinkPayload<RouteNetlinkMessage>) -> bool {
    matches!(
        payload,
        NetlinkPayload::InnerMessage(RouteNetlinkMessage::NewRoute(route))
            if route.header.destination_prefix_length == 0
    )
}

/// A message about the link of this name.
pub(super) fn named(name: &str) -> LinkMessage {
    let mut message = LinkMessage::default();
    message
        .attributes
        .push(LinkAttribute::IfName(name.to_owned()));
    message
}

/// It is to be up.
pub(super) fn up(message: &mut LinkMessage) {
    message.header.flags |= LinkFlags::Up;
    message.header.change_mask |= LinkFlags::Up;
}
