//! Statuses as tools and people see them.

use super::{Status, World};

/// How bad a status is; an application without one of its own has the worst of its units.
fn severity(status: &str) -> u8 {
    match status {
        "error" => 6,
        "blocked" => 5,
        "waiting" => 4,
        "maintenance" => 3,
        "terminated" => 2,
        "active" => 1,
        _ => 0,
    }
}

impl World {
    /// What the leader set, else the worst of the units' statuses.
    pub(crate) fn application_status(&self, name: &str) -> Status {
        if let Some(status) = self
            .applications
            .get(name)
            .and_then(|application| application.status.clone())
        {
            return status;
        }
        let statuses = self
            .unit_statuses(name)
            .into_iter()
            .map(|(_, status)| status);
        statuses
            .reduce(|worst, status| {
                if severity(&status.status) > severity(&worst.status) {
                    status
                } else {
                    worst
                }
            })
            .unwrap_or_else(|| Status::new("unknown", "", crate::Time::START))
    }

    /// The workload statuses of an application's units.
    pub(crate) fn unit_statuses(&self, name: &str) -> Vec<(String, Status)> {
        let units = self
            .applications
            .get(name)
            .into_iter()
            .flat_map(|application| &application.units);
        units
            .filter_map(|unit| Some((unit.to_string(), self.units.get(unit)?.workload.clone())))
            .collect()
    }
}
