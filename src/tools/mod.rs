//! Juju's hook tools: one typed function per tool under the tool's own name, and the seam they are called through.
//!
//! Juju's documentation also calls them *hook commands*. Every function asks for JSON where the tool
//! has it, checks beforehand what the tool would damage, and says in its error what to do next. What is
//! buffered until the hook succeeds, and what happens at once, is said at each write.
//!
//! The k8s tools (`k8s-spec-*`, `k8s-raw-*`, `pod-spec-*`) are not here: machine charms have no use for them.

mod action;
mod answer;
mod call;
mod config;
mod error;
mod exec;
#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod garbage;
mod goal;
mod judge;
mod leader;
mod log;
mod misc;
mod network;
mod pairs;
mod payload;
mod ports;
mod relation;
mod secret;
mod state;
mod status;
mod storage;
mod transport;
#[doc(hidden)]
pub mod wire;
mod yaml;

use std::fmt;

pub use action::{action_fail, action_get, action_get_all, action_log, action_set};
pub use config::{config_get, config_get_all};
pub use error::ToolError;
pub use exec::Exec;
pub use goal::{GoalState, GoalStatus, goal_state};
pub use leader::{is_leader, leader_get, leader_get_all, leader_set};
pub use log::{Level, juju_log};
pub use misc::{
    Reboot, add_metric, application_version_set, credential_get, juju_reboot, resource_get,
};
pub use network::{BindAddress, InterfaceAddress, NetworkInfo, UnitAddress, network_get, unit_get};
pub use payload::{PayloadStatus, payload_register, payload_status_set, payload_unregister};
pub use ports::{OpenedPorts, Ports, Protocol, close_port, open_port, opened_ports};
pub use relation::{
    relation_get, relation_ids, relation_list, relation_list_app, relation_model_get, relation_set,
};
pub use secret::{
    SecretAccess, SecretHolder, SecretInfo, SecretOwner, SecretRead, SecretRef, SecretSpec,
    secret_add, secret_document, secret_get, secret_grant, secret_id, secret_ids, secret_info_get,
    secret_remove, secret_revoke, secret_set,
};
pub use state::{state_delete, state_get, state_get_all, state_set};
pub use status::{
    AppStatusInfo, Status, StatusInfo, app_status_get, app_status_set, status_get, status_set,
};
pub use storage::{StorageInfo, storage_add, storage_get, storage_list};
pub use transport::{ToolCall, ToolOutput, Transport, TransportError};
pub use wire::Wire;

use crate::error::ErrorKind;
use crate::hook::HookEnv;

/// How the hook tools of this environment are reached: over the unit agent's socket, or as processes.
pub(crate) fn transport(env: &HookEnv) -> Box<dyn Transport> {
    match &env.agent {
        Some(agent) => Box::new(Wire::new(agent.clone(), env.context_id.clone())),
        None => Box::new(Exec),
    }
}

/// The hook tools of one context, and what the typed functions of this module take.
///
/// Nothing is cached here: each function is one call.
pub struct Tools {
    transport: Box<dyn Transport>,
    called: Vec<String>,
}

impl Tools {
    /// Hook tools reached through `transport`.
    pub fn new(transport: impl Transport + 'static) -> Self {
        Self {
            transport: Box::new(transport),
            called: Vec::new(),
        }
    }

    /// Hook tools as processes found on `PATH`, as Juju provides them.
    #[must_use]
    pub fn exec() -> Self {
        Self::new(Exec)
    }

    /// Whether other processes of the machine can see the arguments of calls.
    pub fn shows_arguments(&mut self) -> bool {
        self.transport.shows_arguments()
    }

    /// The names of the tools called so far, in order; its length is what a hook spent on them.
    #[must_use]
    pub fn called(&self) -> &[String] {
        &self.called
    }

    /// Calls any tool, for those that have no function here. Whatever it answers is `Ok`, failure included.
    ///
    /// # Errors
    /// If the tool does not exist, an argument is one no process can be given, or there is no answer.
    pub fn call(&mut self, call: &ToolCall<'_>) -> Result<ToolOutput, ToolError> {
        call::check(call)?;
        self.called.push(call.tool.to_owned());
        self.transport.call(call).map_err(|source| match source {
            TransportError::Missing => ToolError::Missing {
                tool: call.tool.to_owned(),
            },
            source => ToolError::Transport {
                tool: call.tool.to_owned(),
                shown: call::shown(call),
                kind: ErrorKind::Tool,
                source,
            },
        })
    }
}

impl fmt::Debug for Tools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tools")
            .field("called", &self.called)
            .finish_non_exhaustive()
    }
}
