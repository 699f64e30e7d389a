//! The machines of the tests: `apt-get`, `systemctl` and `redis-cli`, as far as this charm can tell them from real ones.

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;
use std::rc::Rc;

use ensign::host::Program;
use ensign_testing::{MemoryDisk, UnitName, Workload, exited};

/// All machines of a model. Clones are the same ones.
#[derive(Debug, Clone, Default)]
pub struct Machines(Rc<RefCell<Inner>>);

#[derive(Debug, Clone, Default)]
pub struct Inner {
    pub packages: BTreeMap<UnitName, BTreeSet<String>>,
    /// The settings that each server has read when it started.
    pub servers: BTreeMap<UnitName, BTreeMap<String, String>>,
    /// Every command line so far.
    pub lines: Vec<String>,
    counter: u64,
}

impl Machines {
    pub fn look(&self) -> RefMut<'_, Inner> {
        self.0.borrow_mut()
    }

    /// A setting of a unit's server; `None` where no server runs.
    pub fn setting(&self, unit: &UnitName, name: &str) -> Option<String> {
        Some(
            self.look()
                .servers
                .get(unit)?
                .get(name)
                .cloned()
                .unwrap_or_default(),
        )
    }
}

impl Workload for Machines {
    fn run(&mut self, unit: &UnitName, disk: &MemoryDisk, program: &Program) -> Option<Output> {
        let mut words = vec![program.name.to_str()?.to_owned()];
        for argument in &program.arguments {
            words.push(argument.to_str()?.to_owned());
        }
        self.look().lines.push(words.join(" "));
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if words[0] == "timeout" {
            words.drain(..2);
        }
        self.look().run(unit, disk, &words, program)
    }

    fn copied(&self) -> Box<dyn Workload> {
        Box::new(Self(Rc::new(RefCell::new(self.look().clone()))))
    }

    fn lost(&mut self, unit: &UnitName) {
        self.look().servers.remove(unit);
    }
}

impl Inner {
    fn run(
        &mut self,
        unit: &UnitName,
        disk: &MemoryDisk,
        words: &[&str],
        program: &Program,
    ) -> Option<Output> {
        let good = Some(exited(0, "", ""));
        match words {
            ["apt-get", "install", ..] => {
                let packages = words.iter().skip_while(|word| **word != "--").skip(1);
                let all = self.packages.entry(unit.clone()).or_default();
                all.extend(packages.map(|&package| package.to_owned()));
                if all.contains("redis-server") && disk.text("/etc/redis/redis.conf").is_none() {
                    // The package brings a file, and starts its server.
                    disk.put("/etc/redis/redis.conf", "bind 127.0.0.1\nport 6379\n");
                    self.start(unit, disk);
                }
                good
            }
            ["dpkg-query", .., package] => match self.packages.get(unit) {
                Some(all) if all.contains(*package) => {
                    Some(exited(0, "installed 5:7.0.15-1\n", ""))
                }
                _ => Some(exited(1, "", "dpkg-query: no packages found\n")),
            },
            ["systemctl", "is-active", _] if !self.servers.contains_key(unit) => {
                Some(exited(3, "inactive\n", ""))
            }
            ["systemctl", "is-active", _] => Some(exited(0, "active\n", "")),
            ["systemctl", verb, "redis-server"] => {
                if ["start", "restart"].contains(verb) {
                    self.start(unit, disk);
                }
                good
            }
            ["redis-cli", arguments @ ..] => Some(self.redis_cli(unit, arguments, program)),
            ["apt-get" | "chown" | "sleep", ..] => good,
            _ => None,
        }
    }

    fn start(&mut self, unit: &UnitName, disk: &MemoryDisk) {
        let text = disk.text("/etc/redis/redis.conf").unwrap_or_default();
        let settings = text.lines().filter_map(|line| line.split_once(' '));
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.servers.insert(unit.clone(), settings.collect());
    }

    /// The server that one on this unit's machine reaches there.
    fn reached(
        &self,
        unit: &UnitName,
        host: &str,
        port: &str,
    ) -> Option<&BTreeMap<String, String>> {
        let mut all = self.servers.iter();
        let found = all.find(|(at, server)| {
            let listens = server["bind"].split(' ').any(|address| address == host);
            listens && server["port"] == port && (host != "127.0.0.1" || *at == unit)
        });
        found.map(|(_, server)| server)
    }

    /// Whether the server of this unit has a primary, and that one takes its password.
    pub fn follows(&self, unit: &UnitName) -> Option<bool> {
        let server = self.servers.get(unit)?;
        let (host, port) = server.get("replicaof")?.split_once(' ')?;
        let primary = self.reached(unit, host, port);
        Some(primary.is_some_and(|primary| {
            !primary.contains_key("replicaof")
                && primary.get("requirepass") == server.get("masterauth")
        }))
    }

    fn redis_cli(&mut self, unit: &UnitName, arguments: &[&str], program: &Program) -> Output {
        let option = |name: &str| {
            let at = arguments.iter().position(|argument| *argument == name);
            at.and_then(|at| arguments.get(at + 1).copied())
        };
        let host = option("-h").unwrap_or("127.0.0.1");
        let Some(server) = self.reached(unit, host, option("-p").unwrap_or("6379")) else {
            return exited(1, "", "Could not connect to Redis\n");
        };
        let mut environment = program.environment.iter();
        let given = environment.find(|(name, _)| name == "REDISCLI_AUTH");
        let given = given
            .and_then(|(_, value)| value.to_str())
            .unwrap_or_default();
        if server
            .get("requirepass")
            .is_some_and(|password| password != given)
        {
            return exited(0, "NOAUTH Authentication required.\n\n", "");
        }
        let is_replica = server.contains_key("replicaof");
        let up = if self.follows(unit) == Some(true) {
            "up"
        } else {
            "down"
        };
        let mut said = String::new();
        for line in String::from_utf8_lossy(&program.input).lines() {
            said += &match line.split(' ').next() {
                Some("PING") => "PONG\n".to_owned(),
                Some("INFO") if is_replica => format!("role:slave\r\nmaster_link_status:{up}\r\n"),
                Some("INFO") => "role:master\r\n".to_owned(),
                Some("INCR") if is_replica => {
                    "READONLY You can't write against a read only replica.\n\n".to_owned()
                }
                Some("INCR") => {
                    self.counter += 1;
                    format!("{}\n", self.counter)
                }
                Some("GET") => format!("{}\n", self.counter),
                _ => "1\n".to_owned(),
            };
        }
        exited(0, said, "")
    }
}
