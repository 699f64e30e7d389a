//! How operations end: flush or roll back, and move the agent's state on.

use super::{Model, OPERATION_LOGGER};
use crate::agent::{Link, Op};
use crate::context::{HookContext, Reboot, Run, RunKind};
use crate::{ContextId, Exit, Finished, Hook, HookRecord, Level, ModelError, Outcome, UnitName};

/// As Go names the signals that matter.
const SIGTERM: i32 = 15;
const SIGKILL: i32 = 9;

impl Model {
    /// Ends a running operation: commits what it buffered or drops it, and moves the agent's state on.
    ///
    /// # Errors
    ///
    /// Nothing runs by that name (any more).
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a report reads better without a borrow"
    )]
    pub fn finish(&mut self, context: &ContextId, exit: Exit) -> Result<Finished, ModelError> {
        let unit = self
            .contexts
            .remove(context)
            .ok_or_else(|| ModelError::NotRunning(context.clone()))?;
        let agent = self.agent_mut(&unit)?;
        let run = agent
            .running
            .take()
            .ok_or_else(|| ModelError::NotRunning(context.clone()))?;
        let asked = run.reboot;
        let outcome = self.end(&unit, *run, &exit);
        let reboot = matches!(
            (asked, outcome),
            (Reboot::Now, Outcome::Requeued) | (Reboot::AfterHook, Outcome::Done)
        );
        let automatic = self.config.automatic_machines;
        match self.agent(&unit)?.link {
            Link::Up if reboot => {
                self.set_agent_status(&unit, "rebooting", "");
                if automatic {
                    self.reboot(&unit)?;
                }
            }
            Link::Up if exit == Exit::AgentDied => {
                self.halt(&unit, Link::Stopped);
                if automatic {
                    self.begin_agent(&unit);
                }
            }
            Link::Up if self.agent(&unit)?.upgrade.is_some() => {
                self.halt(&unit, Link::Stopped);
                self.begin_agent(&unit);
            }
            Link::Up => self.wake(&unit),
            Link::Draining => {
                self.stop_timers(&unit);
                self.begin_agent(&unit);
            }
            Link::Never | Link::Cut | Link::Stopped | Link::Lost => {}
        }
        self.deliver();
        Ok(Finished {
            outcome,
            reboot: reboot && !automatic,
        })
    }

    /// Ends a run that is no longer the agent's.
    pub(super) fn end(&mut self, unit: &UnitName, mut run: Run, exit: &Exit) -> Outcome {
        self.log_rest(unit, &mut run);
        if run.lock.take().is_some() {
            self.release(unit);
        }
        let outcome = match &run.kind {
            RunKind::Hook(hook) => {
                let hook = hook.clone();
                self.end_hook(unit, &hook, &mut run, exit)
            }
            RunKind::Action { .. } | RunKind::Commands { .. } => {
                self.end_action(unit, &mut run, exit)
            }
            RunKind::Deploy { .. } => self.end_deploy(unit, &run, exit),
            RunKind::Restricted => Outcome::Done,
        };
        if self.config.keep_history && !matches!(run.kind, RunKind::Deploy { .. }) {
            let record = HookRecord {
                hook: run.name(),
                context: run.id,
                started: run.started,
                ended: self.now,
                exit: if let Exit::Code(code) = exit {
                    Some(*code)
                } else {
                    None
                },
                outcome,
                tools: run.tools,
            };
            self.histories.entry(unit.clone()).or_default().push(record);
        }
        outcome
    }

    fn end_hook(&mut self, unit: &UnitName, hook: &Hook, run: &mut Run, exit: &Exit) -> Outcome {
        let name = hook.name();
        let failed = |why: &str| {
            (
                Level::Error,
                format!("hook {name:?} (via hook dispatching script: dispatch) failed: {why}"),
            )
        };
        let (outcome, (level, message)) = match exit {
            _ if run.severed || *exit == Exit::AgentDied => {
                let what = if *exit == Exit::Code(0) {
                    Outcome::FlushFailed
                } else {
                    Outcome::Failed
                };
                (what, failed("agent lost the controller"))
            }
            Exit::Code(0) => match self.flush(unit, run) {
                Ok(()) => (
                    Outcome::Done,
                    (
                        Level::Info,
                        format!("ran {name:?} hook (via hook dispatching script: dispatch)"),
                    ),
                ),
                Err(cause) => (
                    Outcome::FlushFailed,
                    failed(&format!("cannot apply changes: {cause}")),
                ),
            },
            Exit::Code(code) => (Outcome::Failed, failed(&format!("exit status {code}"))),
            Exit::Missing => (
                Outcome::Skipped,
                (Level::Info, format!("skipped {name:?} hook (missing)")),
            ),
            Exit::Signal(SIGTERM | SIGKILL) => (
                Outcome::Requeued,
                (Level::Warning, format!("hook {name:?} was terminated")),
            ),
            Exit::Signal(signal) => (
                Outcome::Failed,
                failed(&format!("signal: {}", signal_name(*signal))),
            ),
            Exit::NotExecutable(why) => (Outcome::Failed, failed(why)),
            Exit::AgentDied => (Outcome::Failed, failed("agent died")),
        };
        self.log
            .write(self.now, Some(unit), level, OPERATION_LOGGER, message);
        match outcome {
            Outcome::Done | Outcome::Skipped => self.commit_hook(unit, hook, &run.seen),
            Outcome::Requeued => {
                if let Some(agent) = self.agents.get_mut(unit) {
                    agent.local.op = Op::Queued(hook.clone());
                }
            }
            // What stays pending is in error.
            Outcome::Failed | Outcome::FlushFailed => {}
        }
        outcome
    }

    /// Commits what a run has buffered.
    pub(super) fn flush(&mut self, unit: &UnitName, run: &mut Run) -> Result<(), String> {
        let Some(agent) = self.agents.get_mut(unit) else {
            return Err("unit not found".to_owned());
        };
        let (world, log, now) = (&mut self.world, &mut self.log, self.now);
        let flushed = HookContext {
            run,
            unit,
            agent,
            world,
            log,
            now,
        }
        .flush();
        self.provision(unit);
        flushed
    }

    fn end_deploy(&mut self, unit: &UnitName, run: &Run, exit: &Exit) -> Outcome {
        let Some(application) = self.world.applications.get(unit.application()) else {
            return Outcome::Failed;
        };
        let settings_version = application.leader_settings_version;
        let Some(agent) = self.agents.get_mut(unit) else {
            return Outcome::Failed;
        };
        let interrupted = match &agent.local.op {
            Op::Deploying(interrupted) => interrupted.clone(),
            _ => None,
        };
        if run.severed || *exit == Exit::AgentDied {
            return Outcome::Failed;
        }
        if *exit != Exit::Code(0) {
            agent.local.op = Op::DeployFailed(interrupted);
            let message = format!("cannot deploy the charm: {exit:?}");
            self.log.write(
                self.now,
                Some(unit),
                Level::Error,
                OPERATION_LOGGER,
                message,
            );
            return Outcome::Failed;
        }
        agent.local.modified = run.seen.modified;
        let upgrade = agent
            .local
            .deployed
            .replace(run.seen.charm_version)
            .is_some();
        agent.local.op = match interrupted {
            Some(hook) => Op::Pending(hook),
            None if upgrade => Op::Queued(Hook::UpgradeCharm),
            None => Op::Queued(Hook::Install),
        };
        if upgrade {
            // The watchers start anew, and with them their first events.
            agent.memory.watch(settings_version);
        }
        Outcome::Done
    }
}

/// A signal as Go words it.
pub(super) fn signal_name(signal: i32) -> String {
    match signal {
        1 => "hangup".to_owned(),
        2 => "interrupt".to_owned(),
        3 => "quit".to_owned(),
        4 => "illegal instruction".to_owned(),
        6 => "aborted".to_owned(),
        7 => "bus error".to_owned(),
        8 => "floating point exception".to_owned(),
        SIGKILL => "killed".to_owned(),
        11 => "segmentation fault".to_owned(),
        13 => "broken pipe".to_owned(),
        14 => "alarm clock".to_owned(),
        SIGTERM => "terminated".to_owned(),
        other => format!("signal {other}"),
    }
}
