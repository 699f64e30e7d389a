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
mod secrets;
mod storage;
mod subordinate;

use super::{Agent, Local, Memory, Op};
use crate::world::{Application, Unit, World};
use crate::{ActionId, Hook, Life, Profile, RelationId, UnitName};

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
    /// Drop what is known of secrets that are gone or can no longer be read.
    ForgetSecrets(Vec<String>),
    /// Resign leadership. No hook.
    Resign,
    /// Forget a storage instance no hook has told of.
    DropStorage(String),
    /// The unit is no longer wanted.
    Destroy,
    /// Do nothing, although there would be something: it has to wait.
    Wait,
    /// The unit is done for.
    Die,
}

/// What a choice is made from: the agent's own state, and the controller's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) unit: &'a UnitName,
    /// The version of the agent.
    pub(crate) profile: Profile,
    pub(crate) local: &'a Local,
    pub(crate) memory: &'a Memory,
    pub(crate) document: &'a Unit,
    pub(crate) application: &'a Application,
    pub(crate) world: &'a World,
    /// The relations in scope, in the order they are to be looked at.
    pub(crate) relations: &'a [RelationId],
    /// The secrets it has read, in the order they are to be looked at.
    pub(crate) secrets: &'a [String],
    /// The unit's storage, likewise.
    pub(crate) storage: &'a [String],
}

impl<'a> View<'a> {
    /// The view of a unit that runs nothing; `None` if the controller has no such unit.
    pub(crate) fn of(
        unit: &'a UnitName,
        agent: &'a Agent,
        world: &'a World,
        relations: &'a [RelationId],
        secrets: &'a [String],
        storage: &'a [String],
    ) -> Option<Self> {
        Some(Self {
            unit,
            profile: agent.profile,
            local: &agent.local,
            memory: &agent.memory,
            document: world.units.get(unit)?,
            application: world.applications.get(unit.application())?,
            world,
            relations,
            secrets,
            storage,
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
    const PARTS: [fn(&View<'_>) -> Option<Choice>; 11] = [
        subordinate::next,
        reboot::next,
        created::next,
        leadership::next,
        secrets::next,
        actions::next,
        storage::next,
        failed::next,
        charm::next,
        removal::next,
        idle::next,
    ];
    PARTS.iter().find_map(|part| part(view))
}
