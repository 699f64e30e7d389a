//! Redis Cluster: what each node knows.

use std::collections::BTreeSet;
use std::rc::Rc;

use ensign_testing::UnitName;
use serde_json::json;

use super::Inner;
use super::commands::Reply;
use super::conf::words;
use super::server::Role;

pub(super) const SLOTS: u16 = 16_384;

/// A node of a cluster: the file `nodes.conf`, which outlives its server.
#[derive(Debug, Clone, Default)]
pub(crate) struct Node {
    pub(crate) id: String,
    /// Other nodes it knows.
    pub(crate) known: BTreeSet<String>,
    /// Nodes it has been told to meet, and the ports of their buses.
    pub(crate) meeting: Vec<(String, u16, u16)>,
    /// Its port, as it tells it of itself: that of its start.
    pub(crate) port: u16,
    /// Where its bus listens: as at its start.
    pub(crate) bus: u16,
    /// Shared by all copies of a model until they change.
    pub(crate) slots: Rc<BTreeSet<u16>>,
    /// A slot that is on its way.
    pub(crate) open: Option<u16>,
    pub(crate) master: Option<String>,
}

/// Which slot a key is in: CRC16 of XMODEM.
pub(crate) fn slot(key: &str) -> u16 {
    let mut crc = 0u16;
    for byte in key.bytes() {
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            let carry = crc & 0x8000 != 0;
            crc <<= 1;
            if carry {
                crc ^= 0x1021;
            }
        }
    }
    crc % SLOTS
}

fn ok() -> Reply {
    Reply::Value(json!("OK"))
}

impl Inner {
    pub(crate) fn node(&self, unit: &UnitName) -> Option<&Node> {
        self.server(unit)?;
        self.machines.get(unit)?.node.as_ref()
    }

    pub(super) fn node_mut(&mut self, unit: &UnitName) -> Option<&mut Node> {
        self.machines.get_mut(unit)?.node.as_mut()
    }

    /// Whose node that is, whether it runs or not.
    pub(crate) fn unit_of(&self, id: &str) -> Option<UnitName> {
        let mut all = self.machines.iter();
        let found =
            all.find(|(_, machine)| machine.node.as_ref().is_some_and(|node| node.id == id));
        found.map(|(unit, _)| unit.clone())
    }

    fn address(&self, unit: &UnitName) -> (String, u16) {
        let settings = self.machines[unit].settings();
        let of = |name: &str| settings.get(name).cloned().unwrap_or_default();
        (of("cluster-announce-ip"), of("port").parse().unwrap_or(0))
    }

    /// Where others look for its bus, as it tells them now.
    fn announced_bus(&self, unit: &UnitName) -> u16 {
        let settings = self.machines[unit].settings();
        let of = |name: &str| settings.get(name).and_then(|port| port.parse().ok());
        match of("cluster-port") {
            Some(port) if port != 0 => port,
            _ => of("port").unwrap_or(0) + 10_000,
        }
    }

    /// Whether the node of `unit` reaches that one.
    pub(super) fn links(&self, unit: &UnitName, id: &str) -> bool {
        let Some(other) = self.unit_of(id) else {
            return false;
        };
        let (host, port) = self.address(&other);
        let heard = self
            .node(&other)
            .is_some_and(|node| node.bus == self.announced_bus(&other));
        other == *unit || heard && self.reached(unit, &host, port).as_ref() == Some(&other)
    }

    /// What nodes tell each other as time passes: who is there, who is gone, and who takes its place.
    pub(super) fn gossip(&mut self) {
        let units: Vec<UnitName> = self
            .machines
            .keys()
            .filter(|u| self.node(u).is_some())
            .cloned()
            .collect();
        for unit in &units {
            let meeting = self
                .node_mut(unit)
                .map(|node| std::mem::take(&mut node.meeting));
            for (host, port, bus) in meeting.unwrap_or_default() {
                let Some(other) = self
                    .reached(unit, &host, port)
                    .filter(|other| self.node(other).is_some_and(|node| node.bus == bus))
                else {
                    continue;
                };
                let ids = [unit, &other].map(|unit| Some(self.node(unit)?.id.clone()));
                let [Some(a), Some(b)] = ids else { continue };
                self.node_mut(unit).expect("a node").known.insert(b);
                self.node_mut(&other).expect("a node").known.insert(a);
            }
        }
        for _ in &units {
            for unit in &units {
                let known = self
                    .node(unit)
                    .map(|node| node.known.clone())
                    .unwrap_or_default();
                for id in known
                    .iter()
                    .filter(|id| self.links(unit, id))
                    .cloned()
                    .collect::<Vec<_>>()
                {
                    let theirs = self
                        .unit_of(&id)
                        .and_then(|other| Some(self.node(&other)?.known.clone()));
                    if let (Some(theirs), Some(node)) = (theirs, self.node_mut(unit)) {
                        node.known
                            .extend(theirs.into_iter().filter(|id| *id != node.id));
                    }
                }
            }
        }
        self.elect(&units);
    }

