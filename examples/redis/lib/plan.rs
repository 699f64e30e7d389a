//! What a cluster needs next, out of what is there: nothing here is done, only said.

use interface_redis::Address;

use super::nodes::{Node, SLOTS};

/// From how many nodes on every second one is a replica.
const REPLICATED: usize = 6;
const FEWEST: usize = 3;

/// The next thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Meet(Vec<Address>),
    /// Every node is to forget it.
    Forget(String),
    /// Something is under way, or about to be found out.
    Wait,
    /// These slots are nobody's.
    Assign(Vec<(Address, Vec<u16>)>),
    /// The node at this address is to follow that one.
    Follow(Address, String),
    /// The node at this address is to take the place of its primary, without a vote.
    TakeOver(Address),
    /// Slots move: weights by node.
    Balance(Vec<(String, u8)>),
    /// Nothing, until something happens; what to say.
    Rest(Rest),
}

/// Why nothing is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Rest {
    Good {
        primaries: usize,
        replicas: usize,
    },
    TooFew(usize),
    Leaving(String),
    /// Slots are lost with the server there.
    Lost(String),
}

/// What the cluster of these nodes needs to become that of these members, while so many more are `coming`.
pub fn next(nodes: &[Node], members: &[Address], coming: usize) -> Step {
    meet(nodes, members)
        .or_else(|| part(nodes, members))
        .or_else(|| wait(nodes))
        .unwrap_or_else(|| arrange(nodes, coming))
}

/// What is to be done where nodes are lost whose units have been removed: no fewer nodes are there than units.
pub fn without_lost(nodes: &[Node], units: usize) -> Option<Step> {
    let there = nodes.iter().filter(|node| !node.has_failed);
    let there: Vec<Address> = there.filter_map(|node| node.address.clone()).collect();
    let step = next(nodes, &there, 0);
    (there.len() >= units && matches!(step, Step::Forget(_) | Step::Assign(_) | Step::TakeOver(_)))
        .then_some(step)
}

/// By their hosts: word of a new port comes from its unit at another time than from its node.
fn is_at(node: &Node, member: &Address) -> bool {
    let at = node.address.as_ref();
    at.is_some_and(|address| address.host == member.host)
}

fn shown(node: &Node) -> String {
    let at = node.address.as_ref();
    at.map_or_else(|| node.id.clone(), ToString::to_string)
}

/// Members that this unit's node does not know yet.
fn meet(nodes: &[Node], members: &[Address]) -> Option<Step> {
    let is_known = |member: &&Address| nodes.iter().any(|node| is_at(node, member));
    let strangers = members.iter().filter(|member| !is_known(member));
    let strangers: Vec<Address> = strangers.cloned().collect();
    let own = nodes.iter().find(|node| node.is_self)?;
    (!strangers.is_empty() && own.address.is_some()).then_some(Step::Meet(strangers))
}

/// Nodes that are no members any more. Those that are gone first: who leaves cannot hand slots over while others are
/// nobody's.
fn part(nodes: &[Node], members: &[Address]) -> Option<Step> {
    let is_member = |node: &Node| node.is_self || members.iter().any(|m| is_at(node, m));
    let nobody_votes = has_no_majority(nodes);
    let is_gone =
        |node: &Node| node.has_failed || nobody_votes && !node.is_linked && !node.slots.is_empty();
    let leaving = || nodes.iter().filter(|node| !is_member(node));
    let gone = leaving().find(|node| is_gone(node));
    let empty = || leaving().find(|node| node.slots.is_empty());
    let node = gone.or_else(empty).or_else(|| leaving().next())?;
    let heir = heir(node, nodes).filter(|_| is_gone(node) && !node.slots.is_empty());
    Some(if let Some(heir) = heir {
        let at = heir.address.clone().filter(|_| nobody_votes);
        at.map_or(Step::Wait, Step::TakeOver)
    } else if is_gone(node) || node.slots.is_empty() && node.is_linked {
        Step::Forget(node.id.clone())
    } else if node.is_linked {
        let masters = |node: &&Node| is_member(node) && node.is_linked && node.master.is_none();
        let masters: Vec<&Node> = nodes.iter().filter(masters).collect();
        assign(nodes, &masters).unwrap_or_else(|| Step::Rest(Rest::Leaving(shown(node))))
    } else {
        Step::Wait
    })
}

