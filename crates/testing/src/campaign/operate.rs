//! Running one operation: its processes, and what becomes of what they wrote.

use std::collections::BTreeMap;
use std::rc::Rc;

use ensign::dispatch::Silent;
use ensign::host::Host;
use ensign_model::{Exit, Operation, OperationKind, Outcome};

use super::event::Inside;
use super::frame::{Frame, StepKind};
use super::ghost::Fate;
use super::ports::{StagedDisk, StagedPrograms, StagedTools};
use super::seams::Process;
use super::stage::Stage;
use super::violation::Violation;
use crate::sim::Machine;

impl Stage {
    /// Runs the operation to its end, with what the script wants to happen meanwhile; returns what did.
    pub(super) fn operate(
        self: &Rc<Self>,
        operation: &Operation,
        script: Vec<Inside>,
    ) -> (Vec<Inside>, Frame) {
        let operator = match &operation.kind {
            OperationKind::Action { id, .. } | OperationKind::Commands { id, .. } => {
                self.notes.borrow().operators.get(id).copied()
            }
            _ => None,
        };
        let mut frame = Frame::new(&operation.unit, script, operator);
        frame.landed = self.ghost.borrow().landed();
        self.frames.borrow_mut().push(frame);
        let exit = self.processes(operation);
        let frame = self.end(operation, exit);
        (frame.recorded.clone(), frame)
    }

    fn processes(self: &Rc<Self>, operation: &Operation) -> Exit {
        if matches!(operation.kind, OperationKind::Deploy { .. }) {
            self.sim.borrow_mut().unpack(&operation.unit);
            return Exit::Code(0);
        }
        self.hooks.set(self.hooks.get() + 1);
        let Some(machine) = self.sim.borrow().machine(&operation.unit) else {
            return Exit::Missing;
        };
        let exit = match &operation.kind {
            OperationKind::Commands { commands, .. } => {
                self.commands(operation, &machine, commands)
            }
            _ => self.hook(operation, &machine),
        };
        if self.is_dead() {
            return Exit::Signal(9);
        }
        if self.moment(StepKind::End, "the end") {
            exit
        } else {
            Exit::Signal(9)
        }
    }

    fn hook(self: &Rc<Self>, operation: &Operation, machine: &Machine) -> Exit {
        let Some(host) = self.host(operation, machine, 0) else {
            return Exit::Code(1);
        };
        let ended = ensign::run::hook(host, &machine.charm.registry, &mut Silent);
        Exit::Code(i32::from(!ended.succeeded()))
    }

    /// What `bash` would do with the commands, as far as `;` and `&&` go.
    fn commands(self: &Rc<Self>, operation: &Operation, machine: &Machine, commands: &str) -> Exit {
        let mut code = 0;
        for (number, command) in commands.split([';', '\n']).enumerate() {
            for part in command.split("&&") {
                let words: Vec<String> = part.split_whitespace().map(str::to_owned).collect();
                let Some(arguments) = words.strip_prefix(&["charms.reactive".to_owned()]) else {
                    continue;
                };
                let Some(host) = self.host(operation, machine, number) else {
                    return Exit::Code(1);
                };
                let spoken = ensign::charms_reactive(host, &machine.charm.registry, arguments);
                code = spoken.map_or(1, |spoken| i32::from(spoken.code));
                if self.revive() {
                    code = 137;
                }
                if code != 0 {
                    // The shell goes on after `;`, and says in the end how the last command went.
                    self.with_frame(|frame| frame.cut_short = true);
                    break;
                }
            }
            if self
                .frames
                .borrow()
                .last()
                .is_some_and(|frame| frame.orphaned)
            {
                return Exit::Signal(9);
            }
        }
        Exit::Code(code)
    }

    /// A command was killed; its shell goes on.
    fn revive(&self) -> bool {
        let mut frames = self.frames.borrow_mut();
        let Some(frame) = frames.last_mut() else {
            return false;
        };
        let killed = frame.dead && !frame.orphaned;
        if killed {
            frame.dead = false;
            frame.cut_short = true;
        }
        killed
    }

    fn is_dead(&self) -> bool {
        self.frames.borrow().last().is_some_and(|frame| frame.dead)
    }

