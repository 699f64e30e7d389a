//! Opening and closing ports, which waits for the flush.

use super::HookContext;
use crate::tool::Failure;
use crate::world::{PortRange, Ports};

impl HookContext<'_> {
    /// Asks for a range to be opened on an endpoint; the empty name is all of them.
    pub(crate) fn open_port(&mut self, endpoint: &str, range: PortRange) -> Result<(), Failure> {
        self.unrestricted()?;
        self.port_fits("open", range)?;
        let asked = (endpoint.to_owned(), range);
        if let Some(at) = self
            .run
            .close_ports
            .iter()
            .position(|closing| *closing == asked)
        {
            // Not closing what is open is all there is to do.
            self.run.close_ports.remove(at);
        }
        if !self.run.ports.is_open(endpoint, range) && !self.run.open_ports.contains(&asked) {
            self.run.open_ports.push(asked);
        }
        Ok(())
    }

    /// Asks for a range to be closed.
    pub(crate) fn close_port(&mut self, endpoint: &str, range: PortRange) -> Result<(), Failure> {
        self.unrestricted()?;
        self.port_fits("close", range)?;
        let asked = (endpoint.to_owned(), range);
        if let Some(at) = self
            .run
            .open_ports
            .iter()
            .position(|opening| *opening == asked)
        {
            self.run.open_ports.remove(at);
            return Ok(());
        }
        let any_open = !self.run.ports.0.is_empty() || self.neighbours().next().is_some();
        if any_open && !self.run.close_ports.contains(&asked) {
            self.run.close_ports.push(asked);
        }
        Ok(())
    }

    /// The unit's ports as this run leaves them.
    pub(crate) fn ports(&self) -> Ports {
        let mut ports = (*self.run.ports).clone();
        for (endpoint, range) in &self.run.close_ports {
            ports.close(endpoint, *range);
        }
        for (endpoint, range) in &self.run.open_ports {
            ports.open(endpoint, *range);
        }
        ports
    }

    /// Other units on the machine that have ports open.
    fn neighbours(&self) -> impl Iterator<Item = (&crate::UnitName, &Ports)> {
        let machine = self
            .world
            .units
            .get(self.unit)
            .map_or("", |unit| unit.machine.as_str());
        let units = self
            .world
            .machines
            .get(machine)
            .into_iter()
            .flatten()
            .filter(|other| *other != self.unit);
        units.filter_map(|other| {
            let ports = &self.world.units.get(other)?.ports;
            (!ports.0.is_empty()).then_some((other, &**ports))
        })
    }

    fn port_fits(&self, verb: &str, range: PortRange) -> Result<(), Failure> {
        if self.world.kubernetes {
            return if range.is_single() {
                Ok(())
            } else {
                Err(Failure::run(
                    "port ranges are not supported for k8s applications, please specify a single port",
                ))
            };
        }
        let conflict = |with: PortRange, unit: &str, note: &str| {
            Failure::run(format!(
                "cannot {verb} {range} (unit \"{}\"): port range conflicts with {with} (unit \"{unit}\"){note}",
                self.unit
            ))
        };
        for (other, ports) in self.neighbours() {
            if let Some(with) = ports
                .ranges()
                .into_iter()
                .find(|with| with.conflicts_with(range))
            {
                return Err(conflict(with, other.as_str(), ""));
            }
        }
        let differs = |with: &PortRange| *with != range && with.conflicts_with(range);
        if let Some(with) = self.run.ports.ranges().into_iter().find(differs) {
            return Err(conflict(with, self.unit.as_str(), ""));
        }
        let asked = self.run.open_ports.iter().map(|(_, range)| *range);
        match asked.into_iter().find(differs) {
            Some(with) => Err(conflict(with, self.unit.as_str(), " requested earlier")),
            None => Ok(()),
        }
    }
}
