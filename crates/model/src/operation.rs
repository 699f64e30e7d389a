//! What a unit is to run now, how it ended, and what became of it.

use serde::{Deserialize, Serialize};

use crate::world::storage_name;
use crate::{ActionId, CharmInfo, ContextId, RelationId, UnitName};

/// Something for a unit's agent to run. Hand it back through [`Model::finish`](crate::Model::finish).
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The unit that runs it; one operation at a time.
    pub unit: UnitName,
    /// Names the running operation in every further call.
    pub context: ContextId,
    /// What it is.
    pub kind: OperationKind,
    /// The environment in Juju's order, complete but for `PATH`, which the driver puts together: the unit's tools folder
    /// ([`Paths::tools`](crate::Paths::tools)), a colon, its own. Empty for [`OperationKind::Deploy`].
    pub env: Vec<(String, String)>,
}

/// The kinds of operation.
#[derive(Debug, Clone, PartialEq)]
pub enum OperationKind {
    /// Put this charm's files into the unit's charm folder, replacing those of the charm before. No process runs.
    Deploy {
        /// The charm.
        charm: Box<CharmInfo>,
        /// Whether another one is there already.
        upgrade: bool,
    },
    /// Run a hook: `dispatch`, else the file of that path.
    Hook(Hook),
    /// Run an action.
    Action {
        /// Its id.
        id: ActionId,
        /// Its name.
        name: String,
    },
    /// Run these commands with `bash`.
    Commands {
        /// The id of the `juju-exec` action they came with.
        id: ActionId,
        /// The commands.
        commands: String,
    },
}

impl Operation {
    /// The path to dispatch: `hooks/NAME` or `actions/NAME`; `None` for the other kinds.
    #[must_use]
    pub fn dispatch_path(&self) -> Option<String> {
        match &self.kind {
            OperationKind::Hook(hook) => Some(format!("hooks/{}", hook.name())),
            OperationKind::Action { name, .. } => Some(format!("actions/{name}")),
            OperationKind::Deploy { .. } | OperationKind::Commands { .. } => None,
        }
    }

    /// The operation in a word: the hook's or action's name, `deploy`, `run-commands`.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.kind {
            OperationKind::Deploy { .. } => "deploy".to_owned(),
            OperationKind::Hook(hook) => hook.name(),
            OperationKind::Action { name, .. } => name.clone(),
            OperationKind::Commands { .. } => "run-commands".to_owned(),
        }
    }

    /// The value of an environment variable.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// A hook, with what its kind requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// `install`
    Install,
    /// `start`
    Start,
    /// `config-changed`
    ConfigChanged,
    /// `upgrade-charm`
    UpgradeCharm,
    /// `stop`
    Stop,
    /// `remove`
    Remove,
    /// `update-status`
    UpdateStatus,
    /// `leader-elected`
    LeaderElected,
    /// `leader-settings-changed` (3.6 only)
    LeaderSettingsChanged,
    /// A relation hook.
    Relation(RelationHook),
    /// A hook about a secret.
    Secret(SecretHook),
    /// A storage hook.
    Storage(StorageHook),
}

/// A hook about a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretHook {
    /// What happened.
    pub event: SecretEvent,
    /// The secret's id, without `secret:`.
    pub id: String,
    /// The revision it is about; 0 for a rotation.
    pub revision: u32,
    /// What the unit calls it; may be empty.
    pub label: String,
}

/// What happened to a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretEvent {
    /// There is a newer revision; told to those who have read it.
    Changed,
    /// A revision has expired; told to the owner.
    Expired,
    /// Nobody tracks a revision any more; told to the owner.
    Remove,
    /// It is to be rotated; told to the owner.
    Rotate,
}

impl SecretEvent {
    /// The last part of the hook's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Expired => "expired",
            Self::Remove => "remove",
            Self::Rotate => "rotate",
        }
    }

    /// Whether the hook is about one revision, and told which.
    #[must_use]
    pub const fn is_of_revision(self) -> bool {
        matches!(self, Self::Expired | Self::Remove)
    }
}

/// A hook of a storage instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StorageHook {
    /// What happened.
    pub event: StorageEvent,
    /// To which instance, such as `data/0`.
    pub id: String,
    /// `filesystem` or `block`.
    pub kind: String,
    /// Mount point or device.
    pub location: String,
}

