//! Where a server listens.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A host and a port, written `HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// A name or an address; one of IPv6 stands without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl Address {
    /// That one.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        let host = host.into();
        Self { host, port }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A text that is no `HOST:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadAddress;

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is no `HOST:PORT`")
    }
}

impl std::error::Error for BadAddress {}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (host, port) = text.rsplit_once(':').ok_or(BadAddress)?;
        let port = port.parse().map_err(|_| BadAddress)?;
        if host.is_empty() {
            return Err(BadAddress);
        }
        Ok(Self::new(host, port))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_may_have_colons_of_their_own() {
        let six: Address = "fd00::5:6379".parse().unwrap();
        assert_eq!(six, Address::new("fd00::5", 6379));
        assert_eq!(six.to_string(), "fd00::5:6379");
        for wrong in ["", "10.0.0.1", ":6379", "10.0.0.1:", "10.0.0.1:65536"] {
            assert_eq!(wrong.parse::<Address>(), Err(BadAddress), "{wrong}");
        }
    }
}
