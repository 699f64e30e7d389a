//! The network of one model's machines.
//!
//! ```text
//! host's namespace          model's namespace                      a machine's namespace
//!   ensign-A-B ──veth────── host ┐
//!   (root only)                  ├ br0 10.A.B.0/22 ──── mN ──veth── eth0
//!   pasta ═══ its own socket ═══ out                                as many as there are machines
//! ```
//!
//! Nothing of it is a file or a name of the host's but one link: the namespaces go when the processes in them do, and
//! every link goes with its namespace. Addresses are chosen by the controller (`subnet`, `claim`); the model's first
//! process makes the namespace and the links (`bridge`) and the way out (`way_out`).

mod bridge;
mod claim;
mod hosts_file;
mod netlink;
mod subnet;
mod way_out;

pub(crate) use bridge::{Network, Plan};
pub(crate) use claim::Claim;
pub(crate) use hosts_file::{HostNames, begin as begin_hosts, update as update_hosts};
pub(crate) use subnet::Subnet;
pub(crate) use way_out::{Obstacle, obstacle};
