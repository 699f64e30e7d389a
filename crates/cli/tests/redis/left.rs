//! What a model leaves on the host: nothing.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

/// Where traces of a model would be.
#[derive(Debug)]
pub(crate) struct Traces {
    folder: PathBuf,
    /// `10.1.4`
    net: [u8; 3],
    /// Of its machines.
    namespaces: BTreeSet<PathBuf>,
    serving: usize,
}

impl Traces {
    /// Those of a running model, of which this is one address.
    pub(crate) fn of(folder: PathBuf, address: IpAddr) -> Self {
        let IpAddr::V4(address) = address else {
            panic!("machines have addresses of IPv4, and not {address}")
        };
        let [a, b, c, _] = address.octets();
        let named = folder.display().to_string();
        let all = processes();
        let machines = all
            .iter()
            .filter(|(_, line)| line.contains(&named) && line.contains("__machine-init"));
        let namespaces: BTreeSet<PathBuf> =
            machines.filter_map(|(pid, _)| namespace(*pid)).collect();
        let serving = all
            .iter()
            .filter(|(_, line)| line.starts_with("/usr/bin/redis-server "))
            .filter_map(|(pid, _)| namespace(*pid))
            .filter(|it| namespaces.contains(it))
            .count();
        Self {
            folder,
            net: [a, b, c],
            namespaces,
            serving,
        }
    }

    /// How many servers ran.
    pub(crate) fn servers(&self) -> usize {
        self.serving
    }

    /// What is there of it.
    pub(crate) fn found(&self) -> Vec<String> {
        let folder = self.folder.display().to_string();
        let [a, b, c] = self.net;
        let mut found = Vec::new();
        for (pid, line) in processes() {
            let is_in = |it: PathBuf| self.namespaces.contains(&it);
            if line.contains(&folder) || namespace(pid).is_some_and(is_in) {
                found.push(format!("process {pid}: {line}"));
            }
        }
        let lines = |path: &str| fs::read_to_string(path).unwrap_or_default();
        for line in lines("/proc/self/mountinfo").lines() {
            if line.contains(&folder) {
                found.push(format!("mount: {line}"));
            }
        }
        let link = format!("ens{a}-{b}-{c}");
        if fs::exists(format!("/sys/class/net/{link}")).unwrap() {
            found.push(format!("link: {link}"));
        }
        let host = Ipv4Addr::new(a, b, c, 1).to_string();
        if lines("/proc/net/fib_trie").contains(&host) {
            found.push(format!("address: {host}"));
        }
        let (claim, sockets) = (
            format!("ensign/net/{a}.{b}.{c}.0/"),
            lines("/proc/net/unix"),
        );
        let named = |line: &&str| line.contains(&claim) || line.contains(&folder);
        found.extend(
            sockets
                .lines()
                .filter(named)
                .map(|line| format!("socket: {line}")),
        );
        found
    }
}

/// The processes that this one sees and is seen by.
fn namespace(pid: u32) -> Option<PathBuf> {
    fs::read_link(format!("/proc/{pid}/ns/pid")).ok()
}

/// All processes with their command lines.
pub(crate) fn processes() -> Vec<(u32, String)> {
    let entries = fs::read_dir("/proc").unwrap().map_while(Result::ok);
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        // What has ended and was not looked at yet has no command line.
        (!line.is_empty()).then(|| (pid, String::from_utf8_lossy(&line).replace('\0', " ")))
    })
    .collect()
}
