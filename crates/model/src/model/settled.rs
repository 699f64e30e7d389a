//! Whether everything has come to rest.

use super::Model;
use crate::agent::next::{View, next};
use crate::agent::{Agent, Link, Op};
use crate::{Life, RelationId, Settled, UnitName, Unsettled};

impl Model {
    /// Whether everything has come to rest, and if not, why. Units whose machine is lost or whose agent is cut off do
    /// not count, nor what waits for them.
    #[must_use]
    pub fn settled(&self) -> Settled {
        let mut reasons: Vec<Unsettled> = self
            .agents
            .iter()
            .filter_map(|(unit, agent)| self.unsettled(unit, agent))
            .collect();
        reasons.extend(
            self.world
                .applications
                .keys()
                .filter_map(|name| self.leaderless(name)),
        );
        if reasons.is_empty() {
            Settled::Yes
        } else {
            Settled::No(reasons)
        }
    }

    fn unsettled(&self, unit: &UnitName, agent: &Agent) -> Option<Unsettled> {
        if let Some(run) = &agent.running {
            return Some(Unsettled::Running(unit.clone(), run.name()));
        }
        match agent.link {
            Link::Never | Link::Stopped => return Some(Unsettled::Starting(unit.clone())),
            Link::Cut | Link::Lost => return None,
            Link::Up | Link::Draining => {}
        }
        if let Some(hook) = agent.failed_hook() {
            return Some(Unsettled::InError(
                unit.clone(),
                hook.clone(),
                agent.memory.retry.at,
            ));
        }
        if matches!(agent.local.op, Op::DeployFailed(_)) {
            return Some(Unsettled::UpgradeFailed(unit.clone()));
        }
        let document = self.world.units.get(unit)?;
        if matches!(agent.local.op, Op::Queued(_)) {
            // It waits for its storage, or for its turn on the machine.
            return Some(Unsettled::Due(unit.clone()));
        }
        if agent.awake {
            let relations: Vec<RelationId> = agent.local.relations.keys().copied().collect();
            let secrets: Vec<String> = self.world.secrets.consumed_by(unit).cloned().collect();
            let storage = self.world.storage_of(unit);
            let view = View::of(unit, agent, &self.world, &relations, &secrets, &storage)?;
            if next(&view).is_some() {
                return Some(Unsettled::Due(unit.clone()));
            }
        }
        if let Some(action) = document.actions.front() {
            return Some(Unsettled::Action(unit.clone(), *action));
        }
        (document.life != Life::Alive).then(|| Unsettled::Leaving(unit.clone()))
    }

    /// An application some unit of which could lead and none that can act does.
    fn leaderless(&self, name: &str) -> Option<Unsettled> {
        let up = |unit: &UnitName| self.agents.get(unit).is_some_and(Agent::is_up);
        let application = self.world.applications.get(name)?;
        if !application.units.iter().any(up) {
            return None;
        }
        let lease = self.world.leases.get(name);
        if lease.is_some_and(|lease| up(&lease.holder)) {
            return None;
        }
        Some(Unsettled::NoLeader(
            name.to_owned(),
            lease.map(|lease| lease.expires),
        ))
    }
}
