//! Who reaches whom, and what follows from that.

use ensign_testing::UnitName;

use super::server::Role;
use super::{Inner, Server};

impl Inner {
    pub(crate) fn is_alive(&self, unit: &UnitName) -> bool {
        !self.lost.contains(unit)
    }

    /// Whose server a process on the machine of `from` reaches there.
    pub(crate) fn reached(&self, from: &UnitName, host: &str, port: u16) -> Option<UnitName> {
        if host == "127.0.0.1" {
            let server = self.machines.get(from)?.server.as_ref()?;
            return (server.port() == port).then(|| from.clone());
        }
        if self.cut.contains(from) || !self.is_alive(from) {
            return None;
        }
        let serves =
            |server: &Server| server.port() == port && server.addresses().any(|a| a == host);
        let mut all = self.machines.iter();
        let found = all.find(|(unit, machine)| {
            self.is_alive(unit)
                && !self.cut.contains(*unit)
                && machine.server.as_ref().is_some_and(serves)
        });
        found.map(|(unit, _)| unit.clone())
    }

    pub(crate) fn server(&self, unit: &UnitName) -> Option<&Server> {
        self.machines.get(unit)?.server.as_ref()
    }

    pub(crate) fn server_mut(&mut self, unit: &UnitName) -> Option<&mut Server> {
        self.machines.get_mut(unit)?.server.as_mut()
    }

    /// What happens by itself: links go up and down, replicas get what their primaries have.
    pub(crate) fn tick(&mut self) {
        let units: Vec<UnitName> = self.machines.keys().cloned().collect();
        // As often as a chain of replicas can be long.
        for _ in 0..=units.len() {
            for unit in &units {
                self.follow(unit);
            }
        }
        for unit in &units {
            let replicas = units
                .iter()
                .filter(|other| self.followed(other).as_ref() == Some(unit));
            let replicas = replicas.count();
            let alive = self.is_alive(unit);
            if let Some(server) = self.server_mut(unit) {
                server.replicas = replicas;
                let open = server.addresses().next().is_some();
                if alive && open && server.settings.passwords.is_empty() {
                    let line = format!("{unit} listens on the network without a password");
                    self.alarms.push(line);
                }
            }
        }
        self.copy_nodes();
    }

    /// Whom a server follows, with its link up.
    fn followed(&self, unit: &UnitName) -> Option<UnitName> {
        let server = self.server(unit)?;
        let Role::Slave {
            host,
            port,
            up: true,
        } = &server.role
        else {
            return None;
        };
        self.reached(unit, host, *port)
    }

    fn follow(&mut self, unit: &UnitName) {
        let Some(server) = self.server(unit) else {
            return;
        };
        let Role::Slave { host, port, .. } = server.role.clone() else {
            return;
        };
        if server.get("cluster-enabled") == "yes" {
            return;
        }
        let password = server.get("masterauth").to_owned();
        let alive = self.is_alive(unit);
        let master = self
            .reached(unit, &host, port)
            .filter(|master| master != unit && alive);
        let master = master.and_then(|master| self.server(&master).cloned());
        let admitted = master.filter(|master| master.admits(&password));
        let has = admitted
            .as_ref()
            .map(|master| (master.data.clone(), master.offset));
        if let Some(server) = self.server_mut(unit) {
            server.role = Role::Slave {
                host,
                port,
                up: has.is_some(),
            };
            if let Some((data, offset)) = has {
                server.data = data;
                server.offset = offset;
            }
        }
    }
}
