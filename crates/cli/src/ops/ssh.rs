//! A shell or a command in a unit's machine, and ports that lead there.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::process::{CommandExt, ExitStatusExt};

use ensign_local::LocalModel;
use ensign_model::{ModelStatus, UnitName};

use crate::report::Report;

/// What to do there.
#[derive(Debug, Clone)]
pub(crate) struct Ssh {
    /// A unit, `APP/leader`, or a machine's number.
    pub(crate) target: String,
    /// For the shell; none for a shell to type in.
    pub(crate) words: Vec<String>,
    /// Ports of this host that lead to the machine.
    pub(crate) forwards: Vec<Forwarding>,
    /// Nothing but those.
    pub(crate) forwards_only: bool,
}

/// `-L [BIND:]PORT:HOST:HOSTPORT`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forwarding {
    pub(crate) local: SocketAddr,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Forwarding {
    /// Reads it as `ssh` does.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let usage = || {
            format!("write `[BIND:]PORT:HOST:HOSTPORT`, such as `8080:localhost:80`, not `{text}`")
        };
        let mut parts: Vec<&str> = text.split(':').collect();
        let bind = match parts.len() {
            4 => parts.remove(0).parse::<IpAddr>().map_err(|_| usage())?,
            3 => IpAddr::V4(Ipv4Addr::LOCALHOST),
            _ => return Err(usage()),
        };
        let port = |text: &str| text.parse::<u16>().map_err(|_| usage());
        Ok(Self {
            local: SocketAddr::new(bind, port(parts[0])?),
            host: parts[1].to_owned(),
            port: port(parts[2])?,
        })
    }
}

/// Gives back the command's exit code. Where nothing is forwarded this process becomes the command, and nothing comes back.
pub(crate) fn ssh(model: &mut LocalModel, ssh: &Ssh) -> Result<u8, Report> {
    let unit = target(&model.status()?, &ssh.target)?;
    let mut held = Vec::new();
    for Forwarding { local, host, port } in &ssh.forwards {
        held.push(model.forward(&unit, *local, (host, *port))?);
    }
    if ssh.forwards_only {
        loop {
            // Until a key or a signal ends it.
            std::thread::park();
        }
    }
    let mut command = model.shell(&unit, &ssh.words)?;
    let problem =
        |error| Report::new(format!("cannot enter the machine of `{unit}`")).because(error);
    if held.is_empty() {
        return Err(problem(command.exec()));
    }
    let status = command.status().map_err(problem)?;
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn target(status: &ModelStatus, text: &str) -> Result<UnitName, Report> {
    let mut units = status.applications.values().flat_map(|app| &app.units);
    if let Some(found) = units.find(|unit| unit.machine == text) {
        return Ok(found.unit.clone());
    }
    // Juju takes `USER@` and passes it to `ssh`; here everybody is root.
    super::juju::unit(status, text.rsplit('@').next().unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forwarding_is_written_as_for_ssh() {
        let read = Forwarding::read("8080:localhost:80").unwrap();
        assert_eq!(read.local.to_string(), "127.0.0.1:8080");
        assert_eq!((read.host.as_str(), read.port), ("localhost", 80));
        let read = Forwarding::read("0.0.0.0:1:db:2").unwrap();
        assert_eq!(read.local.to_string(), "0.0.0.0:1");
        for bad in ["80", "x:localhost:80", "80:localhost:http", "here:1:db:2"] {
            assert!(
                Forwarding::read(bad).unwrap_err().contains("HOSTPORT"),
                "{bad}"
            );
        }
    }
}
