//! What goes wrong on purpose.

use std::time::Duration;

use super::Model;
use crate::agent::Link;
use crate::world::FlushFault;
use crate::{FlushPart, ModelError, Profile, UnitName};

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
        self.fail_next_flush_after(unit, 0, text)
    }

    /// The controller will store the first `parts` parts of this unit's next flush that has anything to commit, and then
    /// fail with this text. The parts are those of [`flush_parts`], whether this flush has anything for them or not; where
    /// there is only one, nothing is stored.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn fail_next_flush_after(
        &mut self,
        unit: &UnitName,
        parts: usize,
        text: &str,
    ) -> Result<(), ModelError> {
        let text = text.to_owned();
        self.world.unit_mut(unit)?.flush_fault = Some(FlushFault::Refuse { text, parts });
        Ok(())
    }

    /// The controller will store this unit's next flush that has anything to commit, and the agent will not hear of it:
    /// for the agent it has failed.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn lose_next_flush_answer(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.world.unit_mut(unit)?.flush_fault = Some(FlushFault::LoseAnswer);
        Ok(())
    }

    /// This unit's next flush that has anything to commit stays under way: for the agent it has failed, and it can still
    /// arrive with [`Self::deliver_late_flush`], until a run of this unit has ended well.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn delay_next_flush(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.world.unit_mut(unit)?.flush_fault = Some(FlushFault::Delay);
        Ok(())
    }

    /// Whether a flush of this unit is under way; see [`Self::delay_next_flush`].
    #[must_use]
    pub fn has_late_flush(&self, unit: &UnitName) -> bool {
        self.world.late.contains_key(unit)
    }

    /// The flush that was under way arrives. Returns whether there was one and the controller took all of it: what no
    /// longer holds, such as leadership, is refused.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn deliver_late_flush(&mut self, unit: &UnitName) -> Result<bool, ModelError> {
        self.world.unit(unit)?;
        let Some(commit) = self.world.late.remove(unit) else {
            return Ok(false);
        };
        let stored = self
            .world
            .store(unit, &commit, self.now, usize::MAX)
            .is_ok();
        self.deliver();
        Ok(stored)
    }

    /// The answer to this unit's next `leader-set` that gets as far as the controller is lost; `applied` says whether the
    /// controller has made the change.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn lose_next_leader_set_answer(
        &mut self,
        unit: &UnitName,
        applied: bool,
    ) -> Result<(), ModelError> {
        self.world.unit_mut(unit)?.lost_leader_set = Some(applied);
        Ok(())
    }
}

/// What a flush stores, in order: each part whole or not at all, but for secrets by themselves. A version with one part
/// knows one transaction.
#[must_use]
pub fn flush_parts(profile: Profile) -> &'static [FlushPart] {
    profile.differences().flush
}
