//! The move to a controller of another version: `juju migrate`, and `juju upgrade-model` after it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Model;
use crate::agent::{Agent, Link};
use crate::{ModelError, Profile, UnitName};

/// A move that has been asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Move {
    to: Profile,
    /// The agents become that version with it.
    agents: bool,
}

impl Model {
    /// `juju migrate` and `juju upgrade-model` in one: the model moves to a controller of another version, and its agents
    /// become that version. See [`Self::upgrade_controller`] for when.
    pub fn migrate(&mut self, profile: Profile) {
        self.ask_to_move(Move {
            to: profile,
            agents: true,
        });
    }

    /// `juju migrate`: the model moves to a controller of another version, and its agents stay what they are until
    /// [`Self::upgrade_agents`].
    ///
    /// As in Juju, what runs ends first, and nothing new begins meanwhile; units that are cut off are not waited for. Then
    /// every agent starts anew and says so to the new controller, which hashes options otherwise if it is of the other
    /// line: each unit runs `config-changed`. Leader settings stay behind where the new version has
    /// none: it takes what older agents set and drops it, and they read nothing.
    pub fn upgrade_controller(&mut self, profile: Profile) {
        self.ask_to_move(Move {
            to: profile,
            agents: false,
        });
    }

    /// `juju upgrade-model`: agents become their controller's version. Each starts anew for it, once what it runs has
    /// ended; that alone causes no hook.
    pub fn upgrade_agents(&mut self) {
        self.config.profile = self.world.profile;
        for unit in self.agents.keys().cloned().collect::<Vec<_>>() {
            self.replace_agent(&unit);
        }
        self.deliver();
    }

    /// The same for one unit's agent.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn upgrade_agent(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.agent(unit)?;
        self.replace_agent(unit);
        self.deliver();
        Ok(())
    }

    /// The version of a unit's agent, which is behind its controller's between the halves of a move.
    #[must_use]
    pub fn agent_profile(&self, unit: &UnitName) -> Option<Profile> {
        self.agents.get(unit).map(|agent| agent.profile)
    }

    /// The version of the controller.
    #[must_use]
    pub const fn controller_profile(&self) -> Profile {
        self.world.profile
    }

    fn ask_to_move(&mut self, asked: Move) {
        self.moving = Some(asked);
        self.deliver();
    }

    /// Moves, if that has been asked for and no agent that is reached runs anything.
    pub(super) fn move_when_quiet(&mut self) {
        let runs = |agent: &Agent| agent.is_up() && agent.running.is_some();
        let Some(asked) = self.moving else {
            return;
        };
        if self.agents.values().any(runs) {
            return;
        }
        self.moving = None;
        self.world.profile = asked.to;
        let differences = asked.to.differences();
        for application in self.world.applications.values_mut() {
            if !differences.leader_settings {
                application.leader_settings = Arc::default();
            }
            application.hash_config_as(differences.config_hash);
        }
        // What an agent had given up was under way to the controller that is left.
        self.world.late.clear();
        if asked.agents {
            self.config.profile = asked.to;
        }
        for unit in self.agents.keys().cloned().collect::<Vec<_>>() {
            if asked.agents {
                self.replace_agent(&unit);
            } else if self.agents.get(&unit).is_some_and(Agent::is_up) {
                self.restart(&unit);
            }
        }
    }

    /// An agent becomes its controller's version: now if it is idle, else when it starts next.
    fn replace_agent(&mut self, unit: &UnitName) {
        let profile = self.world.profile;
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        if agent.profile == profile {
            agent.upgrade = None;
            return;
        }
        agent.upgrade = Some(profile);
        if agent.is_up() && agent.running.is_none() {
            self.restart(unit);
        }
    }

    fn restart(&mut self, unit: &UnitName) {
        self.halt(unit, Link::Stopped);
        self.begin_agent(unit);
    }
}
