//! Making events happen.

use std::rc::Rc;
use std::time::Duration;

use ensign_model::{Life, UnitName};
use serde_json::Value;

use super::event::Event;
use super::frame::StepKind;
use super::stage::{FlushFault, Stage};
use super::subject::What;

/// For how long Juju promises leadership, and a little more.
const PAST_PROMISE: Duration = Duration::from_secs(31);

impl Stage {
    /// Makes it happen, before that step if a hook runs. What came of it; `None` if it was not possible.
    pub(super) fn happen(self: &Rc<Self>, event: Event, step: Option<&str>) -> Option<Event> {
        if !self.is_allowed(&event) {
            return None;
        }
        let model = |work: &dyn Fn(&mut ensign_model::Model) -> bool| {
            let sim = self.sim.borrow();
            let done = work(&mut sim.model());
            drop(sim);
            done
        };
        let done = match &event {
            Event::Run { unit, inside, .. } => {
                let polled = self.sim.borrow_mut().poll_unit(unit);
                let unit = unit.clone();
                // To have been asked may start an agent's timers: that, too, is part of the script.
                let (what, inside) = match polled {
                    Some(operation) => {
                        let (inside, _) = self.operate(&operation, inside.clone());
                        (operation.name(), inside)
                    }
                    None => ("nothing to do".to_owned(), Vec::new()),
                };
                self.notice();
                return Some(Event::Run { unit, what, inside });
            }
            Event::Idle => self.sim.borrow_mut().wait_for_timer(),
            Event::Wait(seconds) => {
                self.sim.borrow_mut().advance(Duration::from_secs(*seconds));
                true
            }
            Event::Elect(unit) => self.elect(unit, step),
            Event::Expire => {
                self.count("lease expired");
                model(&|model| model.expire_lease(&self.subject.application).is_ok())
            }
            Event::Cut(unit) => {
                let done = model(&|model| model.partition(unit).is_ok());
                if done && self.notes.borrow_mut().cut.insert(unit.clone()) {
                    self.count("partition");
                }
                for frame in self.frames.borrow_mut().iter_mut() {
                    frame.severed |= done && frame.unit == *unit;
                }
                done
            }
            Event::Heal(unit) => {
                self.notes.borrow_mut().cut.remove(unit);
                model(&|model| model.heal(unit).is_ok())
            }
            Event::Restart(unit) => {
                let done = model(&|model| model.restart_agent(unit).is_ok());
                if done {
                    self.orphan(unit);
                    self.count("agent restarted");
                    self.notes.borrow_mut().cut.remove(unit);
                }
                done
            }
            Event::Lose(unit) => {
                let done = model(&|model| model.kill_unit(unit).is_ok());
                if done {
                    self.orphan(unit);
                    self.count("unit lost");
                    self.sim.borrow().lost(unit);
                    self.notes.borrow_mut().lost.insert(unit.clone());
                }
                done
            }
            Event::Add => {
                let done = model(&|model| model.add_unit(&self.subject.application).is_ok());
                if done {
                    self.count("unit added");
                }
                done
            }
            Event::Remove(unit) => {
                let done = model(&|model| model.remove_unit(unit).is_ok());
                if done && self.notes.borrow_mut().leaving.insert(unit.clone()) {
                    self.count("unit removed");
                }
                done
            }
            Event::Config(option, value) => {
                let values = [(option.clone(), value.clone())].into();
                model(&|model| model.set_config(&self.subject.application, &values).is_ok())
            }
            Event::Refresh => self.refresh(),
            Event::Migrate => self.migrate(),
            Event::Operator(name, unit) => self.operator(name, unit),
            Event::UpgradeAgents => {
                self.sim.borrow().model().upgrade_agents();
                true
            }
            Event::Refuse(unit, parts) => {
                let text = "the controller is not there";
                model(&|model| model.fail_next_flush_after(unit, *parts, text).is_ok())
                    && self.arm(unit, FlushFault::Refused(*parts))
            }
            Event::LoseAnswer(unit) => {
                model(&|model| model.lose_next_flush_answer(unit).is_ok())
                    && self.arm(unit, FlushFault::Unheard)
            }
            Event::Delay(unit) => {
                model(&|model| model.delay_next_flush(unit).is_ok())
                    && self.arm(unit, FlushFault::Delayed)
            }
            Event::Arrive(unit) => self.arrive(unit),
            Event::LoseSet(unit, applied) => {
                let done =
                    model(&|model| model.lose_next_leader_set_answer(unit, *applied).is_ok());
                if done {
                    self.count("answer of leader-set lost");
                }
                done
            }
            Event::Kill => {
                let step = step.unwrap_or("nothing");
                let what = match step {
                    "the end" => "kill while a hook ends".to_owned(),
                    step => format!("kill before {step}"),
                };
                self.count(&what);
                self.with_frame(|frame| frame.dead = true);
                true
            }
            Event::Settle => {
                self.settle();
                true
            }
        };
        self.notice();
        done.then_some(event)
    }

