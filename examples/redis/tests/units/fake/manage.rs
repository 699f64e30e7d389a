//! What `redis-cli --cluster` does.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;
use std::rc::Rc;

use ensign_testing::{UnitName, exited};

use super::Inner;
use super::cluster::{SLOTS, slot};

impl Inner {
    pub(super) fn manage(
        &mut self,
        unit: &UnitName,
        command: &str,
        words: &[&str],
        password: &str,
    ) -> Output {
        let refused = |text: &str| exited(1, format!("{text}\n"), "");
        let Some(node) = self.node(unit).cloned() else {
            return refused("[ERR] Node 127.0.0.1 is not configured as a cluster node.");
        };
        if !self
            .server(unit)
            .is_some_and(|server| server.admits(password))
        {
            return refused("NOAUTH Authentication required.");
        }
        if self.breaks() {
            return refused("Could not connect to Redis: Connection reset by peer");
        }
        if self.hangs > 0 {
            assert_eq!(command, "check", "nobody waits half an hour");
            self.hangs -= 1;
            return exited(124, "", "");
        }
        let ids: Vec<String> = node
            .known
            .iter()
            .chain([&node.id])
            .filter(|id| self.links(unit, id))
            .cloned()
            .collect();
        let units: Vec<UnitName> = ids.iter().filter_map(|id| self.unit_of(id)).collect();
        // Each is asked with the same password; who does not take it is as good as not there.
        let is_silent = |unit: &UnitName| {
            let server = self.server(unit);
            self.loading.contains(unit) || server.is_none_or(|server| !server.admits(password))
        };
        let (silent, units): (Vec<UnitName>, Vec<UnitName>) =
            units.into_iter().partition(is_silent);
        let unreachable = !silent.is_empty() || node.known.iter().any(|id| !self.links(unit, id));
        if command == "fix" {
            if unreachable && !words.contains(&"--cluster-fix-with-unreachable-masters") {
                return refused("*** Fixing open slots with 1 unreachable masters is dangerous");
            }
            for unit in &units {
                if let Some(node) = self.node_mut(unit) {
                    node.open = None;
                }
            }
            // What nobody has who can be reached is given to one of the others.
            for unit in &silent {
                let taken = self
                    .node_mut(unit)
                    .map(|node| std::mem::take(&mut node.slots));
                if taken.is_some_and(|slots| !slots.is_empty()) {
                    let line = format!("the slots of {unit} are taken from it with their keys");
                    self.alarms.push(line);
                }
            }
        }
        if !silent.is_empty() {
            return refused("[ERR] Not all 16384 slots are covered by nodes.");
        }
        let with_slots = |unit: &UnitName| {
            let node = self.node(unit)?;
            let ids = node.known.iter().chain([&node.id]);
            let has_slots = |id: &&String| {
                let node = self.unit_of(id).and_then(|unit| self.node(&unit));
                node.is_some_and(|node| !node.slots.is_empty())
            };
            Some(ids.filter(has_slots).collect::<BTreeSet<_>>())
        };
        let mine = with_slots(unit);
        if units.iter().any(|unit| with_slots(unit) != mine) {
            return refused("[ERR] Nodes don't agree about configuration!");
        }
        if units
            .iter()
            .any(|unit| self.node(unit).is_some_and(|node| node.open.is_some()))
        {
            return refused("*** Please fix your cluster problems before rebalancing");
        }
        if !self.is_covered(unit) {
            return refused("[ERR] Not all 16384 slots are covered by nodes.");
        }
        if command == "rebalance" {
            return self.rebalance(&units, words);
        }
        exited(0, "[OK] All 16384 slots covered.\n", "")
    }

    fn rebalance(&mut self, units: &[UnitName], words: &[&str]) -> Output {
        let weights: BTreeMap<&str, usize> = words
            .iter()
            .filter_map(|word| word.split_once('='))
            .map(|(id, weight)| (id, weight.parse().expect("a weight")))
            .collect();
        let mut masters: Vec<(UnitName, usize)> = Vec::new();
        for unit in units {
            let node = self.node(unit).expect("a node");
            if node.master.is_none() {
                masters.push((unit.clone(), *weights.get(node.id.as_str()).unwrap_or(&1)));
            }
        }
        let total: usize = masters.iter().map(|(_, weight)| weight).sum();
        if total == 0 {
            return exited(1, "*** No rebalancing needed\n", "");
        }
        let all = usize::from(SLOTS);
        let mut spare: Vec<(u16, UnitName)> = Vec::new();
        for (unit, weight) in &masters {
            let share = (all * weight).div_ceil(total);
            let slots = &self.node(unit).expect("a node").slots;
            spare.extend(slots.iter().skip(share).map(|slot| (*slot, unit.clone())));
        }
        self.reshards += 1;
        let stumbles =
            self.stumbles > 0 && self.reshards.is_multiple_of(self.stumbles) && !spare.is_empty();
        if stumbles {
            let (slot, from) = spare[spare.len() / 2].clone();
            spare.truncate(spare.len() / 2);
            self.node_mut(&from).expect("a node").open = Some(slot);
        }
        for (to, weight) in &masters {
            let share = (all * weight).div_ceil(total);
            while self.node(to).expect("a node").slots.len() < share {
                let Some((slot, from)) = spare.pop() else {
                    break;
                };
                self.carry(slot, &from, to);
            }
        }
        exited(u8::from(stumbles), "Moving slots\n", "")
    }

    /// A slot and its keys.
    fn carry(&mut self, moved: u16, from: &UnitName, to: &UnitName) {
        let leaves = self.node_mut(from).expect("a node");
        Rc::make_mut(&mut leaves.slots).remove(&moved);
        let gets = self.node_mut(to).expect("a node");
        Rc::make_mut(&mut gets.slots).insert(moved);
        let data = self
            .server(from)
            .map(|server| server.data.clone())
            .unwrap_or_default();
        for (key, value) in data.into_iter().filter(|(key, _)| slot(key) == moved) {
            self.server_mut(from).expect("it runs").data.remove(&key);
            self.server_mut(to)
                .expect("it runs")
                .data
                .insert(key, value);
        }
    }
}
