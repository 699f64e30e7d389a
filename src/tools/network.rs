//! Addresses (Juju facts, hook tools §10).

use serde::Deserialize;

use super::call::{self, Call};
use super::{ToolError, Tools};

/// Where a unit can be reached through one of its bindings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct NetworkInfo {
    /// The interfaces to listen on.
    #[serde(deserialize_with = "call::null_is_default")]
    pub bind_addresses: Vec<BindAddress>,
    /// The networks that traffic to others comes from.
    #[serde(deserialize_with = "call::null_is_default")]
    pub egress_subnets: Vec<String>,
    /// The addresses others should use.
    #[serde(deserialize_with = "call::null_is_default")]
    pub ingress_addresses: Vec<String>,
}

impl NetworkInfo {
    /// The first address to listen on.
    #[must_use]
    pub fn bind_address(&self) -> Option<&str> {
        let mut all = self.bind_addresses.iter().flat_map(|bind| &bind.addresses);
        all.next().map(|address| address.value.as_str())
    }

    /// The first address others should use; the first to listen on where Juju knows no other.
    #[must_use]
    pub fn ingress_address(&self) -> Option<&str> {
        let known = self.ingress_addresses.first().map(String::as_str);
        known.or_else(|| self.bind_address())
    }
}

/// A network interface and its addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct BindAddress {
    /// Its hardware address; may be empty.
    pub mac_address: String,
    /// Its name, such as `eth0`; may be empty.
    pub interface_name: String,
    /// Its addresses.
    #[serde(deserialize_with = "call::null_is_default")]
    pub addresses: Vec<InterfaceAddress>,
}

/// One address of an interface.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct InterfaceAddress {
    /// The host name it was found by; may be empty.
    pub hostname: String,
    /// The address.
    pub value: String,
    /// Its network; may be empty.
    pub cidr: String,
}

/// How a unit can be reached through a binding: an endpoint's or an extra one's; with `relation` as that relation sees it.
///
/// # Errors
/// If the tool fails, for instance because the charm has no such binding.
pub fn network_get(
    tools: &mut Tools,
    binding: &str,
    relation: Option<&str>,
) -> Result<NetworkInfo, ToolError> {
    let output = Call::json("network-get")
        .value_if("-r", relation)
        .arg(binding)
        .run(tools)?;
    call::parse("network-get", &output)
}

/// Which of a unit's addresses is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnitAddress {
    /// The one for the model.
    Private,
    /// The one for the world.
    Public,
}

/// One of this unit's addresses; none if it is not known yet.
///
/// # Errors
/// If the tool fails.
pub fn unit_get(tools: &mut Tools, address: UnitAddress) -> Result<Option<String>, ToolError> {
    let (setting, absent) = match address {
        UnitAddress::Private => ("private-address", "private address not found"),
        UnitAddress::Public => ("public-address", "public address not found"),
    };
    let output = Call::json("unit-get")
        .arg(setting)
        .run_unless(tools, |text| text == absent)?;
    let found: Option<String> = output
        .map(|output| call::parse("unit-get", &output))
        .transpose()?;
    Ok(found.filter(|address| !address.is_empty()))
}
