//! The facade: a model and everything a driver can do with it.

mod actions;
mod begin;
mod commit;
mod exec;
mod extras;
mod faults;
mod finish;
mod leases;
mod lock;
mod look;
mod machines;
mod moving;
mod operator;
mod output;
mod params;
mod poll;
mod readable;
#[cfg(test)]
mod secret_properties;
mod secrets;
mod settled;
mod timers;
mod tools;
mod user_secrets;

use std::collections::{BTreeMap, BTreeSet};

pub use faults::flush_parts;
use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::log::Log;
use crate::random::Random;
use crate::world::World;
use crate::{ContextId, HookRecord, ModelConfig, ModelError, Time, UnitName};
use moving::Move;
use timers::Timer;

/// The logger of what agents say about the operations they run.
const OPERATION_LOGGER: &str = "juju.worker.uniter.operation";

/// The logger of what agents say about leadership.
const LEADERSHIP_LOGGER: &str = "juju.worker.leadership";

/// A Juju model: controller, units, agents. See the crate's documentation for how it is driven.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Model {
    config: ModelConfig,
    now: Time,
    random: Random,
    world: World,
    agents: BTreeMap<UnitName, Agent>,
    /// What runs, by context.
    contexts: BTreeMap<ContextId, UnitName>,
    timers: BTreeSet<(Time, Timer)>,
    /// When secrets have to be looked at next; it stands among the timers.
    secrets_due: Option<Time>,
    /// A move to another controller that waits for what runs.
    moving: Option<Move>,
    /// Units whose next operation has to be looked at.
    ready: Vec<UnitName>,
    log: Log,
    histories: BTreeMap<UnitName, Vec<HookRecord>>,
}

/// What a unit's agent finds when it starts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// The machine's own address, as `private-address`; empty if it has none.
    pub address: String,
    /// The network it is in, such as `10.0.0.0/24`; may be empty.
    pub cidr: String,
    /// The interface's name; may be empty.
    pub interface: String,
    /// The interface's hardware address; may be empty.
    pub mac: String,
    /// The machine has been booted anew since the agent last ran.
    pub rebooted: bool,
}

impl Model {
    /// A model in which nothing is deployed.
    #[must_use]
    pub fn new(mut config: ModelConfig) -> Self {
        let mut random = Random::new(config.seed);
        if config.uuid.is_empty() {
            config.uuid = random.uuid();
        }
        let mut world = World::new(
            config.profile,
            config.name.clone(),
            config.uuid.clone(),
            config.epoch,
        );
        world.data_dir.clone_from(&config.data_dir);
        world.shared_machines = config.shared_machines;
        world.api_address = config.api_addresses.first().cloned().unwrap_or_default();
        Self {
            now: Time::START,
            world,
            agents: BTreeMap::new(),
            contexts: BTreeMap::new(),
            timers: BTreeSet::new(),
            secrets_due: None,
            moving: None,
            ready: Vec::new(),
            log: Log::new(config.log_level),
            histories: BTreeMap::new(),
            random,
            config,
        }
    }

    /// What it was started with.
    #[must_use]
    pub const fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The present moment.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    fn agent(&self, unit: &UnitName) -> Result<&Agent, ModelError> {
        self.agents
            .get(unit)
            .ok_or_else(|| ModelError::NoUnit(unit.to_string()))
    }

    fn agent_mut(&mut self, unit: &UnitName) -> Result<&mut Agent, ModelError> {
        self.agents
            .get_mut(unit)
            .ok_or_else(|| ModelError::NoUnit(unit.to_string()))
    }

    /// Queues a unit to have its next operation looked at.
    fn wake(&mut self, unit: &UnitName) {
        if let Some(agent) = self.agents.get_mut(unit)
            && agent.is_up()
            && agent.running.is_none()
            && !agent.awake
        {
            agent.awake = true;
            self.ready.push(unit.clone());
        }
    }

    /// Wakes everyone the controller has told of a change.
    fn deliver(&mut self) {
        self.move_when_quiet();
        self.tell_of_secrets();
        let mut notified = std::mem::take(&mut self.world.notified);
        for unit in notified.drain(..) {
            self.wake(&unit);
        }
        // Keeps the allocation.
        self.world.notified = notified;
    }
}