    /// A replica takes the place of its primary where most primaries say that it is gone.
    fn elect(&mut self, units: &[UnitName]) {
        for unit in units {
            let Some(node) = self.node(unit).filter(|node| node.master.is_some()) else {
                continue;
            };
            let node = node.clone();
            let Some(master) = node.master.clone().and_then(|id| self.unit_of(&id)) else {
                continue;
            };
            let master_id = self.machines[&master]
                .node
                .as_ref()
                .expect("a node")
                .id
                .clone();
            let owners = |inner: &Self| -> Vec<String> {
                let all = inner
                    .machines
                    .values()
                    .filter_map(|machine| machine.node.as_ref());
                let owners = all.filter(|n| {
                    !n.slots.is_empty() && (node.known.contains(&n.id) || n.id == node.id)
                });
                owners.map(|n| n.id.clone()).collect()
            };
            let owners = owners(self);
            let reached = owners.iter().filter(|id| self.links(unit, id)).count();
            if !self.links(unit, &master_id) && 2 * reached > owners.len() && self.is_alive(unit) {
                self.inherit(unit, &master, &master_id);
            }
        }
    }

    /// The unit's node takes the place of its primary.
    fn inherit(&mut self, unit: &UnitName, master: &UnitName, master_id: &str) {
        let slots = self.machines.get_mut(master).and_then(|m| m.node.as_mut());
        let slots = slots
            .map(|node| std::mem::take(&mut node.slots))
            .unwrap_or_default();
        let node = self.node_mut(unit).expect("a node");
        node.slots = slots;
        node.master = None;
        // Whoever comes back follows its heir.
        let heir = node.id.clone();
        if let Some(former) = self.machines.get_mut(master).and_then(|m| m.node.as_mut()) {
            former.master = Some(heir.clone());
        }
        for other in self.machines.values_mut().filter_map(|m| m.node.as_mut()) {
            if other.master.as_deref() == Some(master_id) && other.id != heir {
                other.master = Some(heir.clone());
            }
        }
    }

    /// Replicas have what their primaries have.
    pub(super) fn copy_nodes(&mut self) {
        let units: Vec<UnitName> = self.machines.keys().cloned().collect();
        for unit in units {
            let Some(node) = self.node(&unit) else {
                continue;
            };
            let master = node.master.clone().filter(|id| self.links(&unit, id));
            let master = master.and_then(|id| self.unit_of(&id));
            let data =
                master.and_then(|master| self.server(&master).map(|server| server.data.clone()));
            let follows = self.node(&unit).is_some_and(|node| node.master.is_some());
            if let Some(server) = self.server_mut(&unit) {
                server.role = if follows {
                    Role::Slave {
                        host: String::new(),
                        port: 0,
                        up: data.is_some(),
                    }
                } else {
                    Role::Master
                };
                if let Some(data) = data {
                    server.data = data;
                }
            }
        }
    }

    /// All slots are had by nodes that this one reaches.
    pub(crate) fn is_covered(&self, unit: &UnitName) -> bool {
        let Some(node) = self.node(unit) else {
            return false;
        };
        let ids = node
            .known
            .iter()
            .chain([&node.id])
            .filter(|id| self.links(unit, id));
        let owners = ids.filter_map(|id| self.node(&self.unit_of(id)?));
        owners.map(|node| node.slots.len()).sum::<usize>() == usize::from(SLOTS)
    }

