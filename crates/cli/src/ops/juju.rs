//! What the juju-compatible command does to a model.

use std::time::Duration;

use ensign_local::{Home, LocalModel};
use ensign_model::{ActionRecord, ApplicationStatus, ModelStatus, UnitName};

use crate::report::Report;

/// Commands for units.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exec {
    /// Units by name, or `APP/leader`.
    pub(crate) units: Vec<String>,
    /// All units of these.
    pub(crate) applications: Vec<String>,
    /// All units.
    pub(crate) all: bool,
    /// For the shell.
    pub(crate) commands: String,
    /// How long each may take, in model time.
    pub(crate) timeout: Duration,
}

/// What came of them.
#[derive(Debug)]
pub(crate) struct Executed {
    /// The model, for its calendar.
    pub(crate) status: ModelStatus,
    /// One for each unit, in order.
    pub(crate) records: Vec<ActionRecord>,
}

/// Runs the commands on one unit after the other.
pub(crate) fn exec(model: &mut LocalModel, exec: &Exec) -> Result<Executed, Report> {
    let status = model.status()?;
    let units = units(&status, exec)?;
    let records = units
        .iter()
        .map(|unit| model.exec(unit, &exec.commands, exec.timeout))
        .collect::<Result<_, _>>()?;
    Ok(Executed { status, records })
}

fn application<'s>(status: &'s ModelStatus, name: &str) -> Result<&'s ApplicationStatus, Report> {
    status
        .applications
        .get(name)
        .ok_or_else(|| Report::new(format!("application `{name}` not found")))
}

/// The unit that `APP/N` or `APP/leader` means.
pub(super) fn unit(status: &ModelStatus, name: &str) -> Result<UnitName, Report> {
    match name.split_once('/') {
        Some((app, "leader")) => application(status, app)?
            .leader
            .clone()
            .ok_or_else(|| Report::new(format!("could not determine leader for `{app}`"))),
        _ => name
            .parse()
            .map_err(|error| Report::usage(format!("{error}"))),
    }
}

fn units(status: &ModelStatus, exec: &Exec) -> Result<Vec<UnitName>, Report> {
    let mut found = Vec::new();
    for name in &exec.units {
        found.push(unit(status, name)?);
    }
    for name in &exec.applications {
        found.extend(
            application(status, name)?
                .units
                .iter()
                .map(|unit| unit.unit.clone()),
        );
    }
    if exec.all {
        found.extend(
            status
                .applications
                .values()
                .flat_map(|app| app.units.iter().map(|unit| unit.unit.clone())),
        );
    }
    if found.is_empty() {
        return Err(Report::usage("no unit is named")
            .hint("use `--unit APP/N`, `--application APP` or `--all`"));
    }
    Ok(found)
}

/// Ends the models and removes their folders. All are tried; the first failure is told.
pub(crate) fn destroy(home: &Home, names: &[String]) -> Result<(), Report> {
    let mut failed = None;
    for name in names {
        if let Err(error) = LocalModel::destroy_left_behind(home, super::model::bare(name)) {
            failed.get_or_insert(error);
        }
    }
    failed.map_or(Ok(()), |error| Err(error.into()))
}
