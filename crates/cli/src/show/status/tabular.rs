//! In columns.

use ensign_model::{ApplicationStatus, ModelStatus, RelationStatus, UnitStatus};

use super::super::table::{Side, table};
use super::super::time::clock;
use super::{CLOUD, CONTROLLER, Machine, agent, all_units, by_machine, instance, message, seconds};

/// The columns.
pub(crate) fn tabular(status: &ModelStatus, relations: bool) -> String {
    let mut parts = vec![
        model(status),
        applications(status),
        units(status),
        machines(status),
    ];
    if relations {
        parts.push(integrations(status));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn left(names: &[&'static str]) -> Vec<(&'static str, Side)> {
    let right = |name: &str| {
        if matches!(name, "Scale" | "Rev") {
            Side::Right
        } else {
            Side::Left
        }
    };
    names.iter().map(|name| (*name, right(name))).collect()
}

fn model(status: &ModelStatus) -> String {
    let version = status.profile.agent_version().to_owned();
    let row = [
        status.name.clone(),
        CONTROLLER.into(),
        format!("{CLOUD}/localhost"),
        version,
        clock(seconds(status, status.now)),
    ];
    table(
        &left(&[
            "Model",
            "Controller",
            "Cloud/Region",
            "Version",
            "Timestamp",
        ]),
        &[row.to_vec()],
    )
}

fn applications(status: &ModelStatus) -> String {
    let row = |(name, app): (&String, &ApplicationStatus)| {
        vec![
            name.clone(),
            app.version.clone(),
            app.status.status.clone(),
            app.units.len().to_string(),
            app.charm.clone(),
            String::new(),
            app.revision.to_string(),
            "no".into(),
            app.status.message.clone(),
        ]
    };
    let rows: Vec<_> = status.applications.iter().map(row).collect();
    let heading = [
        "App", "Version", "Status", "Scale", "Charm", "Channel", "Rev", "Exposed", "Message",
    ];
    if rows.is_empty() {
        String::new()
    } else {
        table(&left(&heading), &rows)
    }
}

fn units(status: &ModelStatus) -> String {
    let row = |unit: &UnitStatus| {
        vec![
            format!("{}{}", unit.unit, if unit.leader { "*" } else { "" }),
            unit.workload.status.clone(),
            agent(unit).to_owned(),
            unit.machine.clone(),
            unit.address.clone().unwrap_or_default(),
            unit.ports.join(","),
            message(unit),
        ]
    };
    let rows: Vec<_> = all_units(status).map(row).collect();
    let heading = [
        "Unit",
        "Workload",
        "Agent",
        "Machine",
        "Public address",
        "Ports",
        "Message",
    ];
    if rows.is_empty() {
        String::new()
    } else {
        table(&left(&heading), &rows)
    }
}

fn machines(status: &ModelStatus) -> String {
    let row = |(number, machine): (&str, &Machine<'_>)| {
        vec![
            number.to_owned(),
            machine.state().into(),
            machine.unit.address.clone().unwrap_or_default(),
            instance(status, number),
            machine.app.base.clone().unwrap_or_default(),
        ]
    };
    let all = by_machine(status);
    let rows: Vec<_> = all
        .iter()
        .map(|(number, machine)| row((number, machine)))
        .collect();
    let heading = ["Machine", "State", "Address", "Inst id", "Base"];
    if rows.is_empty() {
        String::new()
    } else {
        table(&left(&heading), &rows)
    }
}

fn integrations(status: &ModelStatus) -> String {
    let row = |relation: &RelationStatus| {
        let (first, last) = (relation.endpoints.first(), relation.endpoints.last());
        let kind = if relation.endpoints.len() < 2 {
            "peer"
        } else {
            "regular"
        };
        let name = |side: Option<&String>| side.cloned().unwrap_or_default();
        vec![
            name(last),
            name(first),
            relation.interface.clone(),
            kind.into(),
            String::new(),
        ]
    };
    let rows: Vec<_> = status.relations.values().map(row).collect();
    let heading = [
        "Integration provider",
        "Requirer",
        "Interface",
        "Type",
        "Message",
    ];
    if rows.is_empty() {
        String::new()
    } else {
        table(&left(&heading), &rows)
    }
}