    pub(super) fn cluster_command(&mut self, unit: &UnitName, line: &str) -> Option<Reply> {
        let words = words(line)?;
        if !["CLUSTER", "GET", "SET", "INCR"].contains(&&*words.first()?.to_uppercase()) {
            return None;
        }
        let node = self.node(unit)?.clone();
        let upper: Vec<String> = words.iter().map(|word| word.to_uppercase()).collect();
        let upper: Vec<&str> = upper.iter().map(String::as_str).collect();
        let own = |inner: &mut Self, change: &mut dyn FnMut(&mut Node)| {
            if let Some(node) = inner.node_mut(unit) {
                change(node);
            }
            ok()
        };
        Some(match upper.as_slice() {
            ["CLUSTER", "MYID"] => Reply::Value(json!(node.id)),
            ["CLUSTER", "INFO"] => {
                let state = if self.is_covered(unit) { "ok" } else { "fail" };
                let slots = if self.is_covered(unit) { SLOTS } else { 0 };
                Reply::Text(format!(
                    "cluster_state:{state}\r\ncluster_slots_ok:{slots}\r\ncluster_size:{}\r\n",
                    node.known.len() + 1
                ))
            }
            ["CLUSTER", "NODES"] => Reply::Text(self.table(unit, &node)),
            ["CLUSTER", "MEET", _, port, bus @ ..] => {
                let port: u16 = port.parse().expect("a port");
                let bus = bus
                    .first()
                    .map_or(port + 10_000, |bus| bus.parse().expect("a port"));
                own(self, &mut |node| {
                    node.meeting.push((words[2].clone(), port, bus))
                })
            }
            ["CLUSTER", "ADDSLOTSRANGE", ..] => {
                let mut wanted = BTreeSet::new();
                for pair in words[2..].chunks(2) {
                    wanted.extend(
                        pair[0].parse::<u16>().expect("a slot")..=pair[1].parse().expect("a slot"),
                    );
                }
                let known = node.known.iter().chain([&node.id]);
                let owned = known.filter_map(|id| self.machines[&self.unit_of(id)?].node.as_ref());
                let owned: BTreeSet<u16> =
                    owned.flat_map(|node| node.slots.iter().copied()).collect();
                match wanted.intersection(&owned).next() {
                    Some(slot) => Reply::Error(format!("ERR Slot {slot} is already busy")),
                    None => own(self, &mut |node| {
                        Rc::make_mut(&mut node.slots).extend(&wanted)
                    }),
                }
            }
            ["CLUSTER", "FORGET", _] if words[2] == node.id => {
                Reply::Error("ERR I tried hard but I can't forget myself...".to_owned())
            }
            ["CLUSTER", "FORGET", _] if !node.known.contains(&words[2]) => {
                Reply::Error(format!("ERR Unknown node {}", words[2]))
            }
            ["CLUSTER", "FORGET", _] if node.master.as_ref() == Some(&words[2]) => {
                Reply::Error("ERR Can't forget my master!".to_owned())
            }
            ["CLUSTER", "FORGET", _] => {
                // Whom nobody knows any more has lost its slots for them.
                own(self, &mut |node| {
                    node.known.remove(&words[2]);
                })
            }
            ["CLUSTER", "FAILOVER", "TAKEOVER"] => {
                let Some(master_id) = node.master.clone() else {
                    return Some(Reply::Error(
                        "ERR You should send CLUSTER FAILOVER to a replica".to_owned(),
                    ));
                };
                if let Some(master) = self.unit_of(&master_id) {
                    self.inherit(unit, &master, &master_id);
                }
                Reply::Value(json!("OK"))
            }
            ["CLUSTER", "REPLICATE", _] if self.unheard > 0 => {
                self.unheard -= 1;
                Reply::Error(format!("ERR Unknown node {}", words[2]))
            }
            ["CLUSTER", "REPLICATE", _] if !node.known.contains(&words[2]) => {
                Reply::Error(format!("ERR Unknown node {}", words[2]))
            }
            ["CLUSTER", "REPLICATE", _] if !node.slots.is_empty() => Reply::Error(
                "ERR To set a master the node must be empty and without assigned slots.".to_owned(),
            ),
            ["CLUSTER", "REPLICATE", _] => {
                own(self, &mut |node| node.master = Some(words[2].clone()))
            }
            ["GET" | "SET" | "INCR", ..] => {
                if !self.is_covered(unit) {
                    return Some(Reply::Error("CLUSTERDOWN The cluster is down".to_owned()));
                }
                let slot = slot(&words[1]);
                if node.slots.contains(&slot) {
                    return None;
                }
                let known = node.known.iter().filter_map(|id| self.unit_of(id));
                let mut owner = known.filter(|other| {
                    self.machines[other]
                        .node
                        .as_ref()
                        .is_some_and(|n| n.slots.contains(&slot))
                });
                let (host, port) = self.address(&owner.next().expect("it is covered"));
                Reply::Error(format!("MOVED {slot} {host}:{port}"))
            }
            _ => return None,
        })
    }

    /// `CLUSTER NODES`.
    fn table(&self, unit: &UnitName, node: &Node) -> String {
        let mut lines = Vec::new();
        for id in node.known.iter().chain([&node.id]) {
            let Some(other) = self.unit_of(id) else {
                continue;
            };
            let Some(shown) = self.machines[&other].node.as_ref() else {
                continue;
            };
            let linked = self.links(unit, id);
            let (host, port) = self.address(&other);
            let announced = self.machines[unit].settings().get("cluster-announce-port");
            let (myself, port) = match announced.and_then(|port| port.parse().ok()) {
                _ if *id != node.id => ("", port),
                // It does not notice that its port has changed.
                None | Some(0) => ("myself,", node.port),
                Some(announced) => ("myself,", announced),
            };
            let role = if shown.master.is_some() {
                "slave"
            } else {
                "master"
            };
            let fail = if linked { "" } else { ",fail" };
            let master = shown.master.clone().unwrap_or_else(|| "-".to_owned());
            let link = if linked { "connected" } else { "disconnected" };
            let bus = self.announced_bus(&other);
            let mut line =
                format!("{id} {host}:{port}@{bus} {myself}{role}{fail} {master} 0 0 1 {link}");
            for (first, last) in ranges(&shown.slots) {
                line += &if first == last {
                    format!(" {first}")
                } else {
                    format!(" {first}-{last}")
                };
            }
            lines.push(line);
        }
        for (host, port, bus) in &node.meeting {
            lines.push(format!(
                "{port:040x} {host}:{port}@{bus} handshake - 0 0 0 disconnected"
            ));
        }
        lines.join("\n") + "\n"
    }
}

fn ranges(slots: &BTreeSet<u16>) -> Vec<(u16, u16)> {
    let mut all: Vec<(u16, u16)> = Vec::new();
    for slot in slots {
        match all.last_mut() {
            Some((_, last)) if *last + 1 == *slot => *last = *slot,
            _ => all.push((*slot, *slot)),
        }
    }
    all
}