/// A replica that can take its place.
fn heir<'a>(node: &Node, nodes: &'a [Node]) -> Option<&'a Node> {
    let mut heirs = nodes.iter().filter(|other| other.is_linked);
    heirs.find(|other| other.master.as_ref() == Some(&node.id))
}

/// Whether those that vote and are there are no majority: then nobody is declared lost any more, and no replica is voted for.
fn has_no_majority(nodes: &[Node]) -> bool {
    let voters = || nodes.iter().filter(|node| !node.slots.is_empty());
    let there = voters().filter(|node| node.is_linked);
    voters().count() > 0 && 2 * there.count() <= voters().count()
}

/// Something is under way, or slots are lost.
fn wait(nodes: &[Node]) -> Option<Step> {
    let is_known = |node: &Node| node.is_linked && node.address.is_some();
    if !nodes.iter().all(|node| node.has_failed || is_known(node)) {
        return Some(Step::Wait);
    }
    let is_lost = |node: &&Node| node.has_failed && !node.slots.is_empty();
    let lost = nodes.iter().find(is_lost)?;
    Some(match heir(lost, nodes) {
        Some(_) => Step::Wait,
        None => Step::Rest(Rest::Lost(shown(lost))),
    })
}

/// Who has slots, and who follows whom. Slots are not moved to a node that is to be a replica once all are there.
fn arrange(nodes: &[Node], coming: usize) -> Step {
    let live: Vec<&Node> = nodes.iter().filter(|node| !node.has_failed).collect();
    let formed = live.iter().any(|node| !node.slots.is_empty());
    if live.len() < FEWEST && !formed {
        return Step::Rest(Rest::TooFew(FEWEST - live.len()));
    }
    let limit = match live.len() + coming {
        all if all < REPLICATED => live.len(),
        all => (all / 2).min(live.len()),
    };
    let alone = live.iter().copied().filter(|node| node.master.is_none());
    let mut masters: Vec<&Node> = alone.collect();
    masters.sort_by_key(|node| (std::cmp::Reverse(node.slots.len()), node.address.clone()));
    let spare = masters.split_off(limit.min(masters.len()));
    if masters.is_empty() {
        return Step::Wait;
    }
    let good = Rest::Good {
        primaries: masters.len(),
        replicas: live.len() - masters.len(),
    };
    assign(&live, &masters)
        .or_else(|| follow(&live, &masters, &spare))
        .or_else(|| balance(&masters, &spare))
        .unwrap_or(Step::Rest(good))
}

/// What is nobody's goes to these in equal parts.
fn assign<N: std::borrow::Borrow<Node>>(nodes: &[N], masters: &[&Node]) -> Option<Step> {
    let mut owned = vec![false; usize::from(SLOTS)];
    for slot in nodes.iter().flat_map(|node| &node.borrow().slots) {
        if let Some(owned) = owned.get_mut(usize::from(*slot)) {
            *owned = true;
        }
    }
    let free: Vec<u16> = (0..SLOTS)
        .zip(owned)
        .filter(|(_, owned)| !owned)
        .map(|(slot, _)| slot)
        .collect();
    if free.is_empty() || masters.is_empty() {
        return None;
    }
    let share = free.len().div_ceil(masters.len());
    let to = masters.iter().filter_map(|node| node.address.clone());
    let parts = to.zip(free.chunks(share).map(<[u16]>::to_vec));
    Some(Step::Assign(parts.collect()))
}

