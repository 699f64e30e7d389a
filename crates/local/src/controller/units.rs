//! Units and what they run in: their way up. (`loss` is their way down.)

use ensign_model::{Profile, UnitName};

use super::hosts::disk;
use super::line::AgentLine;
use super::operations::Running;
use super::saved::Place;
use super::{Controller, Outgoing};
use crate::agent::protocol::{Setting, ToAgent};
use crate::error::Result;
use crate::juju::protocol::Event;
use crate::machine::{Base, Kind, MachineSpec};

/// A unit, as far as it runs.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) phase: Phase,
    /// What its agent runs.
    pub(super) running: Option<Running>,
    /// The Juju whose tools its agent has been told of.
    pub(super) tools: Option<Profile>,
    /// Its machine's first process, once that is up.
    pub(super) process: Option<u32>,
}

impl Unit {
    fn new(phase: Phase) -> Self {
        Self {
            phase,
            running: None,
            tools: None,
            process: None,
        }
    }
}

/// Where a unit's machine is.
#[derive(Debug)]
pub(super) enum Phase {
    /// Ordered; its agent has not called yet.
    Booting,
    /// Its agent takes orders.
    Up(AgentLine),
    /// It has been killed and boots again.
    Rebooting,
    /// It is being killed for good.
    Ending,
    /// It is down and stays down.
    Down,
}

impl Controller {
    /// After a restart: every machine that is not lost boots as after a power cut.
    pub(super) fn boot_again(&mut self) -> Result<()> {
        for (unit, place) in self.saved.units.clone() {
            if place.killed {
                self.units.insert(unit, Unit::new(Phase::Down));
            } else {
                // The agent may not have been up when the controller died.
                let _ = self.saved.model.stop_agent(&unit);
                self.boot(&unit)?;
            }
        }
        Ok(())
    }

    /// Gives new units a machine and takes it from units that are gone.
    pub(super) fn follow_model(&mut self) -> Result<()> {
        let status = self.saved.model.status();
        let mut there = Vec::new();
        for (name, application) in &status.applications {
            for unit in &application.units {
                there.push(unit.unit.clone());
                if !self.saved.units.contains_key(&unit.unit) {
                    let place = self.place(name, &unit.machine)?;
                    self.saved.units.insert(unit.unit.clone(), place);
                    self.boot(&unit.unit)?;
                }
            }
        }
        let gone: Vec<UnitName> = self
            .saved
            .units
            .keys()
            .filter(|unit| !there.contains(unit))
            .cloned()
            .collect();
        for unit in gone {
            self.end(&unit)?;
            self.dirty = true;
        }
        Ok(())
    }

    fn place(&mut self, application: &str, machine: &str) -> Result<Place> {
        self.dirty = true;
        let named = self
            .saved
            .latest
            .get(application)
            .and_then(|charm| charm.info.base.as_deref());
        let base = match named.and_then(|base| base.parse().ok()) {
            Some(base) => base,
            None => Base::of_this_host()?,
        };
        let index = self.free_place()?;
        self.saved.machines += 1;
        self.moved = true;
        Ok(Place {
            machine: machine.to_owned(),
            index,
            base,
            booted: false,
            killed: false,
        })
    }

    /// Starts the unit's machine; its agent calls when it is up.
    pub(super) fn boot(&mut self, unit: &UnitName) -> Result<()> {
        let Some(place) = self.saved.units.get(unit) else {
            return Ok(());
        };
        let spec = MachineSpec {
            id: place.machine.clone(),
            hostname: self.host_name(&place.machine),
            address: self.address(place.index),
            cut: self.saved.cut.contains(unit),
            hosts: self.host_names(),
            kind: self.settings.machines.clone().unwrap_or(Kind::Root),
            disk: disk(&self.folder, &place.machine),
            shared: self.folder.shared(),
            base: place.base.clone(),
            rebooted: place.booted,
            units: vec![unit.to_string()],
        };
        self.units.insert(unit.clone(), Unit::new(Phase::Booting));
        self.hosts.boot(spec, &self.outbox)
    }

    /// Where an agent works.
    fn setting(&self, unit: &UnitName) -> Setting {
        let config = self.saved.model.config();
        let bare = self.settings.machines.is_none();
        Setting {
            data: config.data_dir.clone().into(),
            shared: if bare {
                self.folder.shared()
            } else {
                "/run/ensign".into()
            },
            tools: super::tools::names(self.tools(unit)),
            socket: bare.then(|| format!("@ensign/{}/{}/agent.socket", config.uuid, unit.tag())),
            bare,
            hosts: (!bare).then(|| self.host_names()),
        }
    }

    /// The Juju whose tools an agent has.
    fn tools(&self, unit: &UnitName) -> Profile {
        let model = &self.saved.model;
        model.agent_profile(unit).unwrap_or(model.config().profile)
    }

    /// Agents that have become another Juju's have other tools. They do so between two operations, which may be long
    /// after it was asked for.
    pub(super) fn welcome_again(&mut self) {
        let changed = |(unit, found): &(&UnitName, &Unit)| {
            matches!(found.phase, Phase::Up(_)) && found.tools != Some(self.tools(unit))
        };
        let units = self.units.iter().filter(changed);
        for unit in units.map(|(unit, _)| unit.clone()).collect::<Vec<_>>() {
            let (setting, tools) = (self.setting(&unit), self.tools(&unit));
            if let Some(found) = self.units.get_mut(&unit)
                && let Phase::Up(line) = &found.phase
            {
                found.tools = Some(tools);
                self.outgoing.push(Outgoing::Agent(
                    line.clone(),
                    Box::new(ToAgent::Welcome(setting)),
                ));
            }
        }
    }

    /// An agent has called: its unit can run.
    pub(super) fn agent_up(&mut self, unit: &UnitName, line: AgentLine) {
        let (setting, tools) = (self.setting(unit), self.tools(unit));
        let Some(place) = self.saved.units.get(unit) else {
            return;
        };
        let (index, machine, rebooted) = (place.index, place.machine.clone(), place.booted);
        let found = self.found(index, rebooted);
        match self.units.get_mut(unit) {
            Some(found) if matches!(found.phase, Phase::Booting) => {
                found.phase = Phase::Up(line.clone());
                found.tools = Some(tools);
            }
            // It is being killed; it does not know yet.
            _ => return,
        }
        self.outgoing
            .push(Outgoing::Agent(line, Box::new(ToAgent::Welcome(setting))));
        match self.saved.model.start_agent(unit, found) {
            Ok(()) => {}
            Err(error) => self.trouble = Some(error.to_string()),
        }
        self.welcome_again();
        if let Some(place) = self.saved.units.get_mut(unit) {
            place.booted = true;
        }
        // An agent that starts again is still as cut off as its machine.
        if self.saved.cut.contains(unit)
            && let Err(error) = self.saved.model.partition(unit)
        {
            self.trouble = Some(error.to_string());
        }
        self.dirty = true;
        self.event(&Event::MachineUp(machine));
    }
}