    fn arm(&self, unit: &UnitName, fault: FlushFault) -> bool {
        self.notes.borrow_mut().faults.insert(unit.clone(), fault);
        true
    }

    /// A flush that was under way arrives. One that another leader's commit has overtaken is too late for any protocol:
    /// Juju takes it all the same once its unit leads again, and no process of the charm runs in between.
    fn arrive(&self, unit: &UnitName) -> bool {
        let late = self.notes.borrow_mut().late.remove(unit);
        let Some(late) = late else {
            return false;
        };
        if late.deposed && self.leader().as_ref() == Some(unit) {
            return false;
        }
        let arrived = self.sim.borrow().model().deliver_late_flush(unit);
        if let Some(write) = late.write {
            self.ghost.borrow_mut().flushed(write);
        }
        if arrived == Ok(true) {
            self.count("flush late");
        }
        true
    }

    /// Looks at what may have happened by itself: another leader, another controller.
    pub(super) fn notice(&self) {
        let leader = self.leader();
        let sim = self.sim.borrow();
        let mut notes = self.notes.borrow_mut();
        if notes.leader != leader {
            for (unit, late) in &mut notes.late {
                late.deposed |= Some(unit) != leader.as_ref();
            }
            notes.leader = leader;
        }
        notes
            .late
            .retain(|unit, _| sim.model().has_late_flush(unit));
        let profile = sim.model().controller_profile();
        if notes.profile.replace(profile) != Some(profile) {
            self.count("migration");
            let readable = sim.model().everything_readable();
            let kept = |value: &str| {
                let mut lines = readable
                    .lines()
                    .filter(|line| line.starts_with("relation "));
                lines.any(|line| line.contains(value))
            };
            for watch in self.subject.watches.iter().filter(|watch| !watch.secret) {
                self.ghost.borrow_mut().left_behind(&watch.key, kept);
            }
        }
    }

    pub(super) fn count(&self, kind: &str) {
        self.counts.borrow_mut().add(kind);
    }

    /// What no Juju would do, or what no charm can be held responsible for: a unit that has lost leadership does not
    /// get it back between its last look at the clock and its next call, nor during its flush.
    fn is_allowed(&self, event: &Event) -> bool {
        let frames = self.frames.borrow();
        let within = !frames.is_empty();
        let busy = |unit: &UnitName| frames.iter().any(|frame| frame.unit == *unit);
        let fragile = frames.iter().any(|frame| frame.is_fragile());
        match event {
            Event::Run { unit, .. } => {
                let leaves = self.notes.borrow().leaving.contains(unit);
                !(busy(unit) || fragile && leaves)
            }
            Event::Elect(unit) => frames
                .iter()
                .all(|frame| frame.unit != *unit || frame.may_regain()),
            Event::Kill => frames.last().is_some_and(|frame| !frame.dead),
            Event::Settle | Event::Idle => !within,
            Event::Expire => !fragile && self.leader().is_none_or(|leader| !busy(&leader)),
            Event::Wait(_) | Event::Cut(_) | Event::Heal(_) => !fragile,
            Event::Migrate | Event::UpgradeAgents | Event::Arrive(_) => !within,
            Event::Lose(unit) | Event::Remove(unit) => !fragile && self.others_stay(unit),
            Event::Restart(_)
            | Event::Add
            | Event::Config(..)
            | Event::Refresh
            | Event::Operator(..)
            | Event::Refuse(..)
            | Event::LoseAnswer(_)
            | Event::Delay(_)
            | Event::LoseSet(..) => true,
        }
    }

