//! The model as `juju status` prints it: in columns, or as JSON.

use std::collections::BTreeMap;

use ensign_model::{ApplicationStatus, ModelStatus, RelationStatus, StatusText, Time, UnitStatus};
use serde_json::{Map, Value, json};

use super::table::{Side, table};
use super::time::{clock, date};

/// What `juju status` calls this controller and its cloud.
const CONTROLLER: &str = "ensign";
const CLOUD: &str = "local";

/// The columns.
pub(crate) fn tabular(status: &ModelStatus, relations: bool) -> String {
    let mut parts = vec![model(status), applications(status), units(status), machines(status)];
    if relations {
        parts.push(integrations(status));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

fn left(names: &[&'static str]) -> Vec<(&'static str, Side)> {
    let right = |name: &str| if matches!(name, "Scale" | "Rev") { Side::Right } else { Side::Left };
    names.iter().map(|name| (*name, right(name))).collect()
}

fn model(status: &ModelStatus) -> String {
    let version = status.profile.agent_version().to_owned();
    let row = [status.name.clone(), CONTROLLER.into(), format!("{CLOUD}/localhost"), version, clock(seconds(status, status.now))];
    table(&left(&["Model", "Controller", "Cloud/Region", "Version", "Timestamp"]), &[row.to_vec()])
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
    let heading = ["App", "Version", "Status", "Scale", "Charm", "Channel", "Rev", "Exposed", "Message"];
    if rows.is_empty() { String::new() } else { table(&left(&heading), &rows) }
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
    let heading = ["Unit", "Workload", "Agent", "Machine", "Public address", "Ports", "Message"];
    if rows.is_empty() { String::new() } else { table(&left(&heading), &rows) }
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
    let rows: Vec<_> = all.iter().map(|(number, machine)| row((number, machine))).collect();
    let heading = ["Machine", "State", "Address", "Inst id", "Base"];
    if rows.is_empty() { String::new() } else { table(&left(&heading), &rows) }
}

fn integrations(status: &ModelStatus) -> String {
    let row = |relation: &RelationStatus| {
        let (first, last) = (relation.endpoints.first(), relation.endpoints.last());
        let kind = if relation.endpoints.len() < 2 { "peer" } else { "regular" };
        let name = |side: Option<&String>| side.cloned().unwrap_or_default();
        vec![name(last), name(first), relation.interface.clone(), kind.into(), String::new()]
    };
    let rows: Vec<_> = status.relations.values().map(row).collect();
    let heading = ["Integration provider", "Requirer", "Interface", "Type", "Message"];
    if rows.is_empty() { String::new() } else { table(&left(&heading), &rows) }
}

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
    let all = status.applications.values().flat_map(|app| app.units.iter().map(move |unit| Machine { unit, app }));
    let mut all: Vec<_> = all.map(|machine| (machine.unit.machine.as_str(), machine)).collect();
    all.sort_by_key(|(number, _)| (number.parse::<u64>().unwrap_or(u64::MAX), (*number).to_owned()));
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

fn instance(status: &ModelStatus, machine: &str) -> String {
    format!("{}-{machine}", status.name)
}

/// A unit that is not reached is shown as lost, as Juju does.
fn agent(unit: &UnitStatus) -> &str {
    if unit.alive || unit.agent.status == "allocating" { &unit.agent.status } else { "lost" }
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

/// The object that `juju status --format json` prints.
pub(crate) fn json(status: &ModelStatus) -> Value {
    let machines: Map<String, Value> =
        by_machine(status).iter().map(|(number, machine)| ((*number).to_owned(), machine_json(status, number, machine))).collect();
    let applications: Map<String, Value> =
        status.applications.iter().map(|(name, app)| (name.clone(), application_json(status, name, app))).collect();
    json!({
        "model": {
            "name": status.name, "type": "iaas", "controller": CONTROLLER, "cloud": CLOUD, "region": "localhost",
            "version": status.profile.agent_version(),
            "model-status": {"current": "available", "since": date(status.epoch)},
        },
        "machines": machines,
        "applications": applications,
        "storage": {},
        "controller": {"timestamp": clock(seconds(status, status.now))},
    })
}

fn text(status: &ModelStatus, of: &StatusText) -> Map<String, Value> {
    let mut map = Map::from_iter([("current".to_owned(), json!(of.status))]);
    if !of.message.is_empty() {
        map.insert("message".into(), json!(of.message));
    }
    map.insert("since".into(), json!(date(seconds(status, of.since))));
    map
}

fn base_json(base: Option<&str>) -> Value {
    let (name, channel) = base.and_then(|base| base.split_once('@')).unwrap_or(("ubuntu", "22.04"));
    json!({"name": name, "channel": channel})
}

fn machine_json(status: &ModelStatus, number: &str, machine: &Machine<'_>) -> Value {
    let since = date(seconds(status, machine.unit.agent.since));
    let addresses: Vec<&String> = machine.unit.address.iter().collect();
    json!({
        "juju-status": {"current": machine.state(), "since": since, "version": status.profile.agent_version()},
        "hostname": instance(status, number),
        "dns-name": machine.unit.address.clone().unwrap_or_default(),
        "ip-addresses": addresses,
        "instance-id": instance(status, number),
        "machine-status": {"current": if machine.unit.alive { "running" } else { "stopped" }, "since": since},
        "modification-status": {"current": "idle", "since": since},
        "base": base_json(machine.app.base.as_deref()),
        "constraints": "",
    })
}

fn application_json(status: &ModelStatus, name: &str, app: &ApplicationStatus) -> Value {
    let units: Map<String, Value> =
        app.units.iter().map(|unit| (unit.unit.to_string(), unit_json(status, unit))).collect();
    let mut value = json!({
        "charm": format!("local:{}-{}", app.charm, app.revision),
        "base": base_json(app.base.as_deref()),
        "charm-origin": "local",
        "charm-name": app.charm,
        "charm-rev": app.revision,
        "exposed": false,
        "application-status": text(status, &app.status),
        "relations": relations_json(status, name),
        "units": units,
    });
    if !app.version.is_empty() {
        value["version"] = json!(app.version);
    }
    value
}

fn unit_json(status: &ModelStatus, unit: &UnitStatus) -> Value {
    let mut juju = text(status, &unit.agent);
    juju.insert("current".into(), json!(agent(unit)));
    juju.insert("version".into(), json!(status.profile.agent_version()));
    let mut value = json!({
        "workload-status": text(status, &unit.workload),
        "juju-status": juju,
        "machine": unit.machine,
    });
    if unit.leader {
        value["leader"] = json!(true);
    }
    if !unit.ports.is_empty() {
        value["open-ports"] = json!(unit.ports);
    }
    if let Some(address) = &unit.address {
        value["public-address"] = json!(address);
    }
    value
}

/// By endpoint of `name`: who is on the other side.
fn relations_json(status: &ModelStatus, name: &str) -> Value {
    let mut all: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for relation in status.relations.values() {
        let sides: Vec<(&str, &str)> = relation.endpoints.iter().filter_map(|side| side.split_once(':')).collect();
        for (index, (app, endpoint)) in sides.iter().enumerate() {
            if *app == name {
                let other = sides.get(1 - index.min(1)).map_or(*app, |(other, _)| *other);
                all.entry(endpoint).or_default().push(
                    json!({"related-application": other, "interface": relation.interface, "scope": "global"}),
                );
            }
        }
    }
    json!(all)
}
