//! The agent's persistent state: where the unit stands in its life, and what it has seen of its relations.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::News;

use crate::{Hook, RelationEvent, RelationHook, RelationId, SecretEvent, SecretHook, UnitName};

/// Persistent state, kept on the controller.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Local {
    pub(crate) op: Op,
    /// Which of the application's charms lies on its disk.
    pub(crate) deployed: Option<u64>,
    pub(crate) installed: bool,
    pub(crate) started: bool,
    pub(crate) stopped: bool,
    pub(crate) removed: bool,
    /// `leader-elected` has been queued and the unit has not resigned since.
    pub(crate) leader: bool,
    /// The charm has set a status.
    pub(crate) status_set: bool,
    /// The configuration the last `config-changed` was for.
    pub(crate) config_hash: Option<u64>,
    /// The addresses the last `config-changed` was for.
    pub(crate) address: Option<String>,
    /// The machine has been booted anew and `start` has not run since.
    pub(crate) rebooted: bool,
    /// Relations whose scope it has entered.
    pub(crate) relations: BTreeMap<RelationId, LocalRelation>,
    /// Secrets it has run hooks about.
    pub(crate) secrets: BTreeMap<String, LocalSecret>,
    /// Relations whose `relation-created` has run, or has been passed over; it is not repeated when a suspended one is
    /// resumed.
    pub(crate) created: BTreeSet<RelationId>,
    /// Storage whose `storage-attached` has run.
    pub(crate) attached: BTreeSet<String>,
    /// The application's other changes the last `upgrade-charm` was for.
    pub(crate) modified: u64,
}

/// What a unit has been told of a secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LocalSecret {
    /// The revision of its last `secret-changed`.
    pub(crate) changed: u32,
    /// The revisions it has run `secret-remove` for.
    pub(crate) removed: BTreeSet<u32>,
}

/// The last operation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Op {
    /// No charm is there yet.
    #[default]
    Fresh,
    /// Nothing in progress; Juju calls it "continue".
    Idle,
    /// This hook runs next.
    Queued(Hook),
    /// This hook runs; if the agent runs none, it has failed.
    Pending(Hook),
    /// A charm is being put in place; the hook that had failed before.
    Deploying(Option<Hook>),
    /// The charm could not be put in place.
    DeployFailed(Option<Hook>),
}

/// What a unit has seen of one relation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct LocalRelation {
    /// `relation-created` has run.
    pub(crate) created: bool,
    /// Units that have joined, with the version of their data the last hook was for.
    pub(crate) members: BTreeMap<UnitName, u64>,
    /// Applications, likewise.
    pub(crate) applications: BTreeMap<String, u64>,
    /// A unit that has just joined: its `changed` comes next.
    pub(crate) joined: Option<UnitName>,
    /// What is left to run for, by unit.
    #[serde(skip)]
    pub(crate) news: News,
    /// The relation's generation at which nothing was left to run.
    pub(crate) quiet_at: Option<u64>,
}

impl Local {
    /// Notes that a hook about a secret is done.
    pub(crate) fn commit_secret_hook(&mut self, hook: &SecretHook) {
        if matches!(hook.event, SecretEvent::Expired | SecretEvent::Rotate) {
            return;
        }
        let known = self.secrets.entry(hook.id.clone()).or_default();
        if hook.event == SecretEvent::Changed {
            known.changed = hook.revision;
        } else {
            known.removed.insert(hook.revision);
        }
    }

    /// Notes that `relation-created` is done with.
    pub(crate) fn mark_created(&mut self, id: RelationId) {
        self.created.insert(id);
        if let Some(relation) = self.relations.get_mut(&id) {
            relation.created = true;
        }
    }

    /// Notes that a relation hook is done; `version` is that of the data it was for.
    pub(crate) fn commit_relation_hook(&mut self, hook: &RelationHook, version: u64) {
        if hook.event == RelationEvent::Broken {
            self.relations.remove(&hook.relation);
            return;
        }
        if hook.event == RelationEvent::Created {
            self.mark_created(hook.relation);
        }
        let Some(relation) = self.relations.get_mut(&hook.relation) else {
            return;
        };
        relation.quiet_at = None;
        if let Some(unit) = &hook.remote_unit {
            relation.news.doubt(unit);
        }
        match (hook.event, &hook.remote_unit) {
            (RelationEvent::Created, _) => {}
            (RelationEvent::Joined, Some(unit)) => {
                relation.members.insert(unit.clone(), version);
                relation.joined = Some(unit.clone());
            }
            (RelationEvent::Changed, Some(unit)) => {
                relation.members.insert(unit.clone(), version);
                relation.joined.take_if(|joined| joined == unit);
            }
            (RelationEvent::Changed, None) => {
                relation
                    .applications
                    .insert(hook.remote_app.clone(), version);
            }
            (RelationEvent::Departed, Some(unit)) => {
                relation.members.remove(unit);
            }
            (RelationEvent::Joined | RelationEvent::Departed, None)
            | (RelationEvent::Broken, _) => {}
        }
    }
}
