//! From choices to operations: what an agent does by itself it does here, what needs a process is handed out.

use std::time::Duration;

use super::timers::Timer;
use super::{Model, OPERATION_LOGGER};
use crate::agent::Op;
use crate::agent::next::{Choice, View, next};
use crate::context::{Run, RunKind};
use crate::world::Status;
use crate::{ContextId, Hook, Level, Life, Operation, RelationId, UnitName};

impl Model {
    /// The next operation of any unit that has one; chance decides between units.
    pub fn poll(&mut self) -> Option<Operation> {
        while !self.ready.is_empty() && self.moving.is_none() {
            let at = self.random.below(self.ready.len());
            let unit = self.ready.swap_remove(at);
            if let Some(agent) = self.agents.get_mut(&unit) {
                agent.awake = false;
                if let Some(operation) = self.step(&unit) {
                    return Some(operation);
                }
            }
        }
        None
    }

    /// The next operation of this unit.
    pub fn poll_unit(&mut self, unit: &UnitName) -> Option<Operation> {
        let agent = self.agents.get_mut(unit)?;
        if !agent.awake || self.moving.is_some() {
            return None;
        }
        agent.awake = false;
        self.ready.retain(|other| other != unit);
        self.step(unit)
    }

    /// Looks at a unit until it has something to run or nothing to do.
    fn step(&mut self, unit: &UnitName) -> Option<Operation> {
        loop {
            let agent = self.agents.get(unit)?;
            if !agent.is_up() || agent.running.is_some() {
                return None;
            }
            self.catch_up(unit);
            let agent = self.agents.get(unit)?;
            let mut relations: Vec<RelationId> = agent.local.relations.keys().copied().collect();
            self.random.shuffle(&mut relations);
            let mut secrets: Vec<String> = self.world.secrets.consumed_by(unit).cloned().collect();
            self.random.shuffle(&mut secrets);
            let mut storage = self.world.storage_of(unit);
            self.random.shuffle(&mut storage);
            let view = View::of(unit, agent, &self.world, &relations, &secrets, &storage)?;
            let choice = match next(&view) {
                None | Some(Choice::Wait) => {
                    self.rest(unit);
                    return None;
                }
                Some(choice) => choice,
            };
            let lock = self.lock_for(unit, &choice);
            if let Some(lock) = &lock
                && self.is_locked(unit, lock)
            {
                // Whoever holds it wakes this unit when done.
                return None;
            }
            let operation = self.act(unit, choice);
            if let (Some(lock), Some(run)) = (lock, self.running_mut(unit)) {
                run.lock = Some(lock);
            }
            self.deliver();
            if operation.is_some() {
                return operation;
            }
        }
    }

    /// The agent hears what has happened in its relations.
    fn catch_up(&mut self, unit: &UnitName) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        for (id, known) in &mut agent.local.relations {
            if let Some(relation) = self.world.relations.get(id) {
                known.catch_up(unit, relation);
            }
        }
    }

    /// Does what was chosen; returns what needs a process.
    fn act(&mut self, unit: &UnitName, choice: Choice) -> Option<Operation> {
        match choice {
            Choice::Run(hook) => return self.begin_hook(unit, hook),
            Choice::Deploy => return self.begin_deploy(unit),
            Choice::Action(id) => return self.begin_action(unit, id),
            Choice::SkipFailed => self.skip_failed(unit),
            Choice::Enter(ids) => {
                for id in ids {
                    if let Some(agent) = self.agents.get_mut(unit) {
                        let created = agent.local.created.contains(&id);
                        agent.local.relations.entry(id).or_default().created = created;
                    }
                    self.world.enter_scope(id, unit);
                }
                for subordinate in self.world.add_subordinates(unit, self.now) {
                    self.add_agent(&subordinate);
                }
            }
            Choice::MarkCreated(id) => {
                let agent = self.agents.get_mut(unit)?;
                agent.local.mark_created(id);
            }
            Choice::Forget(id) => self.forget(unit, id),
            Choice::ForgetSecrets(ids) => {
                let agent = self.agents.get_mut(unit)?;
                agent.local.secrets.retain(|id, _| !ids.contains(id));
            }
            Choice::Accept => {
                let agent = self.agents.get_mut(unit)?;
                agent.local.leader = true;
                agent.local.op = Op::Queued(Hook::LeaderElected);
            }
            Choice::Resign => {
                self.agents.get_mut(unit)?.local.leader = false;
                let message =
                    "we should run a leader-deposed hook here, but we can't yet".to_owned();
                self.log.write(
                    self.now,
                    Some(unit),
                    Level::Warning,
                    OPERATION_LOGGER,
                    message,
                );
            }
            Choice::DropStorage(id) => self.world.drop_storage(unit, &id),
            Choice::Wait => {}
            Choice::Destroy => {
                // It is there, or it could not have chosen.
                let _ = self.world.destroy_unit(unit);
            }
            Choice::Die => self.bury(unit),
        }
        None
    }

    /// A unit has nothing to do: it is idle, or in error and waits.
    fn rest(&mut self, unit: &UnitName) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        let mut retry_at = None;
        let (status, message) = match &agent.local.op {
            Op::Pending(hook) => {
                let retry = &mut agent.memory.retry;
                if self.config.retry_hooks && retry.at.is_none() && !retry.due {
                    retry_at = Some(retry.start(self.now, &mut self.random));
                }
                ("error", format!("hook failed: {:?}", hook.name()))
            }
            Op::DeployFailed(_) => ("error", "upgrade failed".to_owned()),
            Op::Idle | Op::Fresh | Op::Queued(_) | Op::Deploying(_) => ("idle", String::new()),
        };
        if agent.local.op == Op::Idle {
            for (id, known) in &mut agent.local.relations {
                known.quiet_at = self
                    .world
                    .relations
                    .get(id)
                    .map(|relation| relation.generation);
            }
        }
        if let Some(at) = retry_at {
            self.timers.insert((at, Timer::Retry(unit.clone())));
        }
        self.set_agent_status(unit, status, &message);
    }

    pub(super) fn set_agent_status(&mut self, unit: &UnitName, status: &str, message: &str) {
        if let Some(document) = self.world.units.get_mut(unit)
            && (document.agent.status != status || document.agent.message != message)
        {
            document.agent = Status::new(status, message, self.now);
        }
    }

    fn forget(&mut self, unit: &UnitName, id: RelationId) {
        if let Some(agent) = self.agents.get_mut(unit) {
            agent.local.relations.remove(&id);
            agent.local.created.remove(&id);
            agent
                .memory
                .cache
                .retain(|(relation, _), _| *relation != id);
        }
    }

    /// A unit is dead: its lease ends at once, and it is gone.
    pub(super) fn bury(&mut self, unit: &UnitName) {
        if let Some(document) = self.world.units.get_mut(unit) {
            document.life = Life::Dead;
        }
        self.stop_timers(unit);
        self.agents.remove(unit);
        self.ready.retain(|other| other != unit);
        self.world.remove_unit(unit);
        if self.world.leases.is_held_by(unit) {
            self.revoke(unit.application(), Duration::ZERO);
        }
    }

    /// A new run, with an id of its own, as the agent's.
    pub(super) fn begin_run(&mut self, unit: &UnitName, kind: RunKind) -> Run {
        let draft = Run::new(ContextId::from(""), kind, self.now);
        let number = self.random.bits() >> 1;
        Run {
            id: ContextId::from(format!("{unit}-{}-{number}", draft.name())),
            ..draft
        }
    }
}
