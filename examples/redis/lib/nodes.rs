//! What a node knows of its cluster: `CLUSTER NODES`.

use interface_redis::Address;

/// How many slots a cluster has.
pub const SLOTS: u16 = 16_384;

/// A node, as another one sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub id: String,
    pub address: Option<Address>,
    pub is_self: bool,
    /// It is gone, as far as the others can tell.
    pub has_failed: bool,
    /// It is there, and known for certain.
    pub is_linked: bool,
    /// Whom it follows.
    pub master: Option<String>,
    /// Looked at in every hook of the leader, all 16,384 of them: a list is made in no time.
    pub slots: Vec<u16>,
}

/// Every line is a node; what is none is passed over.
pub fn nodes(lines: &[String]) -> Vec<Node> {
    lines.iter().filter_map(|line| node(line)).collect()
}

fn node(line: &str) -> Option<Node> {
    let mut words = line.split(' ');
    let id = words.next()?.to_owned();
    let address = words.next()?.split(['@', ',']).next()?.parse().ok();
    let flags: Vec<&str> = words.next()?.split(',').collect();
    let master = Some(words.next()?.to_owned()).filter(|id| id != "-");
    let link = words.nth(3)?;
    let mut slots = Vec::new();
    // Slots that are on their way stand in brackets.
    for range in words.filter(|word| !word.starts_with('[')) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        slots.extend(first.parse::<u16>().ok()?..=last.parse().ok()?);
    }
    Some(Node {
        id,
        address,
        is_self: flags.contains(&"myself"),
        has_failed: flags.contains(&"fail"),
        is_linked: link == "connected"
            && !flags
                .iter()
                .any(|flag| ["handshake", "noaddr", "fail?"].contains(flag)),
        master,
        slots,
    })
}

/// Where the nodes are that are there.
pub fn hosts(nodes: &[Node]) -> String {
    let there = nodes.iter().filter(|node| !node.has_failed);
    let mut hosts: Vec<&str> = there
        .filter_map(|node| Some(node.address.as_ref()?.host.as_str()))
        .collect();
    hosts.sort_unstable();
    hosts.join(" ")
}

/// Slots as `ADDSLOTSRANGE` takes them.
pub fn ranges(slots: &[u16]) -> String {
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for slot in slots {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *slot => *last = *slot,
            _ => ranges.push((*slot, *slot)),
        }
    }
    let words: Vec<_> = ranges
        .iter()
        .map(|(first, last)| format!("{first} {last}"))
        .collect();
    words.join(" ")
}
