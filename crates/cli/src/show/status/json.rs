//! As JSON.

use std::collections::BTreeMap;

use ensign_model::{ApplicationStatus, ModelStatus, StatusText, UnitStatus};
use serde_json::{Map, Value, json};

use super::super::time::{clock, date};
use super::{CLOUD, CONTROLLER, Machine, agent, by_machine, instance, seconds};

/// The object that `juju status --format json` prints.
pub(crate) fn json(status: &ModelStatus) -> Value {
    let machines: Map<String, Value> = by_machine(status)
        .iter()
        .map(|(number, machine)| ((*number).to_owned(), machine_json(status, number, machine)))
        .collect();
    let applications: Map<String, Value> = status
        .applications
        .iter()
        .map(|(name, app)| (name.clone(), application_json(status, name, app)))
        .collect();
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
    let (name, channel) = base
        .and_then(|base| base.split_once('@'))
        .unwrap_or(("ubuntu", "22.04"));
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
    let units: Map<String, Value> = app
        .units
        .iter()
        .map(|unit| (unit.unit.to_string(), unit_json(status, unit)))
        .collect();
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
        let sides: Vec<(&str, &str)> = relation
            .endpoints
            .iter()
            .filter_map(|side| side.split_once(':'))
            .collect();
        for (index, (app, endpoint)) in sides.iter().enumerate() {
            if *app == name {
                let other = sides
                    .get(1 - index.min(1))
                    .map_or(*app, |(other, _)| *other);
                all.entry(endpoint).or_default().push(
                    json!({"related-application": other, "interface": relation.interface, "scope": "global"}),
                );
            }
        }
    }
    json!(all)
}
