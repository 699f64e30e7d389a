//! The model as `juju status` prints it: in columns, or as JSON.

mod json;
mod tabular;

pub(crate) use json::json;
pub(crate) use tabular::tabular;

use ensign_model::{ApplicationStatus, ModelStatus, Time, UnitStatus};

/// What `juju status` calls this controller and its cloud.
const CONTROLLER: &str = "ensign";
const CLOUD: &str = "local";

/// The machine of a unit, as far as a model has one.
struct Machine<'a> {
    unit: &'a UnitStatus,
    app: &'a ApplicationStatus,
}

impl Machine<'_> {
    fn state(&self) -> &'static str {
        match (self.unit.agent.status.as_str(), self.unit.alive) {
            ("allocating", _) => "pending",
            (_, true) => "started",
            (_, false) => "down",
        }
    }
}

fn all_units(status: &ModelStatus) -> impl Iterator<Item = &UnitStatus> {
    status.applications.values().flat_map(|app| &app.units)
}

/// In the order of their numbers.
fn by_machine(status: &ModelStatus) -> Vec<(&str, Machine<'_>)> {
    let all = status
        .applications
        .values()
        .flat_map(|app| app.units.iter().map(move |unit| Machine { unit, app }));
    let mut all: Vec<_> = all
        .map(|machine| (machine.unit.machine.as_str(), machine))
        .collect();
    all.sort_by_key(|(number, _)| {
        (
            number.parse::<u64>().unwrap_or(u64::MAX),
            (*number).to_owned(),
        )
    });
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

fn instance(status: &ModelStatus, machine: &str) -> String {
    // As the machine's host name says it, too.
    format!("juju-{}-{machine}", status.uuid.get(..6).unwrap_or("model"))
}

/// A unit that is not reached is shown as lost, as Juju does.
fn agent(unit: &UnitStatus) -> &str {
    if unit.alive || unit.agent.status == "allocating" {
        &unit.agent.status
    } else {
        "lost"
    }
}

/// What the agent says of an error goes before what the charm says.
fn message(unit: &UnitStatus) -> String {
    if unit.agent.status == "error" || unit.workload.message.is_empty() {
        unit.agent.message.clone()
    } else {
        unit.workload.message.clone()
    }
}

fn seconds(status: &ModelStatus, time: Time) -> u64 {
    status.epoch + time.as_micros() / 1_000_000
}
