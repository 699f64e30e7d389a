//! A machine: packages, and the programs that a charm runs there.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;

use ensign::host::Program;
use ensign_testing::{MemoryDisk, UnitName, exited};

use super::Inner;
use super::cluster::Node;
use super::conf;
use super::server::Server;
use super::snapd::Snapd;

/// The file of the package, and that of the snap.
const PACKAGED: &str = "/etc/redis/redis.conf";
const SNAPPED: &str = "/var/snap/redis/common/etc/redis/redis.conf";
const SNAPPED_TEXT: &str =
    "bind 127.0.0.1 -::1\nport 6379\ndatabases 16\ndir /var/snap/redis/common/var/lib/redis\n";

#[derive(Debug, Clone, Default)]
pub(crate) struct Machine {
    pub(crate) packages: BTreeSet<String>,
    pub(crate) snapd: Snapd,
    pub(crate) server: Option<Server>,
    pub(crate) disk: MemoryDisk,
    pub(crate) starts: usize,
    /// `nodes.conf`.
    pub(crate) node: Option<Node>,
    /// Those of the last server that ran, where none runs now.
    pub(crate) last: BTreeMap<String, String>,
}

impl Inner {
    pub(super) fn run(
        &mut self,
        unit: &UnitName,
        disk: &MemoryDisk,
        program: &Program,
    ) -> Option<Output> {
        let mut arguments: Vec<String> = (program.arguments.iter())
            .map(|argument| argument.to_str().expect("text").to_owned())
            .collect();
        let mut name = program.name.to_str()?.to_owned();
        self.runs
            .push((unit.clone(), format!("{name} {}", arguments.join(" "))));
        let machine = self.machines.entry(unit.clone()).or_default();
        machine.disk = disk.clone();
        if name == "timeout" {
            arguments.remove(0);
            name = arguments.remove(0);
        }
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = match (name.as_str(), words.as_slice()) {
            ("apt-get", _) => machine.apt_get(unit, &words),
            ("dpkg-query", [.., package]) if machine.packages.contains(*package) => {
                exited(0, "installed 5:7.0.15-1~deb12u6\n", "")
            }
            ("dpkg-query", [.., package]) => exited(
                1,
                "",
                format!("dpkg-query: no packages found matching {package}\n"),
            ),
            ("systemctl", [verb, service @ ("redis-server" | "snap.redis.server")]) => {
                machine.systemctl(unit, verb, service)
            }
            ("chown", [owner, files @ ..]) => {
                let is_snap = machine.snapd.installed.contains_key("redis");
                assert_eq!(*owner, if is_snap { "root:root" } else { "redis:redis" });
                let missing = files.iter().any(|file| disk.text(file).is_none());
                exited(u8::from(missing), "", "chown: cannot access\n")
            }
            ("sleep", [_]) => exited(0, "", ""),
            ("redis-cli", _) if !machine.packages.contains("redis-tools") => return None,
            ("redis-cli", _) => return Some(self.redis_cli(unit, &words, program)),
            ("/snap/bin/redis.cli", _) if machine.snapd.installed.contains_key("redis") => {
                return Some(self.redis_cli(unit, &words, program));
            }
            ("cp", ["--", from, to]) => copy(disk, from, to),
            _ => {
                let output = machine.snapd.run(&name, &words, &program.input)?;
                machine.look_at_snap(unit);
                output
            }
        };
        // Nodes need time to hear of each other; some passes while anything but a command runs.
        self.gossip();
        self.tick();
        Some(output)
    }
}

fn copy(disk: &MemoryDisk, from: &str, to: &str) -> Output {
    match disk.text(from) {
        Some(text) => {
            disk.put(to, text);
            exited(0, "", "")
        }
        None => exited(
            1,
            "",
            format!("cp: cannot stat '{from}': No such file or directory\n"),
        ),
    }
}

