//! What goes wrong on purpose.

use std::time::Duration;

use super::Model;
use crate::agent::Link;
use crate::{ModelError, UnitName};

impl Model {
    /// Cuts a unit's agent off from the controller: its calls fail, its lease runs out. What runs there goes on running,
    /// but cannot be committed, even if the connection is back before it ends.
    ///
    /// # Errors
    ///
    /// There is no such unit, or its agent does not run.
    pub fn partition(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        let agent = self.agent_mut(unit)?;
        match agent.link {
            Link::Up | Link::Draining => agent.link = Link::Cut,
            Link::Cut => {}
            Link::Never | Link::Stopped | Link::Lost => {
                return Err(ModelError::Agent {
                    unit: unit.clone(),
                    problem: "does not run",
                });
            }
        }
        if let Some(run) = &mut agent.running {
            run.severed = true;
        }
        Ok(())
    }

    /// Ends a [`Self::partition`]: the agent starts again, once what it runs has ended.
    ///
    /// # Errors
    ///
    /// There is no such unit, or it is not cut off.
    pub fn heal(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        let agent = self.agent_mut(unit)?;
        if agent.link != Link::Cut {
            return Err(ModelError::Agent {
                unit: unit.clone(),
                problem: "is not cut off",
            });
        }
        if agent.running.is_some() {
            agent.link = Link::Draining;
            return Ok(());
        }
        self.stop_timers(unit);
        self.begin_agent(unit);
        self.deliver();
        Ok(())
    }

    /// Takes the lease from whoever has it and gives it to `unit`, at once; both find out at once.
    ///
    /// # Errors
    ///
    /// There is no such unit, or its agent does not run or is cut off.
    pub fn force_leader(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        if !self.agent(unit)?.is_up() {
            return Err(ModelError::Agent {
                unit: unit.clone(),
                problem: "does not run or is cut off",
            });
        }
        let application = unit.application();
        let others: Vec<UnitName> = self
            .world
            .application(application)?
            .units
            .iter()
            .filter(|other| {
                *other != unit
                    && self
                        .agents
                        .get(*other)
                        .is_some_and(|agent| agent.memory.tracker.leader)
            })
            .cloned()
            .collect();
        if !self.world.leases.is_held_by(unit) {
            // Nobody is told: the lease is not free for a moment.
            self.revoke(application, Duration::from_secs(1));
        }
        for other in others {
            self.note_leadership(&other, false);
        }
        self.claim(unit);
        self.deliver();
        Ok(())
    }

    /// Ends the application's lease now, as if its time had run out. Those who wait for it are told a second later; its
    /// holder finds out when it renews, and believes until then that it leads.
    ///
    /// # Errors
    ///
    /// There is no such application.
    pub fn expire_lease(&mut self, application: &str) -> Result<(), ModelError> {
        self.world.application(application)?;
        self.revoke(application, Duration::from_secs(1));
        self.deliver();
        Ok(())
    }

    /// The controller will refuse the next flush of this unit that has anything to commit, with this text.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn fail_next_flush(&mut self, unit: &UnitName, text: &str) -> Result<(), ModelError> {
        self.world.unit_mut(unit)?.refuse_flush = Some(text.to_owned());
        Ok(())
    }
}
