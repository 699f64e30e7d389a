//! The machines' way to the rest of the world: `pasta`, which is an ordinary program of the host to everybody outside.
//!
//! Nothing of the host's network is changed for it: no forwarding, no rule, whatever firewall the host has.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::netlink::Netlink;
use super::subnet::Subnet;
use crate::error::{Doing, Error, Result};

/// Whom machines ask for names; `pasta` asks the host's own server for them, wherever that is.
pub(super) const NAMESERVER: Ipv4Addr = Ipv4Addr::new(169, 254, 1, 1);
/// The end of `pasta` in the model's namespace.
const LINK: &str = "out";
/// `pasta` takes a hundredth of that.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a wait looks whether `pasta` still lives.
const GLANCE: Duration = Duration::from_millis(50);

/// Why machines here can have no way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The program that leads out is not there.
    Pasta,
    /// The program that translates addresses is not there.
    Nft,
    /// The device of the first cannot be opened.
    Tun,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Machines reach each other, but have no way out to the network: ")?;
        f.write_str(match self {
            Self::Pasta => "`pasta` is missing (`apt-get install passt`). ",
            Self::Nft => "`nft` is missing (`apt-get install nftables`). ",
            Self::Tun => {
                "this user may not write to /dev/net/tun (`sudo chmod 666 /dev/net/tun`, as most systems have it, or run as \
                 root). "
            }
        })?;
        f.write_str("Charms that download (apt-get) will fail.")
    }
}

/// What is in the way, if anything.
pub(crate) fn obstacle() -> Option<Obstacle> {
    let tun = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/net/tun");
    match (program("pasta"), program("nft"), tun) {
        (None, ..) => Some(Obstacle::Pasta),
        (_, None, _) => Some(Obstacle::Nft),
        (.., Err(_)) => Some(Obstacle::Tun),
        _ => None,
    }
}

/// Where a program is. Those of administrators (`nft`) are not on everybody's `PATH`.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

/// Whether the way out is open, for those who wait to know.
#[derive(Debug, Clone)]
pub(super) struct Exit(Arc<(Mutex<Option<bool>>, Condvar)>);

impl Exit {
    /// Not known yet, unless it is not wanted.
    pub(super) fn new(wanted: bool) -> Self {
        let known = if wanted { None } else { Some(false) };
        Self(Arc::new((Mutex::new(known), Condvar::new())))
    }

    /// It is known.
    pub(super) fn settle(&self, open: bool) {
        let (state, changed) = &*self.0;
        *state.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
        changed.notify_all();
    }

    /// Waits until it is known.
    pub(super) fn wait(&self) -> bool {
        let (state, changed) = &*self.0;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = changed.wait_while(state, |known| known.is_none());
        known
            .unwrap_or_else(PoisonError::into_inner)
            .unwrap_or_default()
    }
}

/// Starts `pasta` between this thread's namespace and `namespace`. When it ends, `died` is told why.
pub(super) fn start(namespace: OwnedFd, died: Sender<String>) {
    std::thread::spawn(move || {
        let why = match pasta(namespace) {
            Ok(child) => last_words(child),
            Err(error) => error.to_string(),
        };
        // The log is stderr; without one nobody reads it.
        let _ = writeln!(std::io::stderr(), "the way out is closed: {why}");
        // Whoever waits for it to open has lost patience.
        let _ = died.send(why);
    });
}

fn pasta(namespace: OwnedFd) -> Result<Child> {
    let path = program("pasta").unwrap_or_else(|| "pasta".into());
    let mut command = Command::new(&path);
    // It takes the namespace for a path; opened by itself, it would no longer have the right to.
    command.args(["--netns", "/proc/self/fd/0", "--no-netns-quit"]);
    command.args(["--runas", "0", "--config-net", "-4", "-m", "1500"]);
    command.args(["-f", "-q", "-I", LINK]);
    // No port of the model's namespace is the host's, nor the other way round, nor is the host's loopback the gateway.
    command.args(["-t", "none", "-u", "none", "-T", "none", "-U", "none"]);
    command.args(["--no-map-gw", "--dns-forward", &NAMESERVER.to_string()]);
    command.stdin(Stdio::from(namespace));
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
        .spawn()
        .doing(|| format!("start `{}`", path.display()))
}

