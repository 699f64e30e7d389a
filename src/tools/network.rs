//! Addresses (Juju facts, hook tools §10).

use serde::Deserialize;

use super::call::Call;
use super::{ToolError, Tools, answer};

/// Where a unit can be reached through one of its bindings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct NetworkInfo {
    /// The interfaces to listen on.
    #[serde(deserialize_with = "answer::null_is_default")]
    pub bind_addresses: Vec<BindAddress>,
    /// The networks that traffic to others comes from.
    #[serde(deserialize_with = "answer::null_is_default")]
    pub egress_subnets: Vec<String>,
    /// The addresses others should use.
    #[serde(deserialize_with = "answer::null_is_default")]
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
    #[serde(deserialize_with = "answer::null_is_default")]
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
    answer::parse("network-get", &output)
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
        .map(|output| answer::parse("unit-get", &output))
        .transpose()?;
    Ok(found.filter(|address| !address.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    #[test]
    fn a_binding_has_addresses_to_listen_on_and_to_be_reached_by() {
        let recorded = "{\"bind-addresses\":[{\"mac-address\":\"aa:bb:cc:dd:ee:01\",\"interface-name\":\"eth0\",\
            \"addresses\":[{\"hostname\":\"\",\"value\":\"10.0.0.5\",\"cidr\":\"10.0.0.0/24\"},\
            {\"hostname\":\"h.example\",\"value\":\"10.0.0.6\",\"cidr\":\"10.0.0.0/24\"}]}],\
            \"egress-subnets\":[\"10.0.0.5/32\",\"10.9.0.0/16\"],\"ingress-addresses\":[\"192.168.1.5\",\"10.0.0.5\"]}\n";
        let calls = [on(&["network-get", "--format=json", "db"]).says(recorded)];
        let info = play(calls, |t| network_get(t, "db", None)).unwrap();
        assert_eq!(info.bind_addresses[0].interface_name, "eth0");
        assert_eq!(info.bind_addresses[0].addresses[1].hostname, "h.example");
        assert_eq!(
            (info.bind_address(), info.ingress_address()),
            (Some("10.0.0.5"), Some("192.168.1.5"))
        );
        assert_eq!(info.egress_subnets.len(), 2);
    }

    #[test]
    fn absent_parts_are_empty_and_ingress_falls_back() {
        let recorded = "{\"bind-addresses\":[{\"mac-address\":\"\",\"interface-name\":\"\",\
            \"addresses\":[{\"hostname\":\"\",\"value\":\"10.1.0.5\",\"cidr\":\"\"}]}]}\n";
        let calls = [on(&["network-get", "--format=json", "-r", "db:3", "cluster"]).says(recorded)];
        let info = play(calls, |t| network_get(t, "cluster", Some("db:3"))).unwrap();
        assert_eq!(info.ingress_address(), Some("10.1.0.5"));

        let calls =
            [on(&["network-get", "--format=json", "x"]).says("{\"bind-addresses\":null}\n")];
        let info = play(calls, |t| network_get(t, "x", None)).unwrap();
        assert_eq!((info.bind_address(), info.ingress_address()), (None, None));

        let words = "ERROR no network config found for binding \"none\"\n";
        let calls = [on(&["network-get", "--format=json", "none"]).fails(1, words)];
        assert!(play(calls, |t| network_get(t, "none", None)).is_err());
    }

    #[test]
    fn an_address_that_is_not_known_yet_is_none() {
        let argv = ["unit-get", "--format=json", "public-address"];
        let get = |call| play([call], |t| unit_get(t, UnitAddress::Public));
        assert_eq!(
            get(on(&argv).says("\"10.0.0.5\"\n")).unwrap(),
            Some("10.0.0.5".to_owned())
        );
        assert_eq!(
            get(on(&argv).fails(1, "ERROR public address not found\n")).unwrap(),
            None
        );
        assert!(get(on(&argv).fails(1, "ERROR cannot get public address\n")).is_err());
        let argv = ["unit-get", "--format=json", "private-address"];
        let address = play([on(&argv).says("\"10.0.0.5\"\n")], |t| {
            unit_get(t, UnitAddress::Private)
        });
        assert_eq!(address.unwrap(), Some("10.0.0.5".to_owned()));
    }
}
