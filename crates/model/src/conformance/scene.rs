//! The model, put into a recorded context.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::case::{Context, RecordedRelation};
use super::convert::{goal_entries, kind, network, option, ports, record, status};
use super::scratch::DIR;
use crate::agent::{Agent, Link, LocalRelation};
use crate::context::{ActionRun, HookContext, Recorder, Run};
use crate::log::Log;
use crate::world::{Attachment, Bag, GoalState, Member, Resource, Secrets, Side, Unit, World};
use crate::{
    ActionId, CharmInfo, ContextId, Level, Life, Profile, RelationId, Role, Scope, Time, UnitName,
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
    /// The secrets before the first call.
    pub(super) secrets: Secrets,
}

/// The running action.
pub(super) const ACTION: ActionId = ActionId(1);

pub(super) type Built<T> = Result<T, String>;

impl Scene {
    pub(super) fn of(context: &Context, profile: Profile) -> Built<Self> {
        let unit: UnitName = context.unit.parse().map_err(|error| format!("{error}"))?;
        let uuid = "deadbeef-0bad-400d-8000-4b1d0d06f00d".to_owned();
        let mut scene = Self {
            world: World::new(profile, "model".to_owned(), uuid, 0),
            agent: Agent::new(profile),
            run: Run::new(ContextId::from("recorded"), kind(context)?, NOW),
            log: Log::new(Some(Level::Trace)),
            worked: BTreeSet::new(),
            secrets: Secrets::default(),
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
        scene.set_storage(context)?;
        scene.set_resources(context);
        scene.set_secrets(context)?;
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
            .add_application(name, CharmInfo::named(name), &BTreeMap::new())
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
            container: None,
            noted: 0,
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

    fn set_storage(&mut self, context: &Context) -> Built<()> {
        let attachments = context.storage.iter().map(|recorded| {
            let attachment = Attachment {
                kind: recorded.kind.clone(),
                location: recorded.location.clone(),
                life: Life::Alive,
                provisioned: recorded.provisioned.unwrap_or(true),
            };
            (recorded.id.clone(), attachment)
        });
        let unit = self.unit.clone();
        self.add_unit(&unit)?.storage = attachments.collect();
        self.run.storage.clone_from(&context.hook_storage);
        Ok(())
    }

    /// Resources, the cloud, and what metrics may be recorded.
    fn set_resources(&mut self, context: &Context) {
        self.world.api_address = "10.0.0.1:17070".to_owned();
        self.world.resources_dir = Some(format!("{DIR}/resources"));
        self.world.cloud.clone_from(&context.cloud);
        self.run.recorder = context.metrics.as_ref().map(|declared| Recorder {
            declared: declared.iter().cloned().collect(),
            recorded: Vec::new(),
        });
        if let Some(application) = self.world.applications.get_mut(self.unit.application()) {
            application.trusted = context.cloud.is_some();
            for (name, content) in &context.resources {
                let file = match name.as_str() {
                    // What the recordings' stand-in called it.
                    "odd" => "100%d odd.bin".to_owned(),
                    name => format!("{name}.bin"),
                };
                let resource = Resource {
                    file,
                    content: Arc::from(content.as_bytes()),
                };
                application.resources.insert(name.clone(), resource);
            }
        }
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