/// Waits for its end and gives back what it said last, less its complaints that nobody logs.
fn last_words(mut child: Child) -> String {
    let lines = child.stderr.take().map(BufReader::new);
    let last = lines
        .into_iter()
        .flat_map(BufRead::lines)
        .map_while(std::io::Result::ok)
        .filter(|line| !line.contains("syslog") && !line.trim().is_empty())
        .last();
    match (last, child.wait()) {
        (Some(line), _) => format!("`pasta` says: {line}"),
        (None, Ok(status)) => format!("`pasta` ended: {status}"),
        (None, Err(error)) => format!("`pasta` ended: {error}"),
    }
}

/// Lets machines through, from within the model's namespace, and waits until `pasta` is there.
pub(super) fn open(net: Subnet, routes: &Netlink, death: &Receiver<String>) -> Result<()> {
    let path = "/proc/sys/net/ipv4/ip_forward";
    // Written by a thread in the model's namespace, it is that namespace's.
    std::fs::write(path, "1").doing(|| format!("write `{path}`"))?;
    translate(net)?;
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        if let Ok(why) = death.try_recv() {
            return Err(closed(&why));
        }
        if routes.default_route_comes(GLANCE)? {
            return Ok(());
        }
    }
    Err(closed("`pasta` does not get ready"))
}

/// Addresses of machines become that of the model's own end.
fn translate(net: Subnet) -> Result<()> {
    // The first chain is against a trait of older `pasta`s, which send segments without any flag: they would not be
    // translated, and the connection would be reset.
    let rules = format!(
        "table ip ensign {{
            chain strays {{
                type filter hook prerouting priority -150;
                iifname \"{LINK}\" ct state invalid drop;
            }}
            chain leaving {{
                type nat hook postrouting priority 100;
                ip saddr {} oifname \"{LINK}\" masquerade;
            }}
        }}",
        net.cidr()
    );
    let path = program("nft").unwrap_or_else(|| "nft".into());
    let starting = || format!("start `{}`", path.display());
    let mut child = Command::new(&path)
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .doing(starting)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(rules.as_bytes()).doing(starting)?;
    }
    let output = child.wait_with_output().doing(starting)?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let first = text.lines().next().unwrap_or("it says nothing");
    Err(closed(&format!("`nft` says: {first}")))
}

fn closed(why: &str) -> Error {
    Error::NoWayOut(why.to_owned())
}

/// A question for the servers of the root, as a name server takes it.
const QUESTION: [u8; 17] = [0x45, 0x4e, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1];

/// Asks for a name, once and then once more: without an answer nothing can be downloaded.
pub(super) fn try_it() -> Result<()> {
    let asking = || "ask for a name".to_owned();
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).doing(asking)?;
    socket
        .set_read_timeout(Some(Duration::from_secs(2)))
        .doing(asking)?;
    for _ in 0..2 {
        socket.send_to(&QUESTION, (NAMESERVER, 53)).doing(asking)?;
        // Any answer will do, also a refusal.
        if socket.recv(&mut [0; 512]).is_ok() {
            return Ok(());
        }
    }
    Err(closed(
        "nobody answers questions for names, as if this host had no network",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_waits_for_the_way_out_hears_when_it_is_known() {
        let exit = Exit::new(true);
        let waiting = exit.clone();
        let thread = std::thread::spawn(move || waiting.wait());
        exit.settle(true);
        assert!(thread.join().unwrap());
        assert!(!Exit::new(false).wait());
    }

    #[test]
    fn each_obstacle_says_what_to_do() {
        for (obstacle, remedy) in [
            (Obstacle::Pasta, "apt-get install passt"),
            (Obstacle::Nft, "apt-get install nftables"),
            (Obstacle::Tun, "/dev/net/tun"),
        ] {
            let text = obstacle.to_string();
            assert!(
                text.contains(remedy) && text.contains("no way out"),
                "{text}"
            );
        }
    }
}
