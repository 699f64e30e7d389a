//! Juju's own wire between a hook tool and the unit agent: Go's `net/rpc` over `gob`, as far as this protocol needs it.
//!
//! [`Wire`] is the transport of a charm. The rest is both ends of a connection, for the local model, too; it is not
//! for charms and may change in any version. Whatever the other side sends, it is an error at worst: lengths, type
//! ids, depth and the number of types are bounded, and memory grows only with what has really arrived.

mod client;
mod decode;
mod encode;
mod error;
mod server;
mod transport;
mod types;

#[cfg(test)]
mod tests;

pub use client::{Connection, Reply, Request};
pub use decode::Source;
pub use error::WireError;
pub use server::{Call, Session};
pub use transport::Wire;

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::SocketAddr;

/// The one method of the agent's server.
const METHOD: &str = "Jujuc.Main";

/// On exactly this text a hook tool reads its input and asks again, on the same connection.
pub const NEEDS_STDIN: &str = "hook tool requires stdin, none supplied";

/// The longest message that is read, in bytes. The largest honest ones carry a file.
const LONGEST: u64 = 64 << 20;

/// The kernel's form of an address: a leading `@` stands for the abstract namespace.
///
/// # Errors
/// If it is too long for a socket.
pub fn socket_address(address: &str) -> io::Result<SocketAddr> {
    match address.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(address),
    }
}
