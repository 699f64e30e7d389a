//! Recorded values as the model holds them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::case::{Context, RecordedEntry, RecordedNetwork, RecordedStatus};
use super::scene::{ACTION, Built};
use crate::context::RunKind;
use crate::date;
use crate::world::{Addresses, GoalEntry, Interface, NetworkInfo, PortRange, Ports, Status};
use crate::{
    ActionRecord, ActionStatus, ConfigValue, Hook, RelationEvent, RelationHook, RelationId, Time,
    UnitName,
};

pub(super) fn record(unit: &UnitName, name: String, params: Map<String, Value>) -> ActionRecord {
    ActionRecord {
        id: ACTION,
        unit: unit.clone(),
        name,
        params,
        status: ActionStatus::Running,
        results: Map::new(),
        message: String::new(),
        log: Vec::new(),
        enqueued: Time::START,
        started: Some(Time::START),
        completed: None,
    }
}

pub(super) fn kind(context: &Context) -> Built<RunKind> {
    Ok(match context.kind.as_str() {
        "restricted" => RunKind::Restricted,
        "action" => RunKind::Action {
            id: ACTION,
            name: context.hook.clone(),
        },
        "relation" => RunKind::Hook(Hook::Relation(relation_hook(context)?)),
        // None of the others makes a difference to a tool.
        _ => RunKind::Hook(Hook::Start),
    })
}

fn relation_hook(context: &Context) -> Built<RelationHook> {
    let (endpoint, event) = context
        .hook
        .rsplit_once("-relation-")
        .ok_or("a relation hook of another name")?;
    let event = match event {
        "created" => RelationEvent::Created,
        "joined" => RelationEvent::Joined,
        "changed" => RelationEvent::Changed,
        "departed" => RelationEvent::Departed,
        "broken" => RelationEvent::Broken,
        other => return Err(format!("relation event {other:?}")),
    };
    let remote_unit = context
        .remote_unit
        .as_deref()
        .map(str::parse::<UnitName>)
        .transpose();
    let remote_unit = remote_unit.map_err(|error| error.to_string())?;
    let of_unit = remote_unit
        .as_ref()
        .map(|unit| unit.application().to_owned());
    Ok(RelationHook {
        event,
        relation: RelationId(
            context
                .hook_relation
                .ok_or("a relation hook without relation")?,
        ),
        endpoint: endpoint.to_owned(),
        remote_app: context.remote_app.clone().or(of_unit).unwrap_or_default(),
        remote_unit,
        departing: None,
    })
}

pub(super) fn option(value: &Value) -> Built<Option<ConfigValue>> {
    Ok(match value {
        Value::Null => None,
        other => Some(serde_json::from_value(other.clone()).map_err(|error| error.to_string())?),
    })
}

pub(super) fn status(recorded: &RecordedStatus) -> Status {
    Status {
        data: recorded.data.clone(),
        ..Status::new(&recorded.status, &recorded.message, Time::START)
    }
}

pub(super) fn ports(recorded: &[(String, String)]) -> Built<Ports> {
    let mut ports = Ports::default();
    for (endpoint, range) in recorded {
        ports.open(endpoint, PortRange::parse(range)?);
    }
    Ok(ports)
}

pub(super) fn network(recorded: &RecordedNetwork) -> Built<NetworkInfo> {
    let interfaces = recorded.bind_addresses.iter().map(|interface| Interface {
        mac: interface.mac_address.clone(),
        name: interface.interface_name.clone(),
        addresses: interface
            .addresses
            .iter()
            .map(|address| Addresses {
                hostname: address.hostname.clone(),
                value: address.value.clone(),
                cidr: address.cidr.clone(),
            })
            .collect(),
    });
    let mut relations = BTreeMap::new();
    for (id, recorded) in &recorded.relation {
        let id = id.parse().map_err(|_| format!("relation id {id:?}"))?;
        relations.insert(RelationId(id), network(recorded)?);
    }
    Ok(NetworkInfo {
        interfaces: interfaces.collect(),
        egress_subnets: recorded.egress_subnets.clone(),
        ingress_addresses: recorded.ingress_addresses.clone(),
        relations,
    })
}

pub(super) fn goal_entries(
    recorded: &BTreeMap<String, RecordedEntry>,
) -> Built<BTreeMap<String, GoalEntry>> {
    recorded
        .iter()
        .map(|(name, each)| Ok((name.clone(), goal_entry(each)?)))
        .collect()
}

fn goal_entry(recorded: &RecordedEntry) -> Built<GoalEntry> {
    let since =
        date::parse(&recorded.since, false).ok_or_else(|| format!("time {:?}", recorded.since))?;
    Ok(GoalEntry {
        status: recorded.status.clone(),
        since,
    })
}