impl Machine {
    fn apt_get(&mut self, unit: &UnitName, words: &[&str]) -> Output {
        let operands = words.iter().skip_while(|word| **word != "--").skip(1);
        if words.first() == Some(&"install") {
            for package in operands {
                self.packages.insert((*package).to_owned());
            }
            self.snapd.is_there = self.packages.contains("snapd");
            self.snapd.has_curl = self.packages.contains("curl");
            if self.packages.contains("redis-server") && self.disk.text(PACKAGED).is_none() {
                self.disk.put(
                    PACKAGED,
                    "bind 127.0.0.1 -::1\nport 6379\ndatabases 16\ndir /var/lib/redis\n",
                );
                self.disk.put(
                    "/etc/passwd",
                    "redis:x:101:102::/var/lib/redis:/bin/false\n",
                );
                self.disk.put("/etc/group", "redis:x:102:\n");
                self.start(unit);
            }
        }
        exited(0, "", "")
    }

    /// The snap's server starts as soon as it is installed.
    fn look_at_snap(&mut self, unit: &UnitName) {
        if self.snapd.installed.contains_key("redis") && self.disk.text(SNAPPED).is_none() {
            self.disk.put(SNAPPED, SNAPPED_TEXT);
            self.start(unit);
        }
    }

    /// snapd refreshes the snap: its server is restarted, and then its hook writes the file as the snap has it.
    pub(crate) fn refresh_snap(&mut self, unit: &UnitName) {
        self.stop();
        self.start(unit);
        self.disk.put(SNAPPED, SNAPPED_TEXT);
    }

    fn systemctl(&mut self, unit: &UnitName, verb: &str, service: &str) -> Output {
        let is_there = match service {
            "redis-server" => self.packages.contains(service),
            _ => self.snapd.installed.contains_key("redis"),
        };
        if !is_there {
            let words = format!("Failed to {verb} {service}.service: Unit not found.\n");
            return exited(5, "", words);
        }
        match verb {
            "stop" => self.stop(),
            "start" if self.server.is_some() => {}
            "start" => self.start(unit),
            "restart" => {
                self.stop();
                self.start(unit);
            }
            "is-active" => {}
            "enable" | "disable" | "is-enabled" | "reset-failed" => return exited(0, "", ""),
            _ => panic!("{unit}: no machine knows `systemctl {verb}`"),
        }
        let running = self.server.is_some() || verb == "stop";
        exited(
            u8::from(!running),
            if running { "active\n" } else { "failed\n" },
            "",
        )
    }

    /// SIGTERM: a server with save points saves.
    pub(crate) fn stop(&mut self) {
        if let Some(server) = self.crash().filter(|server| !server.get("save").is_empty()) {
            self.disk.put(server.dump_path(), server.dump());
        }
    }

    /// The server ends without saving anything.
    pub(crate) fn crash(&mut self) -> Option<Server> {
        let server = self.server.take()?;
        self.last.clone_from(&server.settings.values);
        Some(server)
    }

    /// Those of the server that runs, or ran last.
    pub(crate) fn settings(&self) -> &BTreeMap<String, String> {
        let running = self.server.as_ref();
        running.map_or(&self.last, |server| &server.settings.values)
    }

    /// As far as the file lets it.
    pub(crate) fn start(&mut self, unit: &UnitName) {
        self.starts += 1;
        let file = |path: &str| self.disk.text(path);
        let path = match self.snapd.installed.contains_key("redis") {
            true => SNAPPED,
            false => PACKAGED,
        };
        self.server = conf::read(&file, path).ok().map(|settings| {
            let dump = format!("{}/dump.rdb", settings.values["dir"]);
            Server::of(settings, &file(&dump).unwrap_or_default())
        });
        let Some(server) = &self.server else {
            return;
        };
        if server.get("cluster-enabled") == "yes" && self.node.is_none() {
            let id = unit.as_str().bytes().fold(7u64, |id, byte| {
                id.wrapping_mul(1_000_003) ^ u64::from(byte)
            });
            self.node = Some(Node {
                id: format!("{id:040x}"),
                ..Node::default()
            });
        }
        let port = |name: &str| server.get(name).parse().unwrap_or(0);
        if let Some(node) = &mut self.node {
            node.port = port("port");
            node.bus = match port("cluster-port") {
                0 => node.port + 10_000,
                bus => bus,
            };
        }
    }
}
