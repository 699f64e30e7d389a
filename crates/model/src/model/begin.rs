//! How operations begin.

use super::{Model, OPERATION_LOGGER};
use crate::agent::Op;
use crate::context::{ActionRun, Run, RunKind, Seen, environment};
use crate::world::Status;
use crate::{
    ActionId, ActionStatus, Hook, Level, Operation, OperationKind, RelationEvent, RelationHook,
    UnitName,
};

impl Model {
    pub(super) fn begin_hook(&mut self, unit: &UnitName, hook: Hook) -> Option<Operation> {
        let agent = self.agents.get_mut(unit)?;
        agent.memory.retry.due = false;
        if let Some(document) = self.world.units.get_mut(unit)
            && document.resolved.take().is_some()
        {
            self.reset_retry(unit);
        }
        if hook == Hook::LeaderElected && !self.agents.get(unit)?.memory.tracker.leader {
            let message =
                "unit is no longer the leader; skipping \"leader-elected\" execution".to_owned();
            self.log
                .write(self.now, Some(unit), Level::Info, OPERATION_LOGGER, message);
            let seen = self.seen(unit, &hook);
            self.commit_hook(unit, &hook, &seen);
            return None;
        }
        let mut run = self.begin_run(unit, RunKind::Hook(hook.clone()));
        run.seen = self.seen(unit, &hook);
        self.note_beginning(unit, &hook);
        let agent = self.agents.get_mut(unit)?;
        agent.local.op = Op::Pending(hook.clone());
        if let Some(relation) = hook.relation() {
            // The hook that announces a unit's data sees it as it is now.
            if let Some(remote) = &relation.remote_unit {
                agent
                    .memory
                    .cache
                    .remove(&(relation.relation, remote.clone()));
            }
        }
        self.hand_out(unit, run, OperationKind::Hook(hook))
    }

    /// What the choice of a hook was made by.
    pub(super) fn seen(&self, unit: &UnitName, hook: &Hook) -> Seen {
        let mut seen = Seen::default();
        if let Some(application) = self.world.applications.get(unit.application()) {
            seen.config_hash = application.config_hash;
            seen.charm_version = application.charm_version;
            if let Some(agent) = self.agents.get(unit) {
                seen.settings = agent
                    .memory
                    .settings_seen(application.leader_settings_version);
                seen.ticks = agent.memory.ticks.seen;
            }
        }
        if let Some(document) = self.world.units.get(unit) {
            seen.address.clone_from(&document.private_address);
        }
        if let Some(relation) = hook.relation() {
            seen.version = self.version(relation);
        }
        seen
    }

    /// The version of the data a relation hook is about.
    fn version(&self, hook: &RelationHook) -> u64 {
        let Some(relation) = self.world.relations.get(&hook.relation) else {
            return 0;
        };
        let bag = match &hook.remote_unit {
            Some(unit) => relation.units.get(unit).map(|member| &member.bag),
            None => relation.applications.get(&hook.remote_app),
        };
        bag.map_or(0, |bag| bag.version)
    }

    /// The statuses an agent sets when a hook begins.
    fn note_beginning(&mut self, unit: &UnitName, hook: &Hook) {
        let status_set = self
            .agents
            .get(unit)
            .is_some_and(|agent| agent.local.status_set);
        let workload = match hook {
            Hook::Install if !status_set => Some("installing charm software"),
            Hook::Stop => Some("stopping charm software"),
            Hook::Remove => Some("cleaning up prior to charm deletion"),
            _ => None,
        };
        if let (Some(message), Some(document)) = (workload, self.world.units.get_mut(unit)) {
            document.workload = Status::new("maintenance", message, self.now);
        }
        if *hook != Hook::UpdateStatus {
            let remote = hook
                .relation()
                .and_then(|relation| relation.remote_unit.as_ref());
            let about = remote
                .map(|remote| format!(" for {remote}"))
                .unwrap_or_default();
            self.set_agent_status(
                unit,
                "executing",
                &format!("running {} hook{about}", hook.name()),
            );
        }
    }

    pub(super) fn begin_deploy(&mut self, unit: &UnitName) -> Option<Operation> {
        let charm = (*self.world.applications.get(unit.application())?.charm).clone();
        let agent = self.agents.get_mut(unit)?;
        let interrupted = match &agent.local.op {
            Op::Pending(hook) => Some(hook.clone()),
            Op::Deploying(interrupted) | Op::DeployFailed(interrupted) => interrupted.clone(),
            Op::Fresh | Op::Idle | Op::Queued(_) => None,
        };
        let upgrade = agent.local.deployed.is_some();
        agent.local.op = Op::Deploying(interrupted);
        if let Some(document) = self.world.units.get_mut(unit)
            && matches!(document.agent.message.as_str(), "upgrade failed")
        {
            document.resolved = None;
        }
        let mut run = self.begin_run(unit, RunKind::Deploy { upgrade });
        run.seen = self.seen(unit, &Hook::UpgradeCharm);
        let doing = if upgrade {
            "upgrading charm"
        } else {
            "installing charm"
        };
        self.set_agent_status(unit, "executing", doing);
        let kind = OperationKind::Deploy {
            charm: Box::new(charm),
            upgrade,
        };
        self.hand_out(unit, run, kind)
    }

    pub(super) fn begin_action(&mut self, unit: &UnitName, id: ActionId) -> Option<Operation> {
        self.world.units.get_mut(unit)?.actions.pop_front();
        let record = self.world.actions.get_mut(&id)?;
        record.status = ActionStatus::Running;
        record.started = Some(self.now);
        let (name, params) = (record.name.clone(), record.params.clone());
        if name == "juju-exec" {
            let commands = params
                .get("command")
                .and_then(serde_json::Value::as_str)
                .unwrap_or_default()
                .to_owned();
            let run = self.begin_run(unit, RunKind::Commands { id });
            self.set_agent_status(unit, "executing", "running commands");
            return self.hand_out(unit, run, OperationKind::Commands { id, commands });
        }
        let mut run = self.begin_run(
            unit,
            RunKind::Action {
                id,
                name: name.clone(),
            },
        );
        run.action = Some(ActionRun {
            params,
            ..ActionRun::default()
        });
        self.set_agent_status(unit, "executing", &format!("running action {name}"));
        self.hand_out(unit, run, OperationKind::Action { id, name })
    }

    fn hand_out(
        &mut self,
        unit: &UnitName,
        mut run: Run,
        kind: OperationKind,
    ) -> Option<Operation> {
        if let Some(document) = self.world.units.get(unit) {
            run.ports = document.ports.clone();
            run.private_address.clone_from(&document.private_address);
        }
        let env = match kind {
            OperationKind::Deploy { .. } => Vec::new(),
            _ => environment(&self.config, &self.world, unit, &run),
        };
        let context = run.id.clone();
        self.contexts.insert(context.clone(), unit.clone());
        self.agents.get_mut(unit)?.running = Some(Box::new(run));
        Some(Operation {
            unit: unit.clone(),
            context,
            kind,
            env,
        })
    }

    /// Drops the cached data of a unit that leaves: from now on it is read anew, as that of any non-member.
    pub(super) fn uncache_departed(&mut self, unit: &UnitName, hook: &RelationHook) {
        if let (RelationEvent::Departed, Some(remote), Some(agent)) =
            (hook.event, &hook.remote_unit, self.agents.get_mut(unit))
        {
            agent.memory.cache.remove(&(hook.relation, remote.clone()));
        }
    }
}
