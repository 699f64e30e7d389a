//! A server: settings, passwords, data, whom it follows.

use std::collections::BTreeMap;

use super::conf::Settings;

#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) settings: Settings,
    pub(crate) role: Role,
    pub(crate) data: BTreeMap<String, String>,
    /// How much it has of the stream of writes.
    pub(crate) offset: i64,
    /// Replicas whose link is up: told by [`tick`](super::Inner::tick).
    pub(crate) replicas: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Master,
    Slave { host: String, port: u16, up: bool },
}

impl Server {
    pub(crate) fn of(settings: Settings, dump: &str) -> Self {
        let role = match settings.values["replicaof"].split_once(' ') {
            Some((host, port)) => Role::Slave {
                host: host.to_owned(),
                port: port.parse().unwrap_or(0),
                up: false,
            },
            None => Role::Master,
        };
        let mut server = Self {
            settings,
            role,
            data: BTreeMap::new(),
            offset: 0,
            replicas: 0,
        };
        let mut lines = dump.lines();
        server.offset = lines.next().and_then(|line| line.parse().ok()).unwrap_or(0);
        for line in lines {
            if let Some((key, value)) = line.split_once('=') {
                server.data.insert(key.to_owned(), value.to_owned());
            }
        }
        server
    }

    /// What it saves.
    pub(crate) fn dump(&self) -> String {
        let mut text = format!("{}\n", self.offset);
        for (key, value) in &self.data {
            text += &format!("{key}={value}\n");
        }
        text
    }

    pub(crate) fn dump_path(&self) -> String {
        format!("{}/dump.rdb", self.get("dir"))
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.settings.values.get(name).map_or("", String::as_str)
    }

    pub(crate) fn port(&self) -> u16 {
        self.get("port").parse().unwrap_or(0)
    }

    /// Addresses it listens on, loopback aside.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        let all = self.get("bind").split(' ');
        all.filter(|address| !["127.0.0.1", "-::1"].contains(address))
    }

    /// Whether somebody who says this password may speak; without any password everybody may.
    pub(crate) fn admits(&self, password: &str) -> bool {
        let all = &self.settings.passwords;
        all.is_empty() || all.iter().any(|known| known == password)
    }

    pub(crate) fn replicas_wanted(&self) -> usize {
        self.get("min-replicas-to-write").parse().unwrap_or(0)
    }
}
