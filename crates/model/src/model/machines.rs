//! Agents and their machines, coming and going.

use super::{Machine, Model};
use crate::agent::{Agent, Link, Memory};
use crate::world::Status;
use crate::{Exit, ModelError, UnitName};

impl Model {
    /// The driver reports: the unit's machine is up and its agent runs (again). What ran in it before is taken as died.
    ///
    /// # Errors
    ///
    /// There is no such unit, or its machine has been lost.
    pub fn start_agent(&mut self, unit: &UnitName, machine: Machine) -> Result<(), ModelError> {
        self.refuse_lost(unit)?;
        self.halt(unit, Link::Stopped);
        let agent = self.agent_mut(unit)?;
        agent.local.rebooted |= machine.rebooted;
        agent.machine = Machine {
            rebooted: false,
            ..machine
        };
        self.begin_agent(unit);
        self.deliver();
        Ok(())
    }

    /// The unit's agent stops, with whatever it runs, until [`Self::start_agent`].
    ///
    /// # Errors
    ///
    /// There is no such unit, or its machine has been lost.
    pub fn stop_agent(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.refuse_lost(unit)?;
        self.halt(unit, Link::Stopped);
        self.deliver();
        Ok(())
    }

    /// The unit's agent stops and starts again on the same machine.
    ///
    /// # Errors
    ///
    /// There is no such unit, its machine has been lost, or it has never been up.
    pub fn restart_agent(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.refuse_lost(unit)?;
        self.refuse_new(unit)?;
        self.halt(unit, Link::Stopped);
        self.begin_agent(unit);
        self.deliver();
        Ok(())
    }

    /// The unit's machine has gone down, hard, and come up again.
    ///
    /// # Errors
    ///
    /// There is no such unit, its machine has been lost, or it has never been up.
    pub fn reboot(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.refuse_lost(unit)?;
        self.refuse_new(unit)?;
        let mut units = self.neighbours(unit);
        units.retain(|other| self.refuse_lost(other).is_ok() && self.refuse_new(other).is_ok());
        units.insert(0, unit.clone());
        for unit in &units {
            self.agent_mut(unit)?.local.rebooted = true;
            self.halt(unit, Link::Stopped);
        }
        for unit in &units {
            self.begin_agent(unit);
        }
        self.deliver();
        Ok(())
    }

    /// The unit's machine is lost for good. The unit stays listed; its lease runs out.
    ///
    /// # Errors
    ///
    /// There is no such unit.
    pub fn kill_unit(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        self.agent(unit)?;
        for neighbour in self.neighbours(unit) {
            self.halt(&neighbour, Link::Lost);
        }
        self.halt(unit, Link::Lost);
        self.deliver();
        Ok(())
    }

    fn refuse_lost(&self, unit: &UnitName) -> Result<(), ModelError> {
        if self.agent(unit)?.link == Link::Lost {
            return Err(ModelError::Agent {
                unit: unit.clone(),
                problem: "is lost with its machine",
            });
        }
        Ok(())
    }

    fn refuse_new(&self, unit: &UnitName) -> Result<(), ModelError> {
        if self.agent(unit)?.link == Link::Never {
            return Err(ModelError::Agent {
                unit: unit.clone(),
                problem: "has never been up; start it first",
            });
        }
        Ok(())
    }

    /// Adds the agent of a new unit, with a machine if those come by themselves.
    pub(super) fn add_agent(&mut self, unit: &UnitName) {
        self.agents
            .insert(unit.clone(), Agent::new(self.config.profile));
        self.histories.entry(unit.clone()).or_default();
        if !self.config.automatic_machines {
            return;
        }
        let number = self
            .world
            .units
            .get(unit)
            .and_then(|unit| unit.machine.parse::<u32>().ok())
            .unwrap_or(0)
            + 2;
        let machine = Machine {
            address: format!(
                "10.{}.{}.{}",
                number >> 16 & 0xff,
                number >> 8 & 0xff,
                number & 0xff
            ),
            cidr: "10.0.0.0/8".to_owned(),
            interface: "eth0".to_owned(),
            mac: format!(
                "00:16:3e:{:02x}:{:02x}:{:02x}",
                number >> 16 & 0xff,
                number >> 8 & 0xff,
                number & 0xff
            ),
            rebooted: false,
        };
        if let Some(agent) = self.agents.get_mut(unit) {
            agent.machine = machine;
        }
        self.begin_agent(unit);
    }

    /// An agent's process begins: fresh memory, a claim before anything else, then its first look.
    pub(super) fn begin_agent(&mut self, unit: &UnitName) {
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        agent.link = Link::Up;
        agent.profile = agent.upgrade.take().unwrap_or(agent.profile);
        agent.memory = Memory::default();
        let machine = agent.machine.clone();
        let fresh = !agent.local.installed;
        self.world.set_machine(unit, &machine);
        if let Some(application) = self.world.applications.get(unit.application()) {
            agent.memory.watch(application.leader_settings_version);
        }
        if let Some(document) = self.world.units.get_mut(unit).filter(|_| fresh)
            && document.workload.message == "waiting for machine"
        {
            document.workload = Status::new("waiting", "agent initialising", self.now);
        }
        self.watch_secrets(unit);
        self.provision(unit);
        self.claim(unit);
        self.start_ticking(unit);
        self.wake(unit);
    }

    /// An agent's process ends, and with it what it runs, as if it had died.
    pub(super) fn halt(&mut self, unit: &UnitName, link: Link) {
        self.stop_timers(unit);
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        agent.link = link;
        agent.memory = Memory::default();
        if let Some(run) = agent.running.take() {
            self.contexts.remove(&run.id);
            self.end(unit, *run, &Exit::AgentDied);
        }
    }
}
