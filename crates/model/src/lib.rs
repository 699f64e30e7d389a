//! A Juju model as pure state and rules.
//!
//! [`Model`] is a controller, its units and their agents, without anything that acts: no threads, files, sockets or
//! clock. A *driver* gives it what it cannot have: real processes (`ensign-local`) or closures (`ensign-testing`). It is
//! plain data, so a driver can save it with serde and go on from there.
//!
//! # Driving a model
//!
//! 1. Apply an operator's command: [`deploy`](Model::deploy), [`add_unit`](Model::add_unit),
//!    [`set_config`](Model::set_config), [`run_action`](Model::run_action), …, or a fault: [`kill_unit`](Model::kill_unit),
//!    [`partition`](Model::partition), …
//! 2. Ask what is to run: [`poll`](Model::poll) for any unit (chance decides which, as the seed says), or
//!    [`poll_unit`](Model::poll_unit) for one. A unit runs one [`Operation`] at a time; different units run side by side.
//! 3. Run it. The process's environment is [`Operation::env`]. Every hook tool it calls goes to [`Model::tool`]; what it
//!    prints goes to [`Model::output`].
//! 4. Tell how it ended: [`Model::finish`] commits or rolls back.
//! 5. Move time: [`advance`](Model::advance) to the present while anything runs; to [`next_timer`](Model::next_timer)
//!    when nothing does.
//! 6. Stop when [`settled`](Model::settled) says so.
//!
//! ```
//! use ensign_model::{Answer, Call, CharmInfo, Exit, MemoryFiles, Model, ModelConfig, Profile};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut model = Model::new(ModelConfig::new(Profile::V3_6, 7));
//! model.deploy("password", CharmInfo::named("password").with_peer("cluster", "password-peer"), 3)?;
//! let mut files = MemoryFiles::default();
//! loop {
//!     if let Some(operation) = model.poll() {
//!         if operation.dispatch_path().as_deref() == Some("hooks/leader-elected") {
//!             let argv = ["is-leader".to_owned()];
//!             let call = Call { argv: &argv, stdin: None, cwd: "/var/lib/juju/agents/unit-password-0/charm" };
//!             match model.tool(&operation.context, &call, &mut files) {
//!                 Answer::Done(answer) => assert_eq!(answer.stdout, b"True\n"),
//!                 other => return Err(format!("unexpected {other:?}").into()),
//!             }
//!         }
//!         let finished = model.finish(&operation.context, Exit::Code(0))?;
//!         assert!(!finished.reboot);
//!     } else if model.settled().is_settled() {
//!         break;
//!     } else if let Some(time) = model.next_timer() {
//!         model.advance(time);
//!     }
//! }
//! assert!(model.status().applications["password"].leader.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # What is inside
//!
//! | module | holds |
//! |---|---|
//! | `world` | what the controller stores: applications, units, relations, leases, actions, secrets; and the rules of its API |
//! | `agent` | one unit's agent: local state, leadership tracker, and `next`, the pure choice of its next operation |
//! | `context` | one running hook: what it has read, what it has buffered, and the flush |
//! | `tool` | the hook tools, one file each: arguments in, exit code and bytes out |
//! | `format` | Juju's output formats, byte for byte: JSON, YAML as go-yaml v2 writes it, "smart" |
//! | `model` | the facade that puts them together |
//! | [`conformance`] | recorded answers of the real hook tools, replayed |
//!
//! # Secrets
//!
//! Secrets are the controller's: owners, labels, grants, revisions, who tracks which, rotation and expiry by model time.
//! What the tools of a run change waits for its flush; ids, tracking and labels of readers do not. [`Model::secrets`]
//! shows what an operator sees, [`Model::add_secret`] and its like make secrets of an operator's own. [`Model::secret_texts`] and [`Model::everything_readable`] together tell whether one has
//! leaked.
//!
//! # What goes wrong on purpose
//!
//! | call | what happens |
//! |---|---|
//! | [`expire_lease`](Model::expire_lease), [`force_leader`](Model::force_leader) | leadership moves, at any moment |
//! | [`partition`](Model::partition), [`heal`](Model::heal) | an agent is cut off, and reached again |
//! | [`fail_next_flush`](Model::fail_next_flush) | the controller refuses a flush |
//! | [`fail_next_flush_after`](Model::fail_next_flush_after) | it stores the first of [`flush_parts`], and fails |
//! | [`lose_next_flush_answer`](Model::lose_next_flush_answer) | it stores all, the agent hears of a failure |
//! | [`delay_next_flush`](Model::delay_next_flush) | it has not stored it yet; [`deliver_late_flush`](Model::deliver_late_flush) |
//! | [`lose_next_leader_set_answer`](Model::lose_next_leader_set_answer) | `leader-set` fails, applied or not |
//! | [`kill_unit`](Model::kill_unit), [`restart_agent`](Model::restart_agent), [`reboot`](Model::reboot) | machines and agents die |
//! | [`upgrade_controller`](Model::upgrade_controller), [`upgrade_agents`](Model::upgrade_agents) | the model moves, in two halves |
//!
//! Two runs from one seed with the same calls are the same to the byte.

mod action;
mod agent;
mod call;
mod charm;
pub mod conformance;
mod context;
mod date;
mod error;
mod format;
mod log;
mod model;
mod names;
mod operation;
mod profile;
mod random;
mod settings;
mod status;
mod time;
mod tool;
mod world;

pub use action::{ActionId, ActionRecord, ActionStatus};
pub use call::{AgentFiles, Answer, Call, MemoryFiles, ToolResult};
pub use charm::{
    ActionSpec, CharmError, CharmInfo, ConfigValue, Documents, Endpoint, OptionKind, OptionSpec,
    Role, Scope, StorageSpec,
};
pub use context::Paths;
pub use error::ModelError;
pub use log::{HookRecord, Level, LogRecord, Stream};
pub use model::{Machine, Model, flush_parts};
pub use names::{ContextId, InvalidName, RelationId, UnitName, is_application_name};
pub use operation::{
    Exit, Finished, Hook, Operation, OperationKind, Outcome, RelationEvent, RelationHook,
    SecretEvent, SecretHook, StorageEvent, StorageHook,
};
pub use profile::{Differences, FlushPart, Profile, UnknownProfile};
pub use settings::ModelConfig;
pub use status::{
    ApplicationStatus, Life, ModelStatus, RelationStatus, RevisionStatus, SecretStatus, Settled,
    StatusText, UnitStatus, Unsettled,
};
pub use time::Time;
pub use tool::tools;