/// What happened to a storage instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageEvent {
    /// It is there to be used.
    Attached,
    /// It is about to go.
    Detaching,
}

impl StorageHook {
    /// The storage's name: `data` of `data/0`.
    #[must_use]
    pub fn storage(&self) -> &str {
        storage_name(&self.id)
    }
}

/// A hook of a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationHook {
    /// What happened.
    pub event: RelationEvent,
    /// In which relation.
    pub relation: RelationId,
    /// This unit's endpoint of it.
    pub endpoint: String,
    /// The application on the other side; for a peer relation the own one.
    pub remote_app: String,
    /// The unit it is about, if it is about a unit.
    pub remote_unit: Option<UnitName>,
    /// Of a departed hook: the unit that leaves, this one or the remote one.
    pub departing: Option<UnitName>,
}

/// What happened in a relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelationEvent {
    /// The unit sees the relation for the first time.
    Created,
    /// A unit entered.
    Joined,
    /// A unit's or an application's data changed.
    Changed,
    /// A unit left.
    Departed,
    /// The relation goes away.
    Broken,
}

impl RelationEvent {
    /// The last part of the hook's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Joined => "joined",
            Self::Changed => "changed",
            Self::Departed => "departed",
            Self::Broken => "broken",
        }
    }
}

impl Hook {
    /// The hook's full name, such as `cluster-relation-joined`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Install => "install".to_owned(),
            Self::Start => "start".to_owned(),
            Self::ConfigChanged => "config-changed".to_owned(),
            Self::UpgradeCharm => "upgrade-charm".to_owned(),
            Self::Stop => "stop".to_owned(),
            Self::Remove => "remove".to_owned(),
            Self::UpdateStatus => "update-status".to_owned(),
            Self::LeaderElected => "leader-elected".to_owned(),
            Self::LeaderSettingsChanged => "leader-settings-changed".to_owned(),
            Self::Relation(hook) => format!("{}-relation-{}", hook.endpoint, hook.event.as_str()),
            Self::Secret(hook) => format!("secret-{}", hook.event.as_str()),
            Self::Storage(hook) => {
                let event = match hook.event {
                    StorageEvent::Attached => "attached",
                    StorageEvent::Detaching => "detaching",
                };
                format!("{}-storage-{event}", hook.storage())
            }
        }
    }

    /// The secret part, if it is a hook about a secret.
    #[must_use]
    pub const fn secret(&self) -> Option<&SecretHook> {
        match self {
            Self::Secret(hook) => Some(hook),
            _ => None,
        }
    }

    /// The relation part, if it is a relation hook.
    #[must_use]
    pub const fn relation(&self) -> Option<&RelationHook> {
        match self {
            Self::Relation(hook) => Some(hook),
            _ => None,
        }
    }

    /// The storage part, if it is a storage hook.
    #[must_use]
    pub const fn storage(&self) -> Option<&StorageHook> {
        match self {
            Self::Storage(hook) => Some(hook),
            _ => None,
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// The process exited with this code; a [`OperationKind::Deploy`] that worked ends with 0.
    Code(i32),
    /// A signal ended the process.
    Signal(i32),
    /// There was nothing to run: neither `dispatch` nor the hook's own file.
    Missing,
    /// The file is there and cannot be run; what the system said about it.
    NotExecutable(String),
    /// The agent went away while it ran; the machine may be gone too.
    AgentDied,
}

/// What [`Model::finish`](crate::Model::finish) made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It worked; what it had buffered is committed.
    Done,
    /// Nothing was there to run: counts as done, nothing is committed.
    Skipped,
    /// It failed: for a hook, the unit is in error now.
    Failed,
    /// It worked, the controller refused what it had buffered: failed.
    FlushFailed,
    /// It was terminated and will run again.
    Requeued,
}

/// An operation that ended, and whether its unit's machine has to be rebooted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Finished {
    /// What became of it.
    pub outcome: Outcome,
    /// `juju-reboot` asks for it: reboot the machine, then call [`Model::reboot`](crate::Model::reboot). Never set where
    /// machines are automatic: there it has happened.
    pub reboot: bool,
}
