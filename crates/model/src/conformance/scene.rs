//! The model, put into a recorded context.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::case::{Context, RecordedEntry, RecordedNetwork, RecordedRelation, RecordedStatus};
use crate::agent::{Agent, Link, LocalRelation};
use crate::context::{ActionRun, HookContext, Run, RunKind};
use crate::log::Log;
use crate::world::{
    Addresses, Bag, GoalEntry, GoalState, Interface, Member, NetworkInfo, PortRange, Ports, Side,
    Status, Unit, World,
};
use crate::{
    ActionId, ActionRecord, ActionStatus, CharmInfo, ConfigValue, ContextId, Hook, Level, Life,
    Profile, RelationEvent, RelationHook, RelationId, Role, Scope, Time, UnitName,
};

/// When the recorded hook runs; everything before was at the start.
const NOW: Time = Time::from_secs(1);

/// A context that tools can be called in.
pub(super) struct Scene {
    pub(super) unit: UnitName,
    pub(super) world: World,
    pub(super) agent: Agent,
    pub(super) run: Run,
    pub(super) log: Log,
    /// The tools that have worked, help apart.
    pub(super) worked: BTreeSet<String>,
}

/// The running action.
const ACTION: ActionId = ActionId(1);

type Built<T> = Result<T, String>;

impl Scene {
    pub(super) fn of(context: &Context, profile: Profile) -> Built<Self> {
        let unit: UnitName = context.unit.parse().map_err(|error| format!("{error}"))?;
        let uuid = "deadbeef-0bad-400d-8000-4b1d0d06f00d".to_owned();
        let mut scene = Self {
            world: World::new(profile, "model".to_owned(), uuid, 0),
            agent: Agent::new(),
            run: Run::new(ContextId::from("recorded"), kind(context)?, NOW),
            log: Log::new(Some(Level::Trace)),
            worked: BTreeSet::new(),
            unit,
        };
        scene.agent.link = Link::Up;
        scene.add_own_application(context)?;
        for relation in &context.relations {
            scene.add_relation(relation)?;
        }
        scene.set_leadership(&context.leader);
        scene.set_statuses(context)?;
        scene.set_ports(context)?;
        scene.set_network(context)?;
        scene
            .run
            .private_address
            .clone_from(&context.private_address);
        if let Some(action) = &context.action {
            let params = action.params.clone().unwrap_or_default();
            scene.run.action = Some(ActionRun {
                params: params.clone(),
                ..ActionRun::default()
            });
            scene
                .world
                .actions
                .insert(ACTION, record(&scene.unit, action.name.clone(), params));
        }
        Ok(scene)
    }

