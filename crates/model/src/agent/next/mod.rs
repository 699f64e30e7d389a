//! What a unit runs next: a pure choice, one small part a concern, in Juju's order; the first that answers wins.

mod actions;
mod charm;
mod created;
mod failed;
mod idle;
mod leadership;
mod reboot;
mod relations;
mod removal;

use super::{Agent, Local, Memory, Op};
use crate::world::{Application, Unit, World};
use crate::{ActionId, Hook, Life, RelationId, UnitName};

/// What the agent does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Run this hook.
    Run(Hook),
    /// Take the failed hook for done.
    SkipFailed,
    /// Put the application's charm in place.
    Deploy,
    /// Run this action, commands included.
    Action(ActionId),
    /// Enter the scope of these relations.
    Enter(Vec<RelationId>),
    /// Take `relation-created` for done.
    MarkCreated(RelationId),
    /// Drop what is known of a relation.
    Forget(RelationId),
    /// Accept leadership: `leader-elected` is queued.
    Accept,
    /// Resign leadership. No hook.
    Resign,
    /// The unit is done for.
    Die,
}

/// What a choice is made from: the agent's own state, and the controller's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) unit: &'a UnitName,
    pub(crate) local: &'a Local,
    pub(crate) memory: &'a Memory,
    pub(crate) document: &'a Unit,
    pub(crate) application: &'a Application,
    pub(crate) world: &'a World,
    /// The relations in scope, in the order they are to be looked at.
    pub(crate) relations: &'a [RelationId],
}

impl<'a> View<'a> {
    /// The view of a unit that runs nothing; `None` if the controller has no such unit.
    pub(crate) fn of(
        unit: &'a UnitName,
        agent: &'a Agent,
        world: &'a World,
        relations: &'a [RelationId],
    ) -> Option<Self> {
        Some(Self {
            unit,
            local: &agent.local,
            memory: &agent.memory,
            document: world.units.get(unit)?,
            application: world.applications.get(unit.application())?,
            world,
            relations,
        })
    }

    fn idle(&self) -> bool {
        self.local.op == Op::Idle
    }

    fn dying(&self) -> bool {
        self.document.life != Life::Alive
    }
}

/// The next operation of a unit that runs nothing.
pub(crate) fn next(view: &View<'_>) -> Option<Choice> {
    const PARTS: [fn(&View<'_>) -> Option<Choice>; 8] = [
        reboot::next,
        created::next,
        leadership::next,
        actions::next,
        failed::next,
        charm::next,
        removal::next,
        idle::next,
    ];
    PARTS.iter().find_map(|part| part(view))
}