/// An empty node that is one too many becomes a replica, of who has the fewest.
fn follow(live: &[&Node], masters: &[&Node], spare: &[&Node]) -> Option<Step> {
    let replicas = |master: &&&Node| {
        let follows = |node: &&&Node| node.master.as_ref() == Some(&master.id);
        live.iter().filter(follows).count()
    };
    let empty = spare.iter().find(|node| node.slots.is_empty())?;
    let master = masters.iter().min_by_key(replicas)?;
    Some(Step::Follow(empty.address.clone()?, master.id.clone()))
}

/// All have as many slots, and who is one too many has none.
fn balance(masters: &[&Node], spare: &[&Node]) -> Option<Step> {
    let even = usize::from(SLOTS) / masters.len();
    // `redis-cli` moves nothing for less than two per cent.
    let is_uneven = |node: &&Node| node.slots.len().abs_diff(even) > even / 25;
    if spare.is_empty() && !masters.iter().any(is_uneven) {
        return None;
    }
    let weighed = masters.iter().map(|node| (node.id.clone(), 1));
    let emptied = spare.iter().map(|node| (node.id.clone(), 0));
    Some(Step::Balance(weighed.chain(emptied).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u16) -> Address {
        Address::new(format!("10.0.0.{number}"), 6379)
    }

    fn node(number: u16, slots: std::ops::Range<u16>) -> Node {
        Node {
            id: number.to_string(),
            address: Some(address(number)),
            is_self: number == 1,
            has_failed: false,
            is_linked: true,
            master: None,
            slots: slots.collect(),
        }
    }

    fn replica(number: u16, master: u16) -> Node {
        Node {
            master: Some(master.to_string()),
            ..node(number, 0..0)
        }
    }

    fn failed(node: Node) -> Node {
        Node {
            has_failed: true,
            is_linked: false,
            ..node
        }
    }

    fn three() -> Vec<Node> {
        vec![
            node(1, 0..5462),
            node(2, 5462..10923),
            node(3, 10923..SLOTS),
        ]
    }

    /// All members are there.
    fn next(nodes: &[Node], members: &[Address]) -> Step {
        super::next(nodes, members, 0)
    }

    fn members(numbers: impl IntoIterator<Item = u16>) -> Vec<Address> {
        numbers.into_iter().map(address).collect()
    }

    #[test]
    fn a_cluster_is_formed_of_three_and_not_of_two() {
        let met = Step::Meet(members([2, 3]));
        assert_eq!(next(&[node(1, 0..0)], &members([1, 2, 3])), met);
        let two = [node(1, 0..0), node(2, 0..0)];
        assert_eq!(next(&two, &members([1, 2])), Step::Rest(Rest::TooFew(1)));
        let empty: Vec<Node> = (1..4).map(|n| node(n, 0..0)).collect();
        let Step::Assign(parts) = next(&empty, &members(1..4)) else {
            panic!("slots have to be assigned");
        };
        let all: usize = parts.iter().map(|(_, slots)| slots.len()).sum();
        assert_eq!((parts.len(), all), (3, usize::from(SLOTS)));
        let good = Rest::Good {
            primaries: 3,
            replicas: 0,
        };
        assert_eq!(next(&three(), &members(1..4)), Step::Rest(good));
    }

    #[test]
    fn below_six_a_new_node_gets_slots_and_from_six_on_it_follows() {
        let mut nodes = three();
        nodes.push(node(4, 0..0));
        let weights = (1..5).map(|n: u16| (n.to_string(), 1)).collect();
        assert_eq!(next(&nodes, &members(1..5)), Step::Balance(weights));
        nodes.extend([replica(5, 1), replica(6, 2)]);
        let third = Step::Follow(address(4), "3".to_owned());
        assert_eq!(next(&nodes, &members(1..7)), third);
    }

    #[test]
    fn no_slots_move_to_a_node_that_will_be_a_replica_when_all_are_there() {
        let mut nodes = three();
        nodes.push(node(4, 0..0));
        let Step::Follow(of_four, _) = super::next(&nodes, &members(1..5), 2) else {
            panic!("the fourth of six is a replica");
        };
        assert_eq!(of_four, address(4));
        let weights = (1..5).map(|n: u16| (n.to_string(), 1)).collect();
        let of_eight = super::next(&nodes, &members(1..5), 4);
        assert_eq!(of_eight, Step::Balance(weights));
    }

    #[test]
    fn a_node_with_slots_that_is_too_many_gives_them_away_first() {
        let fifth = SLOTS / 5;
        let mut nodes: Vec<Node> = (0..5)
            .map(|n| {
                node(
                    n + 1,
                    n * fifth..if n == 4 { SLOTS } else { (n + 1) * fifth },
                )
            })
            .collect();
        nodes.push(replica(6, 1));
        let Step::Balance(weights) = next(&nodes, &members(1..7)) else {
            panic!("slots have to move");
        };
        let empty = weights.iter().filter(|(_, weight)| *weight == 0).count();
        assert_eq!((weights.len(), empty), (5, 2));
    }

    #[test]
    fn who_leaves_is_waited_for_and_who_is_gone_is_forgotten() {
        let mut nodes = three();
        nodes.push(node(4, 0..0));
        let forgotten = Step::Forget("4".to_owned());
        assert_eq!(next(&nodes, &members(1..4)), forgotten);
        let leaving = Step::Rest(Rest::Leaving("10.0.0.3:6379".to_owned()));
        assert_eq!(next(&three(), &members(1..3)), leaving);
        let mut nodes = three();
        nodes[2] = failed(node(3, 10923..SLOTS));
        let lost = Step::Rest(Rest::Lost("10.0.0.3:6379".to_owned()));
        assert_eq!(next(&nodes, &members(1..4)), lost);
        assert_eq!(next(&nodes, &members(1..3)), Step::Forget("3".to_owned()));
        nodes.push(replica(4, 3));
        assert_eq!(next(&nodes, &members([1, 2, 4])), Step::Wait);
        // Of two out of three primaries nobody says for certain that they are gone.
        let silent = |node: Node| Node {
            has_failed: false,
            ..failed(node)
        };
        nodes[1] = silent(node(2, 5462..10923));
        nodes[2] = silent(node(3, 10923..SLOTS));
        let taken = Step::TakeOver(address(4));
        assert_eq!(next(&nodes, &members([1, 2, 4])), taken);
        assert_eq!(
            next(&nodes, &members([1, 3, 4])),
            Step::Forget("2".to_owned())
        );
    }

    #[test]
    fn who_leaves_waits_until_no_slot_is_nobodys() {
        let mut nodes = three();
        nodes[1] = failed(node(2, 5462..10923));
        // The first of those that leave is not the one that is gone.
        nodes.reverse();
        let stay = members([1]);
        assert_eq!(next(&nodes, &stay), Step::Forget("2".to_owned()));
        nodes.remove(1);
        let Step::Assign(parts) = next(&nodes, &stay) else {
            panic!("slots that are nobody's have to be assigned");
        };
        assert_eq!(parts, [(address(1), (5462..10923).collect())]);
        nodes[1].slots.extend(5462..10923);
        let leaving = Step::Rest(Rest::Leaving("10.0.0.3:6379".to_owned()));
        assert_eq!(next(&nodes, &stay), leaving);
    }

    #[test]
    fn who_has_another_port_is_no_other_node() {
        let mut nodes = three();
        nodes.push(node(4, 0..0));
        let moved: Vec<Address> = (1..5)
            .map(|n| Address::new(format!("10.0.0.{n}"), 6400))
            .collect();
        let good = Rest::Good {
            primaries: 4,
            replicas: 0,
        };
        let weights = (1..5).map(|n: u16| (n.to_string(), 1)).collect();
        assert_eq!(next(&nodes, &moved), Step::Balance(weights));
        let quarter = SLOTS / 4;
        let even: Vec<Node> = (0..4)
            .map(|n| node(n + 1, n * quarter..(n + 1) * quarter))
            .collect();
        assert_eq!(next(&even, &moved), Step::Rest(good));
    }
}
