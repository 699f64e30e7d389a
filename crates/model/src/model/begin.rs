//! How operations begin.

use std::sync::Arc;

use super::{Model, OPERATION_LOGGER};
use crate::agent::Op;
use crate::context::{ActionRun, Run, RunKind, Seen, environment};
use crate::world::Status;
use crate::{
    ActionId, ActionStatus, Hook, Level, Operation, OperationKind, RelationEvent, RelationHook,
    SecretEvent, UnitName,
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
        if self.needs_leader(&hook) && !self.agents.get(unit)?.memory.tracker.leader {
            let message = format!(
                "unit is no longer the leader; skipping {:?} execution",
                hook.name()
            );
            self.log
                .write(self.now, Some(unit), Level::Info, OPERATION_LOGGER, message);
            let seen = self.seen(unit, &hook);
            self.commit_hook(unit, &hook, &seen);
            return None;
        }
        let mut run = self.begin_run(unit, RunKind::Hook(hook.clone()));
        run.storage = hook.storage().map(|storage| storage.id.clone());
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

    /// Whether a hook is skipped off the leader: Juju looks again just before it runs.
    fn needs_leader(&self, hook: &Hook) -> bool {
        match hook {
            Hook::LeaderElected => true,
            Hook::Secret(hook) if hook.event != SecretEvent::Changed => {
                let secret = self.world.secrets.get(&hook.id);
                secret.is_some_and(|secret| secret.owner.is_application())
            }
            _ => false,
        }
    }

    /// What the choice of a hook was made by.
    pub(super) fn seen(&self, unit: &UnitName, hook: &Hook) -> Seen {
        let mut seen = Seen::default();
        if let Some(application) = self.world.applications.get(unit.application()) {
            seen.config_hash = application.config_hash;
            seen.charm_version = application.charm_version;
            seen.modified = application.modified_version;
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
        if let Some(secret) = hook
            .secret()
            .and_then(|hook| self.world.secrets.get(&hook.id))
        {
            seen.version = u64::from(secret.latest);
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
            let about = match hook.secret() {
                Some(secret) if secret.event.is_of_revision() => {
                    format!(" for secret:{}/{}", secret.id, secret.revision)
                }
                Some(secret) => format!(" for secret:{}", secret.id),
                None => remote
                    .map(|remote| format!(" for {remote}"))
                    .unwrap_or_default(),
            };
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
            let mut run = self.begin_run(unit, RunKind::Commands { id });
            run.relation = self.asked_relation(unit, &params);
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
        if !self.world.secrets.is_empty() {
            run.managed_secrets = Arc::new(self.world.managed_secrets(unit));
        }
        let profile = self.agents.get(unit)?.profile;
        let env = match kind {
            OperationKind::Deploy { .. } => Vec::new(),
            _ => environment(&self.config, &self.world, profile, unit, &run),
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
