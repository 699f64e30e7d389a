//! The invocation: which hook, action or command Juju runs, and what it says about it.
//!
//! The environment is read in [`mod@env`] and nowhere else.

pub mod env;
mod invocation;
mod kind;
pub mod pattern;
mod unit;
mod version;

use std::fmt;
use std::sync::Arc;

pub(crate) use env::TRANSACTION;
pub(crate) use env::working_folder;
pub use env::{AgentSocket, EnvError, HookEnv, Proxies};
pub use kind::HookKind;
pub use unit::UnitName;
pub use version::JujuVersion;

/// What Juju runs: a hook, an action, or a command through `juju exec`. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook(Arc<Inner>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Inner {
    kind: HookKind,
    name: String,
    details: Details,
}

/// What the environment adds to the name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Details {
    pub(crate) relation: Option<HookRelation>,
    pub(crate) action: Option<HookAction>,
    pub(crate) secret: Option<HookSecret>,
    pub(crate) storage: Option<HookStorage>,
    pub(crate) workload: Option<HookWorkload>,
}

/// The relation a hook, or a `juju exec` with a relation, is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookRelation {
    /// The charm's endpoint, such as `db`.
    pub endpoint: String,
    /// The relation, such as `db:3`.
    pub id: String,
    /// The unit it is about; none in created, broken and changes of application data.
    pub remote_unit: Option<String>,
    /// The application it is about; its own in a peer relation.
    pub remote_app: Option<String>,
    /// The unit that leaves, in departed hooks; this unit's own name when it is this one.
    pub departing_unit: Option<String>,
}

/// The action that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookAction {
    /// Its name, such as `dump`.
    pub name: String,
    /// Juju's id of this run: a number such as `2`, in spite of the variable's name.
    pub uuid: String,
}

/// The secret a secret hook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookSecret {
    /// Its URI, such as `secret:9m4e2mr0ui3e8a215n4g`.
    pub id: String,
    /// This unit's label for it.
    pub label: Option<String>,
    /// The revision to be removed or expired.
    pub revision: Option<u64>,
}

/// The storage a storage hook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookStorage {
    /// The instance, such as `data/0`.
    pub id: String,
    /// Its name in the metadata, such as `data`.
    pub name: String,
    /// Where it is: a folder or a device.
    pub location: Option<String>,
    /// `filesystem` or `block`.
    pub kind: Option<String>,
}

/// The container a workload hook is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookWorkload {
    /// The container's name.
    pub name: String,
    /// The notice's id, type and key, in custom-notice hooks.
    pub notice: Option<Notice>,
    /// The name of the check, in check hooks.
    pub check: Option<String>,
}

/// A notice of the workload's service manager.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notice {
    /// Its id.
    pub id: String,
    /// Its type; Juju sends `custom`.
    pub kind: String,
    /// Its key, such as `example.com/done`.
    pub key: String,
}

impl Hook {
    /// The hook of that name, such as `db-relation-joined`, with nothing known about its relation or other details.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::of(HookKind::of(name), name, Details::default())
    }

    pub(crate) fn of(kind: HookKind, name: &str, details: Details) -> Self {
        Self(Arc::new(Inner {
            kind,
            name: name.to_owned(),
            details,
        }))
    }

    /// What kind of hook it is. Actions are a kind of their own (D29).
    #[must_use]
    pub fn kind(&self) -> HookKind {
        self.0.kind
    }

    /// The hook's name, such as `db-relation-joined`; for an action the action's; empty for `juju exec`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The relation it is about, in relation hooks and `juju exec` with a relation.
    #[must_use]
    pub fn relation(&self) -> Option<&HookRelation> {
        self.0.details.relation.as_ref()
    }

    /// The action, if it is one. `juju exec` is none, although Juju delivers it as an action.
    #[must_use]
    pub fn action(&self) -> Option<&HookAction> {
        self.0.details.action.as_ref()
    }

    /// The secret it is about, in secret hooks.
    #[must_use]
    pub fn secret(&self) -> Option<&HookSecret> {
        self.0.details.secret.as_ref()
    }

    /// The storage it is about, in storage hooks.
    #[must_use]
    pub fn storage(&self) -> Option<&HookStorage> {
        self.0.details.storage.as_ref()
    }

    /// The container it is about, in workload hooks.
    #[must_use]
    pub fn workload(&self) -> Option<&HookWorkload> {
        self.0.details.workload.as_ref()
    }

    /// Whether it is `collect-metrics` or `meter-status-changed`, where nearly no hook tool works (B8).
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        matches!(
            self.kind(),
            HookKind::CollectMetrics | HookKind::MeterStatusChanged
        )
    }

    /// Whether it is an action.
    #[must_use]
    pub fn is_action(&self) -> bool {
        self.kind() == HookKind::Action
    }

    /// Whether it is a command run through `juju exec`: nothing is dispatched, only the command runs.
    #[must_use]
    pub fn is_exec(&self) -> bool {
        self.kind() == HookKind::Exec
    }
}

/// As a sentence names it: `hook install`, `action dump`, `juju exec`.
impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            HookKind::Action => write!(f, "action {}", self.name()),
            HookKind::Exec => f.write_str("juju exec"),
            _ => write!(f, "hook {}", self.name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_reads_like_what_juju_calls_it() {
        assert_eq!(Hook::named("install").to_string(), "hook install");
        let action = Hook::of(HookKind::Action, "start", Details::default());
        assert_eq!(action.to_string(), "action start");
        assert!(action.is_action() && action.kind() != HookKind::Start);
        assert_eq!(
            Hook::of(HookKind::Exec, "", Details::default()).to_string(),
            "juju exec"
        );
    }

    #[test]
    fn only_the_two_metric_hooks_are_restricted() {
        assert!(Hook::named("collect-metrics").is_restricted());
        assert!(Hook::named("meter-status-changed").is_restricted());
        assert!(!Hook::named("update-status").is_restricted());
    }
}
