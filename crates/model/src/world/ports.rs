//! Open ports: ranges by endpoint, and when two of them are in each other's way.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// The protocol of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Protocol {
    Icmp,
    Tcp,
    Udp,
}

/// A range of ports, ordered by protocol, then from, then to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct PortRange {
    protocol: Protocol,
    from: i64,
    to: i64,
}

impl PortRange {
    /// The range `text` names: `80`, `80/tcp`, `80-90/udp`, `icmp`.
    ///
    /// # Errors
    ///
    /// Juju's own text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = text.to_lowercase();
        if text == "icmp" {
            return Ok(Self {
                protocol: Protocol::Icmp,
                from: -1,
                to: -1,
            });
        }
        let (ports, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
        let mut ends = ports.split('-');
        let (from, to) = match (ends.next(), ends.next(), ends.next()) {
            (Some(port), None, _) => (parse_port(port)?, None),
            (Some(from), Some(to), None) => (parse_port(from)?, Some(parse_port(to)?)),
            _ => return Err(format!("invalid port range {}", quote(ports))),
        };
        let to = to.unwrap_or(from);
        let named = |protocol: &str| {
            if from == to {
                format!("{from}/{protocol}")
            } else {
                format!("{from}-{to}/{protocol}")
            }
        };
        let protocol = match protocol {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            "icmp" => {
                return Err(format!(
                    "protocol \"icmp\" doesn't support any ports; got \"{from}\""
                ));
            }
            other => {
                return Err(format!(
                    "invalid protocol {}, expected \"tcp\", \"udp\", or \"icmp\"",
                    quote(other)
                ));
            }
        };
        if from > to {
            return Err(format!(
                "invalid port range {}",
                named(if protocol == Protocol::Tcp {
                    "tcp"
                } else {
                    "udp"
                })
            ));
        }
        if !(0..=65535).contains(&from) || !(0..=65535).contains(&to) {
            return Err(format!(
                "port range bounds must be between 0 and 65535, got {from}-{to}"
            ));
        }
        Ok(Self { protocol, from, to })
    }

    pub(crate) const fn is_single(self) -> bool {
        self.from == self.to
    }

    /// Whether two different ranges share a port.
    pub(crate) fn conflicts_with(self, other: Self) -> bool {
        self.protocol == other.protocol
            && (self.protocol == Protocol::Icmp || (self.from <= other.to && other.from <= self.to))
    }
}

fn parse_port(text: &str) -> Result<i64, String> {
    let problem = match text.parse::<i64>() {
        Ok(port) => return Ok(port),
        Err(error)
            if matches!(
                error.kind(),
                std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow
            ) =>
        {
            "value out of range"
        }
        Err(_) => "invalid syntax",
    };
    Err(format!(
        "invalid port {}: strconv.Atoi: parsing {}: {problem}",
        quote(text),
        quote(text)
    ))
}

fn quote(text: &str) -> String {
    crate::format::go_quote(text)
}

impl fmt::Display for PortRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Icmp => return out.write_str("icmp"),
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        if self.is_single() {
            write!(out, "{}/{protocol}", self.from)
        } else {
            write!(out, "{}-{}/{protocol}", self.from, self.to)
        }
    }
}

/// Ranges of one endpoint.
pub(crate) type PortSet = BTreeSet<PortRange>;

/// The open ranges of one unit, by endpoint; the empty name stands for all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Ports(pub(crate) BTreeMap<String, PortSet>);

impl Ports {
    /// All ranges, endpoints left out.
    pub(crate) fn ranges(&self) -> PortSet {
        self.0.values().flatten().copied().collect()
    }

    pub(crate) fn is_open(&self, endpoint: &str, range: PortRange) -> bool {
        self.0
            .get(endpoint)
            .is_some_and(|ranges| ranges.contains(&range))
    }

    pub(crate) fn open(&mut self, endpoint: &str, range: PortRange) {
        self.0.entry(endpoint.to_owned()).or_default().insert(range);
    }

    pub(crate) fn close(&mut self, endpoint: &str, range: PortRange) {
        if let Some(ranges) = self.0.get_mut(endpoint) {
            ranges.remove(&range);
            if ranges.is_empty() {
                self.0.remove(endpoint);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_refused_in_jujus_words() {
        for (text, expected) in [
            ("80", Ok("80/tcp")),
            ("80-90/UDP", Ok("80-90/udp")),
            ("ICMP", Ok("icmp")),
            (
                "foo",
                Err("invalid port \"foo\": strconv.Atoi: parsing \"foo\": invalid syntax"),
            ),
            ("1-2-3", Err("invalid port range \"1-2-3\"")),
            ("20-10/tcp", Err("invalid port range 20-10/tcp")),
            (
                "70000",
                Err("port range bounds must be between 0 and 65535, got 70000-70000"),
            ),
            (
                "80/foo",
                Err("invalid protocol \"foo\", expected \"tcp\", \"udp\", or \"icmp\""),
            ),
            (
                "80/icmp",
                Err("protocol \"icmp\" doesn't support any ports; got \"80\""),
            ),
        ] {
            let parsed = PortRange::parse(text).map(|range| range.to_string());
            assert_eq!(
                parsed.as_deref().map_err(String::as_str),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn ranges_of_one_protocol_that_share_a_port_conflict() {
        let range = |text: &str| PortRange::parse(text).unwrap();
        assert!(range("80-90").conflicts_with(range("85")));
        assert!(!range("80-90").conflicts_with(range("85/udp")));
        assert!(!range("80").conflicts_with(range("81")));
    }
}
