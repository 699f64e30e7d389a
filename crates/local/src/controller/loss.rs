//! Units on their way down: reboot, loss, removal, and what a machine's end means to its unit.

use std::io::Write;

use ensign_model::UnitName;

use super::Controller;
use super::hosts::remove_disk;
use super::units::Phase;
use crate::error::Result;
use crate::juju::protocol::Event;
use crate::machine::MachineEvent;

impl Controller {
    /// The unit's machine goes down and comes up again.
    pub(super) fn reboot(&mut self, unit: &UnitName) -> Result<()> {
        if let Err(error) = self.saved.model.stop_agent(unit) {
            self.trouble = Some(error.to_string());
        }
        self.kill(unit, Phase::Rebooting)
    }

    /// The unit's machine is lost for good.
    pub(super) fn lose(&mut self, unit: &UnitName) -> Result<()> {
        if let Some(place) = self.saved.units.get_mut(unit) {
            place.killed = true;
        }
        self.dirty = true;
        self.moved = true;
        self.kill(unit, Phase::Ending)
    }

    /// The unit is gone, and its machine with it.
    pub(super) fn end(&mut self, unit: &UnitName) -> Result<()> {
        match self.units.get(unit).map(|found| &found.phase) {
            Some(Phase::Down) | None => self.forget(unit),
            Some(Phase::Ending) => Ok(()),
            Some(_) => self.kill(unit, Phase::Ending),
        }
    }

    fn kill(&mut self, unit: &UnitName, phase: Phase) -> Result<()> {
        let Some(machine) = self
            .saved
            .units
            .get(unit)
            .map(|place| place.machine.clone())
        else {
            return Ok(());
        };
        if let Some(found) = self.units.get_mut(unit) {
            found.phase = phase;
            found.running = None;
        }
        self.hosts.kill(&machine)
    }

    /// Forgets a unit that is no more.
    fn forget(&mut self, unit: &UnitName) -> Result<()> {
        self.units.remove(unit);
        self.saved.cut.remove(unit);
        self.saved.doomed.remove(unit);
        self.dirty = true;
        self.moved = true;
        match self.saved.units.remove(unit) {
            Some(place) => remove_disk(&self.folder, &self.settings, &place.machine),
            None => Ok(()),
        }
    }

    /// The unit in the machine of this number.
    fn unit_of(&self, machine: &str) -> Option<UnitName> {
        let mut places = self.saved.units.iter();
        places
            .find(|(_, place)| place.machine == machine)
            .map(|(unit, _)| unit.clone())
    }

    /// A machine came up or went down.
    pub(super) fn machine(&mut self, event: MachineEvent) -> Result<()> {
        let (id, why) = match event {
            // What counts is its agent's call.
            MachineEvent::Up(id, process) => {
                let unit = self.unit_of(&id);
                if let Some(found) = unit.and_then(|unit| self.units.get_mut(&unit)) {
                    found.process = Some(process);
                }
                return Ok(());
            }
            MachineEvent::Cut(id) => {
                self.cutting.remove(&id);
                return Ok(());
            }
            MachineEvent::NoWayOut(why) => {
                // Also for the log, which is stderr: it may come when no command listens any more.
                let _ = writeln!(std::io::stderr(), "{why}");
                self.note(why);
                return Ok(());
            }
            MachineEvent::Down(id, why) => (id, why),
            MachineEvent::Lost(why) => {
                let why = why.unwrap_or_else(|| "the model's first process is gone".into());
                // Whoever waits hears it from us, not from a line that breaks.
                self.trouble = Some(why.clone());
                self.settle_waiters();
                self.send();
                return Err(crate::Error::Controller(why));
            }
        };
        self.hosts.forget(&id);
        self.cutting.remove(&id);
        self.event(&Event::MachineDown(id.clone()));
        let Some(unit) = self.unit_of(&id) else {
            return Ok(());
        };
        self.looks.lost(&unit);
        let listed = self
            .saved
            .model
            .status()
            .applications
            .values()
            .any(|a| a.units.iter().any(|u| u.unit == unit));
        let Some(found) = self.units.get_mut(&unit) else {
            return Ok(());
        };
        found.running = None;
        found.process = None;
        match &found.phase {
            Phase::Ending | Phase::Down => {
                found.phase = Phase::Down;
                if listed { Ok(()) } else { self.forget(&unit) }
            }
            Phase::Rebooting => self.boot(&unit),
            Phase::Booting => {
                found.phase = Phase::Down;
                let why = why.unwrap_or_else(|| "it was killed".into());
                self.trouble = Some(format!(
                    "machine {id} of `{unit}` could not be started: {why}"
                ));
                Ok(())
            }
            // Its agent died: to the unit that is a power cut.
            Phase::Up(_) => {
                self.dirty = true;
                if let Err(error) = self.saved.model.stop_agent(&unit) {
                    self.trouble = Some(error.to_string());
                }
                self.boot(&unit)
            }
        }
    }

    /// Whether the unit's machine is neither up nor coming up.
    pub(super) fn is_down(&self, unit: &UnitName) -> bool {
        self.units
            .get(unit)
            .is_none_or(|found| matches!(found.phase, Phase::Down))
    }
}
