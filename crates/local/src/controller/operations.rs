//! What units run: handed out, followed, ended; and the tools called meanwhile.

use std::sync::mpsc::Sender;

use ensign_model::{Answer, Call, ContextId, ModelError, Operation, OperationKind, Time, UnitName};

use super::message::ToolLine;
use super::units::Phase;
use super::waiters::{Waiter, Waiting};
use super::{Controller, Outgoing, tools};
use crate::agent::protocol::{Content, Executed, FromAgent, Task, ToAgent, ToolCall, ToolDown};
use crate::error::{Error, Result};
use crate::juju::protocol::Event;

/// What an agent runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) context: ContextId,
    what: String,
    since: Time,
}

impl Controller {
    /// Gives every unit that has something to run its next operation.
    pub(super) fn hand_out(&mut self) -> Result<()> {
        while let Some(operation) = self.saved.model.poll() {
            self.dirty = true;
            let Operation { unit, context, .. } = &operation;
            let (unit, context, what) = (unit.clone(), context.clone(), operation.name());
            let task = self.task(&operation)?;
            let Some(found) = self.units.get_mut(&unit) else {
                return Err(Error::Controller(format!(
                    "`{unit}` runs something and has no machine"
                )));
            };
            found.running = Some(Running {
                context: context.clone(),
                what: what.clone(),
                since: self.saved.model.now(),
            });
            match &found.phase {
                Phase::Up(line) => {
                    let order = ToAgent::Run {
                        context,
                        task,
                        env: operation.env,
                    };
                    self.outgoing
                        .push(Outgoing::Agent(line.clone(), Box::new(order)));
                }
                // Its end is on its way, and takes what runs with it.
                _ => continue,
            }
            self.event(&Event::Started { unit, what });
        }
        Ok(())
    }

    fn task(&self, operation: &Operation) -> Result<Task> {
        Ok(match &operation.kind {
            OperationKind::Deploy { charm, .. } => {
                let files = self.saved.charms.get(&charm.build);
                let files = files.ok_or_else(|| {
                    Error::Controller(format!("no files of charm build `{}`", charm.build))
                })?;
                Task::Deploy(files.clone())
            }
            OperationKind::Hook(hook) => Task::Dispatch(format!("hooks/{}", hook.name())),
            OperationKind::Action { name, .. } => Task::Dispatch(format!("actions/{name}")),
            OperationKind::Commands { commands, .. } => Task::Commands(commands.clone()),
        })
    }

    /// A report of a unit's agent.
    pub(super) fn agent(&mut self, unit: &UnitName, report: FromAgent) -> Result<()> {
        match report {
            FromAgent::Output {
                context,
                stream,
                bytes,
            } => self.saved.model.output(&context, stream, &bytes),
            FromAgent::Seen { id, sight } => self.looks.seen(id, sight),
            FromAgent::Ended { context, end } => {
                let Some(found) = self.units.get_mut(unit) else {
                    return Ok(());
                };
                let Some(running) = found.running.take_if(|running| running.context == context)
                else {
                    // The machine was killed meanwhile.
                    return Ok(());
                };
                let finished = match self.saved.model.finish(&context, end.into()) {
                    Ok(finished) => finished,
                    Err(ModelError::NotRunning(_)) => return Ok(()),
                    Err(error) => return Err(Error::Controller(error.to_string())),
                };
                self.dirty = true;
                self.welcome_again();
                let took = self.saved.model.now().since(running.since);
                let outcome = finished.outcome;
                self.event(&Event::Ended {
                    unit: unit.clone(),
                    what: running.what,
                    outcome,
                    took,
                });
                if finished.reboot {
                    self.reboot(unit)?;
                }
            }
        }
        Ok(())
    }

    /// A hook tool is called on a unit.
    pub(super) fn tool(&mut self, unit: &UnitName, call: &ToolCall, mut line: ToolLine) {
        // In model time the call is made when it is taken.
        self.advance();
        let runs = self
            .units
            .get(unit)
            .and_then(|found| found.running.as_ref());
        if runs.is_some_and(|running| running.context == call.context)
            && self.saved.doomed.remove(unit)
        {
            self.dirty = true;
            self.outgoing
                .push(Outgoing::Tool(line.down, ToolDown::Crash));
            return;
        }
        let stdin = call.stdin.as_ref().map(|content| content.0.as_slice());
        let asked = Call {
            argv: &call.argv,
            stdin,
            cwd: &call.cwd,
        };
        let answer = match self.saved.model.tool(&call.context, &asked, &mut line) {
            Answer::Done(result) => ToolDown::Done {
                code: result.code,
                stdout: Content(result.stdout),
                stderr: Content(result.stderr),
                kill: result.kill,
            },
            Answer::NeedsStdin => ToolDown::NeedsStdin,
            Answer::Refused(text) => ToolDown::Refused(text),
        };
        self.dirty |= call
            .argv
            .first()
            .is_some_and(|name| tools::is_immediate(name));
        self.outgoing.push(Outgoing::Tool(line.down, answer));
    }

    /// `juju-exec` on a unit's machine.
    pub(super) fn commands(&mut self, unit: &UnitName, commands: &str, done: Sender<Executed>) {
        match self.saved.model.exec(unit, commands) {
            Ok(id) => {
                self.dirty = true;
                self.waiters.push(Waiter::new(Waiting::Commands(id, done)));
            }
            Err(error) => self.outgoing.push(Outgoing::Executed(
                done,
                Executed::Failed(error.to_string()),
            )),
        }
    }
}
