//! The calm after the storm: everything comes to rest, and is looked at.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ensign_model::{Operation, Unsettled};

use super::invariants::{self, Settled};
use super::stage::Stage;
use super::violation::Violation;

/// More operations than any sane charm needs to come to rest.
const ENOUGH: usize = 600;

/// After how many operations, in all of which some hook was in error, an operator looks what is wrong.
const PATIENCE: usize = 30;

/// `update-status` of every unit, so often at most, until one finds nothing to do.
const ROUNDS: usize = 6;

impl Stage {
    /// Heals everything, lets everything come to rest, and checks.
    pub(super) fn settle(self: &Rc<Self>) {
        self.calm.set(true);
        self.notes.borrow_mut().late.clear();
        self.heal_all();
        self.rest_and_check();
        if !self.is_over() && self.remove_lost() {
            self.rest_and_check();
        }
        self.calm.set(false);
    }

    fn rest_and_check(self: &Rc<Self>) {
        if self.come_to_rest().is_some()
            && let Some(settled) = self.quiet_rounds()
        {
            self.check(invariants::all(&settled, &mut self.ghost.borrow_mut()));
            if let Some(Err(wrong)) = self.right.as_ref().map(|right| right(&self.sim.borrow())) {
                self.fail(Violation::new("machines are right", wrong));
            }
            self.ghost.borrow_mut().forget_attempts();
            self.notes.borrow_mut().arguments.clear();
        }
    }

    /// What an operator does about units that are lost, of a charm that needs it; whether there are such.
    fn remove_lost(&self) -> bool {
        if !self.subject.lost_are_removed {
            return false;
        }
        let lost = std::mem::take(&mut self.notes.borrow_mut().lost);
        let sim = self.sim.borrow();
        let mut removed = false;
        for unit in lost {
            removed |= sim.model().remove_unit_forced(&unit).is_ok();
        }
        if removed {
            self.count("lost unit removed");
        }
        removed
    }

    /// A hook has failed, and is to be tried again.
    fn is_in_error(&self) -> bool {
        let settled = self.sim.borrow().model().settled();
        let ensign_model::Settled::No(reasons) = settled else {
            return false;
        };
        let failed = |reason: &Unsettled| matches!(reason, Unsettled::InError(..));
        reasons.iter().any(failed)
    }

    fn heal_all(&self) {
        if self.agents_are_behind() {
            self.sim.borrow().model().upgrade_agents();
        }
        let cut = std::mem::take(&mut self.notes.borrow_mut().cut);
        for unit in cut {
            // It may be gone by now, or restarted.
            if self.sim.borrow().model().heal(&unit).is_err() {
                continue;
            }
        }
    }

    /// Whether the agents are behind their controller.
    fn agents_are_behind(&self) -> bool {
        let sim = self.sim.borrow();
        let model = sim.model();
        model.config().profile != model.controller_profile()
    }

    fn come_to_rest(self: &Rc<Self>) -> Option<()> {
        let mut in_error = 0;
        for _ in 0..ENOUGH {
            let next = self.sim.borrow_mut().poll();
            if let Some(operation) = next {
                self.operate(&operation, Vec::new());
                in_error = if self.is_in_error() { in_error + 1 } else { 0 };
                if in_error > PATIENCE {
                    self.remove_lost();
                }
                if self.is_over() {
                    return None;
                }
            } else if self.sim.borrow().model().settled().is_settled() {
                return Some(());
            } else if !self.sim.borrow_mut().wait_for_timer() {
                break;
            }
        }
        let why = format!("{:?}", self.sim.borrow().model().settled());
        self.fail(Violation::new("comes to rest", why));
        None
    }

    /// Lets every unit run `update-status` until one round changes nothing.
    fn quiet_rounds(self: &Rc<Self>) -> Option<Settled> {
        let mut wrote = Vec::new();
        for _ in 0..ROUNDS {
            self.sim.borrow_mut().advance(Duration::from_secs(400));
            wrote.clear();
            let mut settled = Settled::default();
            for _ in 0..ENOUGH {
                let next = self.sim.borrow_mut().poll();
                let Some(operation) = next else {
                    break;
                };
                let values = self.operate_and_look(&operation, &mut settled, &mut wrote);
                if self.is_over() {
                    return None;
                }
                if let Some(values) = values {
                    settled.views.insert(operation.unit.clone(), values);
                }
            }
            if wrote.is_empty() {
                self.look_around(&mut settled);
                return Some(settled);
            }
        }
        self.fail(Violation::new("settled is quiet", wrote.join(", ")));
        None
    }

    fn operate_and_look(
        self: &Rc<Self>,
        operation: &Operation,
        settled: &mut Settled,
        wrote: &mut Vec<String>,
    ) -> Option<BTreeMap<String, String>> {
        self.look_at_end.set(true);
        let (_, frame) = self.operate(operation, Vec::new());
        self.look_at_end.set(false);
        if !self.is_subject(&operation.unit) {
            return None;
        }
        settled.asked |= frame.leads.is_some();
        if frame.leads == Some(true) {
            settled.led.push(operation.unit.clone());
        }
        let line = |step: &String| format!("{} {}: {step}", operation.unit, operation.name());
        wrote.extend(frame.wrote.iter().map(line));
        self.looked_at.borrow_mut().take()
    }

    fn look_around(&self, settled: &mut Settled) {
        let sim = self.sim.borrow();
        let notes = self.notes.borrow();
        settled.holder = sim.model().leader(&self.subject.application).cloned();
        settled.live = sim.live(&self.subject.application);
        settled.watches.clone_from(&self.subject.watches);
        for watch in &self.subject.watches {
            for path in &watch.files {
                for unit in &settled.live {
                    let text = sim.disk(unit).text(path);
                    settled.files.insert((unit.clone(), path.clone()), text);
                }
            }
        }
        for unit in &settled.live {
            let disk = sim.disk(unit);
            for path in disk.paths() {
                if path.components().any(|part| part.as_os_str() == ".ensign")
                    && let Some(text) = disk.text(&path)
                {
                    settled
                        .open_texts
                        .push((format!("{unit} {}", path.display()), text));
                }
            }
        }
        settled
            .open_texts
            .push(("Juju".to_owned(), sim.model().everything_readable()));
        sim.model().drain_log();
        for line in &notes.arguments {
            settled
                .open_texts
                .push(("a command line".to_owned(), line.clone()));
        }
    }

    /// The leader's values as a process of this operation would read them now, in a copy of model and machine.
    pub(super) fn values_in_a_copy(
        &self,
        operation: &Operation,
    ) -> Option<BTreeMap<String, String>> {
        let sim = self.sim.borrow();
        let model = Rc::new(RefCell::new(sim.model().clone()));
        let machine = sim.machine(&operation.unit)?.copied();
        let workload = sim.workload_copied();
        let host = sim.host_in(&model, &workload, operation, &machine).ok()?;
        let all = ["leader_get".to_owned()];
        let spoken = ensign::charms_reactive(host, &machine.charm.registry, &all).ok()?;
        serde_json::from_str(&spoken.stdout).ok()
    }
}