    /// The context, for one call.
    pub(super) fn context(&mut self) -> HookContext<'_> {
        HookContext {
            run: &mut self.run,
            unit: &self.unit,
            agent: &mut self.agent,
            world: &mut self.world,
            log: &mut self.log,
            now: NOW,
        }
    }

    fn add_application(&mut self, name: &str) -> Built<()> {
        if self.world.applications.contains_key(name) {
            return Ok(());
        }
        self.world
            .add_application(name, CharmInfo::named(name))
            .map_err(|error| error.to_string())
    }

    fn add_unit(&mut self, name: &UnitName) -> Built<&mut Unit> {
        self.add_application(name.application())?;
        if !self.world.units.contains_key(name) {
            self.world
                .units
                .insert(name.clone(), Unit::new("0".to_owned(), Time::START));
            self.world
                .machines
                .entry("0".to_owned())
                .or_default()
                .push(name.clone());
            if let Some(application) = self.world.applications.get_mut(name.application()) {
                application.units.insert(name.clone());
            }
        }
        self.world
            .units
            .get_mut(name)
            .ok_or_else(|| "no unit".to_owned())
    }

    fn add_own_application(&mut self, context: &Context) -> Built<()> {
        self.world.kubernetes = context.model_type.as_deref() == Some("caas");
        let unit = self.unit.clone();
        let document = self.add_unit(&unit)?;
        document
            .private_address
            .clone_from(&context.private_address);
        document.public_address.clone_from(&context.public_address);
        document.state = Arc::new(context.state.clone());
        let config = context
            .config
            .iter()
            .map(|(name, value)| Ok((name.clone(), option(value)?)));
        let config = config.collect::<Built<BTreeMap<_, _>>>()?;
        let Some(application) = self.world.applications.get_mut(unit.application()) else {
            return Ok(());
        };
        application.fix_config(config);
        application.leader_settings = Arc::new(context.leader_settings.clone());
        Ok(())
    }

    fn add_relation(&mut self, recorded: &RecordedRelation) -> Built<()> {
        self.add_application(&recorded.app)?;
        let own = self.unit.application().to_owned();
        let side = |application: &str, role| Side {
            application: application.to_owned(),
            endpoint: recorded.name.clone(),
            role,
            scope: Scope::Global,
        };
        let sides = if recorded.peer {
            vec![side(&own, Role::Peer)]
        } else {
            vec![
                side(&own, Role::Requirer),
                side(&recorded.app, Role::Provider),
            ]
        };
        let id = RelationId(recorded.id);
        self.world.next_relation = recorded.id;
        self.world.add_relation(sides, recorded.name.clone());
        let Some(relation) = self.world.relations.get_mut(&id) else {
            return Ok(());
        };
        relation.life = recorded.life.unwrap_or(Life::Alive);
        relation.suspended = recorded.suspended.unwrap_or(false);
        let bag = |values: &BTreeMap<String, String>| Bag {
            values: Arc::new(values.clone()),
            version: 1,
        };
        let member = |values| Member {
            bag: bag(values),
            in_scope: true,
            entered: true,
        };
        let mut known = LocalRelation {
            created: true,
            ..LocalRelation::default()
        };
        relation
            .units
            .insert(self.unit.clone(), member(&recorded.local));
        for (name, values) in &recorded.units {
            let name: UnitName = name.parse().map_err(|error| format!("{error}"))?;
            known.members.insert(name.clone(), 1);
            relation.units.insert(name, member(values));
        }
        if !recorded.peer {
            relation
                .applications
                .insert(recorded.app.clone(), bag(&recorded.remote_app));
        }
        relation.applications.insert(own, bag(&recorded.local_app));
        self.agent.local.relations.insert(id, known);
        Ok(())
    }

    fn set_leadership(&mut self, leader: &Value) {
        let tracker = &mut self.agent.memory.tracker;
        tracker.leader = *leader == Value::Bool(true);
        if leader.is_string() {
            tracker.broken = Some("leadership failure".to_owned());
        }
        if tracker.leader {
            self.world.leases.claim(&self.unit, Time::START);
        }
    }

    fn set_statuses(&mut self, context: &Context) -> Built<()> {
        let mut statuses = BTreeMap::new();
        if let Some(recorded) = &context.app_status {
            statuses.clone_from(&recorded.units);
            if let Some(application) = self.world.applications.get_mut(self.unit.application()) {
                application.status = Some(status(recorded));
            }
        }
        let own = context.unit_status.clone();
        if let Some(own) = &own {
            // The recordings' stand-in answers the two questions apart from each other.
            match statuses.get(self.unit.as_str()) {
                Some(other) if other != own => self.run.status = Some(status(own)),
                _ => {
                    let unit = self.unit.clone();
                    self.add_unit(&unit)?.workload = status(own);
                }
            }
        }
        for (name, recorded) in &statuses {
            let name: UnitName = name.parse().map_err(|error| format!("{error}"))?;
            self.add_unit(&name)?.workload = status(recorded);
        }
        // Units without a status there are not listed.
        if let Some(application) = self.world.applications.get_mut(self.unit.application()) {
            application
                .units
                .retain(|unit| statuses.contains_key(unit.as_str()));
        }
        Ok(())
    }

    fn set_ports(&mut self, context: &Context) -> Built<()> {
        let own = Arc::new(ports(&context.ports)?);
        self.run.ports = Arc::clone(&own);
        let unit = self.unit.clone();
        self.add_unit(&unit)?.ports = own;
        for (name, recorded) in &context.other_ports {
            let name: UnitName = name.parse().map_err(|error| format!("{error}"))?;
            self.add_unit(&name)?.ports = Arc::new(ports(recorded)?);
        }
        Ok(())
    }

    fn set_network(&mut self, context: &Context) -> Built<()> {
        let networks = context.network.iter().flatten();
        let networks = networks.map(|(name, recorded)| Ok((name.clone(), network(recorded)?)));
        let networks = networks.collect::<Built<BTreeMap<_, _>>>()?;
        let unit = self.unit.clone();
        self.add_unit(&unit)?.network = networks;
        let goal = context.goal_state.clone().unwrap_or_default();
        let mut relations = BTreeMap::new();
        for (endpoint, entries) in &goal.relations {
            relations.insert(endpoint.clone(), goal_entries(entries)?);
        }
        self.world.goal_state = Some(GoalState {
            units: goal_entries(&goal.units)?,
            relations,
        });
        Ok(())
    }
}

fn record(unit: &UnitName, name: String, params: Map<String, Value>) -> ActionRecord {
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

fn kind(context: &Context) -> Built<RunKind> {
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

fn option(value: &Value) -> Built<Option<ConfigValue>> {
    Ok(match value {
        Value::Null => None,
        other => Some(serde_json::from_value(other.clone()).map_err(|error| error.to_string())?),
    })
}

fn status(recorded: &RecordedStatus) -> Status {
    Status {
        data: recorded.data.clone(),
        ..Status::new(&recorded.status, &recorded.message, Time::START)
    }
}

fn ports(recorded: &[(String, String)]) -> Built<Ports> {
    let mut ports = Ports::default();
    for (endpoint, range) in recorded {
        ports.open(endpoint, PortRange::parse(range)?);
    }
    Ok(ports)
}

fn network(recorded: &RecordedNetwork) -> Built<NetworkInfo> {
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

fn goal_entries(recorded: &BTreeMap<String, RecordedEntry>) -> Built<BTreeMap<String, GoalEntry>> {
    recorded
        .iter()
        .map(|(name, each)| Ok((name.clone(), goal_entry(each)?)))
        .collect()
}

fn goal_entry(recorded: &RecordedEntry) -> Built<GoalEntry> {
    let since = seconds(&recorded.since).ok_or_else(|| format!("time {:?}", recorded.since))?;
    Ok(GoalEntry {
        status: recorded.status.clone(),
        since,
    })
}

/// Seconds since 1970 of `2024-01-02T03:04:05.678+02:00`.
fn seconds(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let clock = number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?;
    let rest = text
        .get(19..)?
        .trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    let zone = match rest {
        "Z" => 0,
        _ => {
            let sign = if rest.starts_with('-') { -1 } else { 1 };
            sign * (rest.get(1..3)?.parse::<i64>().ok()? * 3600
                + rest.get(4..6)?.parse::<i64>().ok()? * 60)
        }
    };
    let shifted = year - i64::from(month <= 2);
    let (era, of_era) = (shifted.div_euclid(400), shifted.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * 86400 + clock - zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_fractions_and_zones_are_read() {
        assert_eq!(seconds("2024-01-02T03:04:05Z"), Some(1_704_164_645));
        assert_eq!(
            seconds("2024-01-02T03:04:05.678+02:00"),
            Some(1_704_157_445)
        );
        assert_eq!(seconds("soon"), None);
    }
}
