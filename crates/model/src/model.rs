//! The facade: a model and everything a driver can do with it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ActionId, ActionRecord, AgentFiles, Answer, Call, CharmInfo, ContextId, Exit, Finished,
    HookRecord, LogRecord, ModelConfig, ModelError, ModelStatus, Operation, Settled, Stream, Time,
    UnitName,
};

/// A Juju model: controller, units, agents. See the crate's documentation for how it is driven.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Model {
    config: ModelConfig,
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

macro_rules! later {
    () => {
        unimplemented!("skeleton")
    };
}

#[allow(unused_variables, clippy::unimplemented)]
impl Model {
    /// A model in which nothing is deployed.
    #[must_use]
    pub fn new(config: ModelConfig) -> Self {
        Self { config }
    }

    /// What it was started with.
    #[must_use]
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    // ---- operator

    /// `juju deploy`: an application with `units` units.
    pub fn deploy(
        &mut self,
        application: &str,
        charm: CharmInfo,
        units: u32,
    ) -> Result<Vec<UnitName>, ModelError> {
        later!()
    }
    /// `juju add-unit`.
    pub fn add_unit(&mut self, application: &str) -> Result<UnitName, ModelError> {
        later!()
    }
    /// `juju remove-unit`: the unit becomes dying, runs its last hooks, and is gone.
    pub fn remove_unit(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// `juju remove-application`.
    pub fn remove_application(&mut self, application: &str) -> Result<(), ModelError> {
        later!()
    }
    /// `juju config APP K=V …`; nothing changes if one value is refused.
    pub fn set_config(
        &mut self,
        application: &str,
        values: &BTreeMap<String, String>,
    ) -> Result<(), ModelError> {
        later!()
    }
    /// `juju config APP --reset K,…`.
    pub fn reset_config(
        &mut self,
        application: &str,
        options: &[String],
    ) -> Result<(), ModelError> {
        later!()
    }
    /// `juju run UNIT ACTION …`: queued; follow it with [`Self::action`].
    pub fn run_action(
        &mut self,
        unit: &UnitName,
        name: &str,
        params: Map<String, Value>,
    ) -> Result<ActionId, ModelError> {
        later!()
    }
    /// `juju exec --unit UNIT -- COMMANDS`: queued; follow it with [`Self::action`].
    pub fn exec(&mut self, unit: &UnitName, commands: &str) -> Result<ActionId, ModelError> {
        later!()
    }
    /// An action that was asked for.
    #[must_use]
    pub fn action(&self, id: ActionId) -> Option<&ActionRecord> {
        later!()
    }
    /// `juju resolved UNIT`; without `retry` (`--no-retry`) the failed hook counts as run.
    pub fn resolved(&mut self, unit: &UnitName, retry: bool) -> Result<(), ModelError> {
        later!()
    }
    /// `juju refresh`: another charm for an application; with `force` also for units in error.
    pub fn upgrade(
        &mut self,
        application: &str,
        charm: CharmInfo,
        force: bool,
    ) -> Result<(), ModelError> {
        later!()
    }

    // ---- machines and faults

    /// The driver reports: the unit's machine is up and its agent runs (again). What ran in it before is taken as died.
    pub fn start_agent(&mut self, unit: &UnitName, machine: Machine) -> Result<(), ModelError> {
        later!()
    }
    /// The unit's agent stops, with whatever it runs, until [`Self::start_agent`].
    pub fn stop_agent(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// The unit's agent stops and starts again on the same machine.
    pub fn restart_agent(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// The unit's machine goes down, hard, and comes up again.
    pub fn reboot(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// The unit's machine is lost for good. The unit stays listed; its lease runs out.
    pub fn kill_unit(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// Cuts a unit's agent off from the controller: its calls fail, its lease runs out. What runs there goes on running,
    /// but cannot be committed.
    pub fn partition(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// Ends a [`Self::partition`].
    pub fn heal(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// Takes the lease from whoever has it and gives it to `unit`, at once. The one who lost it finds out the usual way.
    pub fn force_leader(&mut self, unit: &UnitName) -> Result<(), ModelError> {
        later!()
    }
    /// Ends the application's lease now, as if its time had run out; its holder finds out the usual way.
    pub fn expire_lease(&mut self, application: &str) -> Result<(), ModelError> {
        later!()
    }
    /// The controller will refuse the next flush of this unit that has anything to commit, with this text.
    pub fn fail_next_flush(&mut self, unit: &UnitName, text: &str) -> Result<(), ModelError> {
        later!()
    }

    // ---- running

    /// The next operation of any unit that has one; chance decides between units.
    pub fn poll(&mut self) -> Option<Operation> {
        later!()
    }
    /// The next operation of this unit.
    pub fn poll_unit(&mut self, unit: &UnitName) -> Option<Operation> {
        later!()
    }
    /// The operation a unit is running, with its kind and environment, as it was handed out.
    #[must_use]
    pub fn running(&self, unit: &UnitName) -> Option<&ContextId> {
        later!()
    }
    /// Runs a hook tool inside a running operation.
    pub fn tool(
        &mut self,
        context: &ContextId,
        call: &Call<'_>,
        files: &mut dyn AgentFiles,
    ) -> Answer {
        later!()
    }
    /// Takes what the running process printed: into the log, and into the results of an action.
    pub fn output(&mut self, context: &ContextId, stream: Stream, bytes: &[u8]) {
        later!()
    }
    /// Ends a running operation: commits what it buffered or drops it, and moves the agent's state on.
    pub fn finish(&mut self, context: &ContextId, exit: Exit) -> Result<Finished, ModelError> {
        later!()
    }

    // ---- time

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Time {
        later!()
    }
    /// Moves to `to` and lets everything happen that is due on the way. Does nothing if `to` is past.
    pub fn advance(&mut self, to: Time) {
        later!()
    }
    /// The moment something happens by itself next.
    #[must_use]
    pub fn next_timer(&self) -> Option<Time> {
        later!()
    }
    /// Whether everything has come to rest, and if not, why.
    #[must_use]
    pub fn settled(&self) -> Settled {
        later!()
    }

    // ---- looking

    /// What `juju status` shows.
    #[must_use]
    pub fn status(&self) -> ModelStatus {
        later!()
    }
    /// The log since the last call.
    pub fn drain_log(&mut self) -> Vec<LogRecord> {
        later!()
    }
    /// What a unit has run so far; units that are gone included.
    #[must_use]
    pub fn history(&self, unit: &UnitName) -> &[HookRecord] {
        later!()
    }
    /// Every unit there is or was, with what it has run.
    pub fn histories(&self) -> impl Iterator<Item = (&UnitName, &[HookRecord])> {
        std::iter::empty()
    }
}
