//! Open ports (Juju facts, hook tools §9).

use std::fmt;

use super::call::Call;
use super::{ToolError, Tools, answer};

/// A transport protocol with ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A port, a range of ports, or ICMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ports {
    /// ICMP, which has no ports.
    Icmp,
    /// From the first to the last, both included; equal for a single port.
    Range {
        /// The protocol.
        protocol: Protocol,
        /// The first port.
        from: u16,
        /// The last port.
        to: u16,
    },
}

impl Ports {
    /// One TCP port.
    #[must_use]
    pub const fn tcp(port: u16) -> Self {
        Self::Range {
            protocol: Protocol::Tcp,
            from: port,
            to: port,
        }
    }

    /// One UDP port.
    #[must_use]
    pub const fn udp(port: u16) -> Self {
        Self::Range {
            protocol: Protocol::Udp,
            from: port,
            to: port,
        }
    }

    /// What `80`, `80/tcp`, `8080-8088/udp` or `icmp` mean.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        if text == "icmp" {
            return Some(Self::Icmp);
        }
        let (range, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let protocol = match protocol {
            "tcp" => Protocol::Tcp,
            "udp" => Protocol::Udp,
            _ => return None,
        };
        let (from, to) = (port(from)?, port(to)?);
        (from <= to).then_some(Self::Range { protocol, from, to })
    }
}

fn port(text: &str) -> Option<u16> {
    // `parse` alone would take a plus sign.
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (protocol, from, to) = match self {
            Self::Icmp => return f.write_str("icmp"),
            Self::Range { protocol, from, to } => (protocol, from, to),
        };
        let protocol = match protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        if from == to {
            write!(f, "{from}/{protocol}")
        } else {
            write!(f, "{from}-{to}/{protocol}")
        }
    }
}

/// Ports and the endpoints they are open for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenedPorts {
    /// The ports.
    pub ports: Ports,
    /// The endpoints, sorted; empty means all.
    pub endpoints: Vec<String>,
}

/// Opens ports for `endpoints` (none named: for all) when the hook succeeds.
///
/// # Errors
/// If the tool fails, for instance because another unit of the machine uses one of the ports. An unknown
/// endpoint fails the hook at its end.
pub fn open_port(tools: &mut Tools, ports: Ports, endpoints: &[&str]) -> Result<(), ToolError> {
    change(tools, "open-port", ports, endpoints)
}

/// Closes ports for `endpoints` (none named: for all) when the hook succeeds; what is not open stays so.
///
/// # Errors
/// If the tool fails.
pub fn close_port(tools: &mut Tools, ports: Ports, endpoints: &[&str]) -> Result<(), ToolError> {
    change(tools, "close-port", ports, endpoints)
}

fn change(
    tools: &mut Tools,
    tool: &'static str,
    ports: Ports,
    endpoints: &[&str],
) -> Result<(), ToolError> {
    // An empty item would mean all endpoints.
    if let Some(bad) = endpoints
        .iter()
        .find(|e| e.trim().is_empty() || e.contains(','))
    {
        return Err(ToolError::invalid(
            tool,
            format!("`{bad}` is not the name of an endpoint"),
        ));
    }
    let endpoints = (!endpoints.is_empty()).then(|| endpoints.join(","));
    Call::write(tool)
        .value_if("--endpoints", endpoints)
        .arg(ports.to_string())
        .run(tools)?;
    Ok(())
}

/// What is open for this unit, with what this context has changed; sorted by protocol and port.
///
/// # Errors
/// If the tool fails.
pub fn opened_ports(tools: &mut Tools) -> Result<Vec<OpenedPorts>, ToolError> {
    let output = Call::json("opened-ports")
        .option("--endpoints")
        .run(tools)?;
    let lines: Vec<String> = answer::parse_list("opened-ports", &output)?;
    lines
        .iter()
        .map(|line| {
            opened(line).ok_or_else(|| {
                answer::garbled("opened-ports", "a line is not of the form `80/tcp (*)`")
            })
        })
        .collect()
}

fn opened(line: &str) -> Option<OpenedPorts> {
    let (ports, rest) = line.split_once(" (").unwrap_or((line, "*)"));
    let endpoints = match rest.strip_suffix(')')? {
        "*" => Vec::new(),
        names => names
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect(),
    };
    Some(OpenedPorts {
        ports: Ports::parse(ports)?,
        endpoints,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::fake::{on, play};

    #[test]
    fn ports_read_and_print_as_juju_writes_them() {
        for (text, ports) in [
            ("80/tcp", Ports::tcp(80)),
            ("53/udp", Ports::udp(53)),
            ("icmp", Ports::Icmp),
            (
                "80-90/udp",
                Ports::Range {
                    protocol: Protocol::Udp,
                    from: 80,
                    to: 90,
                },
            ),
        ] {
            assert_eq!(ports.to_string(), text);
            assert_eq!(Ports::parse(text), Some(ports));
        }
        assert_eq!(Ports::parse("80"), Some(Ports::tcp(80)));
        assert_eq!(Ports::parse("80/TCP"), Some(Ports::tcp(80)));
        for bad in [
            "",
            "/tcp",
            "x",
            "90-80/tcp",
            "1-2-3",
            "70000",
            "+80",
            "80/icmp",
            "1.5",
            "80/tcp/udp",
        ] {
            assert_eq!(Ports::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn ports_open_for_all_endpoints_or_some() {
        play([on(&["open-port", "80/tcp"])], |t| {
            open_port(t, Ports::tcp(80), &[])
        })
        .unwrap();
        let argv = ["open-port", "--endpoints", "admin,www", "icmp"];
        play([on(&argv)], |t| {
            open_port(t, Ports::Icmp, &["admin", "www"])
        })
        .unwrap();
        play([on(&["close-port", "80/udp"])], |t| {
            close_port(t, Ports::udp(80), &[])
        })
        .unwrap();
        for bad in ["", " ", "a,b"] {
            assert!(
                play([], |t| open_port(t, Ports::Icmp, &["a", bad])).is_err(),
                "it would mean all endpoints"
            );
        }
    }

    #[test]
    fn open_ports_say_for_which_endpoints() {
        let argv = ["opened-ports", "--format=json", "--endpoints"];
        let recorded = "[\"10/tcp (db)\",\"6379/tcp (*)\",\"80-90/udp (admin, www)\"]\n";
        let opened = play([on(&argv).says(recorded)], opened_ports).unwrap();
        assert_eq!(opened[0].endpoints, ["db"]);
        assert_eq!(
            (opened[1].ports, opened[1].endpoints.len()),
            (Ports::tcp(6379), 0)
        );
        assert_eq!(opened[2].endpoints, ["admin", "www"]);
        assert!(
            play([on(&argv).says("[]\n")], opened_ports)
                .unwrap()
                .is_empty()
        );
        assert!(play([on(&argv).says("[\"80/tcp (\"]\n")], opened_ports).is_err());
    }
}
