//! What it means for a hook to be done.

use super::Model;
use crate::agent::Op;
use crate::context::Seen;
use crate::world::Status;
use crate::{Hook, RelationEvent, StorageEvent, UnitName};

impl Model {
    /// A hook is done: moves the agent's persistent state on.
    pub(super) fn commit_hook(&mut self, unit: &UnitName, hook: &Hook, seen: &Seen) {
        self.reset_retry(unit);
        let Some(agent) = self.agents.get_mut(unit) else {
            return;
        };
        let local = &mut agent.local;
        agent.memory.ticks.handled = seen.ticks;
        local.op = Op::Idle;
        let mut workload = None;
        match hook {
            Hook::Install => local.installed = true,
            Hook::ConfigChanged => {
                local.config_hash = Some(seen.config_hash);
                local.address = Some(seen.address.clone());
                if !local.started {
                    local.op = Op::Queued(Hook::Start);
                }
            }
            Hook::Start => {
                if !local.started && !local.status_set {
                    workload = Some(("unknown", ""));
                }
                local.started = true;
                local.rebooted = false;
            }
            Hook::UpgradeCharm => local.op = Op::Queued(Hook::ConfigChanged),
            Hook::Stop => {
                local.stopped = true;
                workload = Some(("maintenance", ""));
            }
            Hook::Remove => {
                local.removed = true;
                workload = Some(("terminated", ""));
            }
            Hook::LeaderSettingsChanged => agent.memory.settings_handled = seen.settings,
            Hook::UpdateStatus | Hook::LeaderElected => {}
            Hook::Relation(relation) => local.commit_relation_hook(relation, seen.version),
            Hook::Secret(secret) => local.commit_secret_hook(secret),
            Hook::Storage(storage) => match storage.event {
                StorageEvent::Attached => {
                    local.attached.insert(storage.id.clone());
                }
                StorageEvent::Detaching => {
                    local.attached.remove(&storage.id);
                    self.world.drop_storage(unit, &storage.id);
                }
            },
        }
        if let (Some((status, message)), Some(document)) =
            (workload, self.world.units.get_mut(unit))
        {
            document.workload = Status::new(status, message, self.now);
        }
        if let Hook::Secret(secret) = hook {
            self.commit_secret_hook(unit, secret, seen.version);
        }
        if let Hook::Relation(relation) = hook {
            self.uncache_departed(unit, relation);
            if relation.event == RelationEvent::Broken {
                self.world.leave_scope(relation.relation, unit);
            }
        }
    }

    /// The operator says: take the failed hook for done.
    pub(super) fn skip_failed(&mut self, unit: &UnitName) {
        if let Some(document) = self.world.units.get_mut(unit) {
            document.resolved = None;
        }
        let Some(Op::Pending(hook)) = self.agents.get(unit).map(|agent| agent.local.op.clone())
        else {
            return;
        };
        let seen = self.seen(unit, &hook);
        self.commit_hook(unit, &hook, &seen);
    }
}
