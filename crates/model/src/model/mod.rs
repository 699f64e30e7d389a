//! The facade: a model and everything a driver can do with it.

mod actions;
mod begin;
mod commit;
mod faults;
mod finish;
mod leases;
mod look;
mod machines;
mod operator;
mod output;
mod params;
mod poll;
mod settled;
mod timers;
mod tools;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::agent::Agent;
use crate::log::Log;
use crate::random::Random;
use crate::world::World;
use crate::{ContextId, HookRecord, ModelConfig, ModelError, Time, UnitName};
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
        Self {
            now: Time::START,
            world: World::new(
                config.profile,
                config.name.clone(),
                config.uuid.clone(),
                config.epoch,
            ),
            agents: BTreeMap::new(),
            contexts: BTreeMap::new(),
            timers: BTreeSet::new(),
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
        let mut notified = std::mem::take(&mut self.world.notified);
        for unit in notified.drain(..) {
            self.wake(&unit);
        }
        // Keeps the allocation.
        self.world.notified = notified;
    }
}