    /// Whether a unit is left that will be there at the end.
    fn others_stay(&self, unit: &UnitName) -> bool {
        let status = self.sim.borrow().model().status();
        let notes = self.notes.borrow();
        status
            .applications
            .get(&self.subject.application)
            .is_some_and(|application| {
                application.units.iter().any(|other| {
                    other.unit != *unit
                        && other.life == Life::Alive
                        && !notes.lost.contains(&other.unit)
                })
            })
    }

    fn orphan(&self, unit: &UnitName) {
        for frame in self.frames.borrow_mut().iter_mut() {
            if frame.unit == *unit {
                frame.dead = true;
                frame.orphaned = true;
            }
        }
    }

    fn elect(&self, unit: &UnitName, step: Option<&str>) -> bool {
        let before = self.leader();
        if before.as_ref() == Some(unit) {
            return false;
        }
        // Until then Juju has promised that nobody else leads.
        let now = self.now();
        let promised = self
            .frames
            .borrow()
            .iter()
            .filter_map(|frame| {
                let concerned = Some(&frame.unit) == before.as_ref() || frame.unit == *unit;
                frame.promised.filter(|_| concerned && !frame.dead)
            })
            .max();
        if let Some(promised) = promised {
            let left = (promised + PAST_PROMISE).saturating_sub(now);
            self.sim.borrow_mut().advance(left);
        }
        if self.sim.borrow().model().force_leader(unit).is_err() {
            return false;
        }
        self.break_word(before.as_ref());
        let mut regained = false;
        for frame in self.frames.borrow_mut().iter_mut() {
            if Some(&frame.unit) == before.as_ref() {
                frame.deposed = true;
            }
            if frame.unit == *unit && !frame.dead {
                frame.deposed = true;
                regained |= frame.promised.is_some();
            }
        }
        if regained {
            self.count("leadership regained within a hook");
        }
        match step {
            None => self.count("election between hooks"),
            Some("the end") => self.count("election while a hook ends"),
            Some(_) if self.is_at(StepKind::Write) => {
                self.count("election before a write to the disk");
            }
            Some(step) => self.count(&format!("election before {step}")),
        }
        true
    }

    /// Juju's word outlasts the context that it was given to, but to save time elections keep it to running ones only.
    /// Where another unit has led too early, the former leader may take for lost what was put back.
    fn break_word(&self, before: Option<&UnitName>) {
        let notes = self.notes.borrow();
        let told = before.and_then(|unit| Some((unit, *notes.promised.get(unit)?)));
        if let Some((unit, promised)) = told
            && self.now() < promised + PAST_PROMISE
        {
            self.ghost.borrow_mut().unsure(unit);
        }
    }

    fn refresh(&self) -> bool {
        let mut notes = self.notes.borrow_mut();
        notes.builds += 1;
        let charm = self
            .subject
            .charm
            .clone()
            .rebuilt(&format!("build-{}", notes.builds));
        let done = self
            .sim
            .borrow_mut()
            .upgrade(&self.subject.application, &charm, true)
            .is_ok();
        if done {
            self.count("charm refreshed");
        }
        done
    }

    fn migrate(&self) -> bool {
        let sim = self.sim.borrow();
        let from = sim.model().controller_profile().differences();
        if from.leader_settings {
            let to = ensign_model::Profile::V4_0;
            sim.model().upgrade_controller(to);
        }
        from.leader_settings
    }

    fn operator(&self, name: &str, unit: &UnitName) -> bool {
        let Some(step) = self.subject.steps.iter().find(|step| step.name == name) else {
            return false;
        };
        let mut notes = self.notes.borrow_mut();
        notes.values += 1;
        let value = format!("value-{:08}", notes.values);
        let sim = self.sim.borrow();
        let (kind, queued) = match &step.what {
            What::Exec(commands) => {
                let commands = commands.replace("{value}", &value);
                ("commands", sim.model().exec(unit, &commands))
            }
            What::Action { name, params } => {
                let mut params = params.clone();
                for param in params.values_mut() {
                    if let Value::String(text) = param {
                        *text = text.replace("{value}", &value);
                    }
                }
                ("action", sim.model().run_action(unit, name, params))
            }
        };
        let Ok(id) = queued else {
            return false;
        };
        notes.operators.insert(id, step.revokes);
        drop(notes);
        self.count(kind);
        true
    }
}
