//! The machine's loopback link. (Its link to the other machines comes with the bridge.)

use std::net::Ipv4Addr;

use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

use crate::error::{Doing, Error, Result};

/// `lo` has this index in every network namespace.
const LO: u32 = 1;
const RTM_NEWLINK: u16 = 16;
const RTM_NEWADDR: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const REQUEST_WITH_ANSWER: u16 = 1 | 4;
const CREATE: u16 = 0x400;
const IFF_UP: u32 = 1;
const IFA_ADDRESS: u16 = 1;
const IFA_LOCAL: u16 = 2;

/// Sets `lo` up and gives it the machine's address; 127.0.0.1 and ::1 come from the kernel.
pub(super) fn set_up(address: Ipv4Addr) -> Result<()> {
    let doing = || "set the machine's link up".to_owned();
    // Protocol 0 of netlink is NETLINK_ROUTE.
    let socket = socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        None,
    )
    .doing(doing)?;
    for message in [link_up(), add_address(address)] {
        send(&socket, &message, SendFlags::empty()).doing(doing)?;
        let mut answer = [0; 512];
        let (length, _) = recv(&socket, &mut answer, RecvFlags::empty()).doing(doing)?;
        // nlmsghdr is 16 bytes, its type at 4; then a negative errno.
        match (answer.get(4..6), answer.get(16..20)) {
            (Some(kind), Some(code)) if length >= 20 && kind == NLMSG_ERROR.to_ne_bytes() => {
                match i32::from_ne_bytes([code[0], code[1], code[2], code[3]]) {
                    0 => {}
                    code => {
                        return Err(Error::io(doing(), std::io::Error::from_raw_os_error(-code)));
                    }
                }
            }
            _ => {
                return Err(Error::io(
                    doing(),
                    std::io::Error::other("the kernel gave no answer"),
                ));
            }
        }
    }
    Ok(())
}

/// `ifinfomsg`, as rtnetlink(7) lays it out.
fn link_up() -> Vec<u8> {
    let mut body = vec![0; 4];
    body.extend(LO.to_ne_bytes());
    body.extend(IFF_UP.to_ne_bytes());
    body.extend(IFF_UP.to_ne_bytes());
    message(RTM_NEWLINK, REQUEST_WITH_ANSWER, &body)
}

/// `ifaddrmsg` and two attributes.
fn add_address(address: Ipv4Addr) -> Vec<u8> {
    const AF_INET: u8 = 2;
    let mut body = vec![AF_INET, 32, 0, 0];
    body.extend(LO.to_ne_bytes());
    for attribute in [IFA_LOCAL, IFA_ADDRESS] {
        body.extend(8u16.to_ne_bytes());
        body.extend(attribute.to_ne_bytes());
        body.extend(address.octets());
    }
    message(RTM_NEWADDR, REQUEST_WITH_ANSWER | CREATE, &body)
}

/// `nlmsghdr` before the body.
fn message(kind: u16, flags: u16, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap_or_default();
    let mut message = Vec::new();
    message.extend(length.to_ne_bytes());
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend(1u32.to_ne_bytes());
    message.extend(0u32.to_ne_bytes());
    message.extend(body);
    message
}