    pub(super) fn with_frame(&self, work: impl FnOnce(&mut Frame)) {
        if let Some(frame) = self.frames.borrow_mut().last_mut() {
            work(frame);
        }
    }

    /// What a process runs with: every port a moment, whatever the test has put in between, and the process.
    fn host(
        self: &Rc<Self>,
        operation: &Operation,
        machine: &Machine,
        number: usize,
    ) -> Option<Host> {
        let process = Process {
            unit: operation.unit.clone(),
            operation: operation.name(),
            number,
        };
        let mut operation = operation.clone();
        self.seams.environment(&process, &mut operation.env);
        let host = match self.sim.borrow().host(&operation, machine) {
            Ok(host) => host,
            Err(error) => {
                self.fail(Violation::new("environment", error));
                return None;
            }
        };
        let tools = StagedTools {
            stage: Rc::clone(self),
            tools: host.transport,
        };
        let disk = StagedDisk {
            stage: Rc::clone(self),
            disk: machine.disk.clone(),
        };
        let programs = StagedPrograms {
            stage: Rc::clone(self),
            programs: host.programs,
        };
        Some(Host {
            programs: Box::new(programs),
            transport: self.seams.transport(&process, Box::new(tools)),
            disk: self.seams.disk(&process, Box::new(disk)),
            clock: self.seams.clock(&process, host.clock),
            entropy: self.seams.entropy(&process, host.entropy),
            ..host
        })
    }

    fn end(self: &Rc<Self>, operation: &Operation, exit: Exit) -> Frame {
        let values = self.last_read(operation, &exit);
        let leader = self.leader();
        let good = exit == Exit::Code(0);
        let ran = self.sim.borrow_mut().close(operation, exit, None);
        let frame = self.frames.borrow_mut().pop();
        let frame = frame.unwrap_or_else(|| Frame::new(&operation.unit, Vec::new(), None));
        // What an action changed that called `action-fail` is committed all the same.
        let said_so = matches!(operation.kind, OperationKind::Action { .. })
            && ran.outcome == Outcome::Failed
            && good
            && !(frame.severed || frame.orphaned);
        let taken = (ran.outcome == Outcome::Done || said_so) && ran.error.is_none();
        if !taken && matches!(operation.kind, OperationKind::Hook(_)) {
            self.counts.borrow_mut().add("hook tried again");
        }
        let fault = (ran.outcome == Outcome::FlushFailed && !frame.severed)
            .then(|| self.notes.borrow_mut().faults.remove(&operation.unit))
            .flatten();
        if let Some(write) = frame.write.filter(|_| taken) {
            let mut ghost = self.ghost.borrow_mut();
            if frame.buffered {
                ghost.flushed(write);
                if leader.as_ref() != Some(&frame.unit) {
                    let message = format!("{} committed leader data and does not lead", frame.unit);
                    self.fail(Violation::new("no follower writes", message));
                }
            }
            let whole = good && !frame.cut_short;
            if let Some(values) = values.filter(|_| whole) {
                let watched: Vec<&str> = self.subject.watches.iter().map(|w| &*w.key).collect();
                let result = ghost.commit(write, &values, &watched);
                self.check(result);
            }
        }
        if let Some(id) = &frame.record {
            let fate = match (taken, ran.outcome) {
                (true, _) if good && !frame.cut_short => Fate::Committed,
                (true, _) => Fate::Open,
                (false, Outcome::FlushFailed) => self.flush_fate(&frame, id, fault),
                (false, _) => Fate::Lost,
            };
            self.ghost.borrow_mut().recorded(&frame.unit, id, fate);
        }
        if let Some(promised) = frame.promised {
            let mut notes = self.notes.borrow_mut();
            notes.promised.insert(frame.unit.clone(), promised);
        }
        self.notice();
        frame
    }

    /// What the process that has just ended knows of the leader's values: read in a copy of everything.
    fn last_read(&self, operation: &Operation, exit: &Exit) -> Option<BTreeMap<String, String>> {
        let looks = self.look_at_end.get();
        if *exit != Exit::Code(0) || !(looks || self.frames.borrow().last()?.write.is_some()) {
            return None;
        }
        let values = self.values_in_a_copy(operation);
        if looks {
            self.looked_at.borrow_mut().clone_from(&values);
        }
        values
    }
}
