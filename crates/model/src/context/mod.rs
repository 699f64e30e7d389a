//! One running hook, action or command: what it has read, what it has buffered, and what it may see.
//!
//! [`Run`] is the data, kept with the agent while the process runs. [`HookContext`] is what a hook tool works on: the
//! run, its agent and the controller, borrowed for one call.
//!
//! What is read when, and for how long the answer stays:
//!
//! | data | read | kept for |
//! |---|---|---|
//! | configuration, charm state, unit status, leader settings | at first use | the run (`leader-set` drops the settings) |
//! | "not the leader" | when first heard | the run; "leader" is asked each time |
//! | a remote member's bag | at first use | the agent's life, or until that unit's next hook but departed |
//! | other bags, ids of storage | at first use | the run |
//! | open ports, private address, the secrets the unit manages | when the run begins | the run |
//! | other secrets' contents | each time | – |

mod action;
mod bags;
mod environment;
mod flush;
mod leadership;
mod metrics;
mod output;
mod ports;
mod reads;
mod relations;
mod resources;
mod run;
mod secrets;
mod specs;
mod storage;

use crate::agent::Agent;
use crate::log::Log;
use crate::tool::Failure;
use crate::world::World;
use crate::{Level, Time, UnitName};

pub(crate) use action::ActionRun;
pub(crate) use bags::Draft;
pub use environment::Paths;
pub(crate) use environment::environment;
pub(crate) use metrics::{Metric, Recorder};
pub(crate) use output::Output;
pub(crate) use run::{Reboot, Run, RunKind, Seen};
pub(crate) use specs::SpecKind;

/// What almost every tool says where it is not allowed; the doubled words are Juju's.
pub(crate) const RESTRICTED: &str = "not implemented for restricted context not implemented";

/// What an API call over a dead connection says.
pub(crate) const CUT: &str = "connection is shut down";

/// What a hook tool works on.
#[derive(Debug)]
pub(crate) struct HookContext<'a> {
    pub(crate) run: &'a mut Run,
    pub(crate) unit: &'a UnitName,
    pub(crate) agent: &'a mut Agent,
    pub(crate) world: &'a mut World,
    pub(crate) log: &'a mut Log,
    pub(crate) now: Time,
}

impl HookContext<'_> {
    /// Fails in `collect-metrics` and its like.
    pub(crate) fn unrestricted(&self) -> Result<(), Failure> {
        if self.run.kind == RunKind::Restricted {
            Err(Failure::run(RESTRICTED))
        } else {
            Ok(())
        }
    }

    /// Fails if the controller cannot be asked any more.
    pub(crate) fn connected(&self) -> Result<(), Failure> {
        if self.run.severed {
            Err(Failure::run(CUT))
        } else {
            Ok(())
        }
    }

    /// Writes into the model's log.
    pub(crate) fn log(&mut self, level: Level, logger: String, message: String) {
        self.log
            .write(self.now, Some(self.unit), level, logger, message);
    }
}
