//! What a unit has been through, and the order of hooks within one relation.

use std::collections::{BTreeMap, BTreeSet};

use ensign_model::{Hook, RelationEvent, RelationHook, RelationId, StorageEvent, UnitName};

/// What a unit has been through.
#[derive(Debug, Default)]
pub(super) struct Past {
    pub(super) deployed: bool,
    pub(super) installed: bool,
    pub(super) started: bool,
    pub(super) stopped: bool,
    pub(super) removed: bool,
    /// The hook that has to come next.
    pub(super) queued: Option<&'static str>,
    /// A hook that failed and was not resolved, and whether it is to count as run.
    pub(super) failed: Option<Hook>,
    pub(super) skip: bool,
    /// A hook that was terminated.
    pub(super) requeued: Option<Hook>,
    pub(super) attached: BTreeSet<String>,
    pub(super) detached: BTreeSet<String>,
    pub(super) relations: BTreeMap<RelationId, Relation>,
    /// The relation hooks of its end have begun.
    pub(super) leaving: bool,
    /// It has to run `start` again.
    pub(super) rebooted: bool,
    /// What `config-changed` was last run for.
    pub(super) configured: Option<u64>,
    /// How often leadership had moved when it was elected.
    pub(super) elected: Option<u64>,
    /// Both, as they were when the hook that runs began.
    pub(super) begun: (u64, u64),
    /// It has been told of leader settings, or has led.
    pub(super) led_or_told: bool,
    pub(super) forced: bool,
}

#[derive(Debug, Default)]
pub(super) struct Relation {
    pub(super) created: bool,
    pub(super) members: BTreeSet<UnitName>,
    /// Whose `changed` has to come next.
    pub(super) joined: Option<UnitName>,
}

impl Past {
    /// `resolved --no-retry`: the failed hook counts as run.
    pub(super) fn settle_failed(&mut self) {
        if self.skip
            && let Some(hook) = self.failed.take()
        {
            self.done(&hook);
        }
        self.skip = false;
    }

    pub(super) fn done(&mut self, hook: &Hook) {
        self.queued = None;
        match hook {
            Hook::Install => self.installed = true,
            Hook::ConfigChanged if !self.started => self.queued = Some("start"),
            Hook::UpgradeCharm => {
                self.configured = None;
                self.queued = Some("config-changed");
            }
            Hook::Start => {
                self.started = true;
                self.rebooted = false;
            }
            Hook::Stop => self.stopped = true,
            Hook::Remove => self.removed = true,
            Hook::LeaderElected | Hook::LeaderSettingsChanged => self.led_or_told = true,
            Hook::ConfigChanged | Hook::UpdateStatus | Hook::Secret(_) => {}
            Hook::Storage(storage) => {
                let set = match storage.event {
                    StorageEvent::Attached => &mut self.attached,
                    StorageEvent::Detaching => &mut self.detached,
                };
                set.insert(storage.id.clone());
            }
            Hook::Relation(hook) => {
                let relation = self.relations.entry(hook.relation).or_default();
                match (hook.event, &hook.remote_unit) {
                    (RelationEvent::Created, _) => relation.created = true,
                    (RelationEvent::Joined, Some(unit)) => {
                        relation.members.insert(unit.clone());
                        relation.joined = Some(unit.clone());
                    }
                    (RelationEvent::Changed, Some(unit)) => {
                        relation.joined.take_if(|joined| joined == unit);
                    }
                    (RelationEvent::Departed, Some(unit)) => {
                        relation.members.remove(unit);
                    }
                    (RelationEvent::Broken, _) => {
                        *relation = Relation {
                            created: true,
                            ..Relation::default()
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// The order within one relation.
    pub(super) fn relation(
        &mut self,
        unit: &UnitName,
        hook: &RelationHook,
        leaving: bool,
        dying: bool,
        passed_over: bool,
    ) {
        self.leaving |= dying;
        let implicit = hook.endpoint == "juju-info";
        let relation = self.relations.entry(hook.relation).or_default();
        let rule =
            |holds: bool, rule: &str| assert!(holds, "{unit}: {hook:?}: {rule}: {relation:?}");
        let remote = hook.remote_unit.as_ref();
        let member = remote.is_some_and(|remote| relation.members.contains(remote));
        if hook.event == RelationEvent::Created {
            rule(
                !relation.created && !implicit && !dying,
                "created once, and first",
            );
            rule(
                remote.is_none() && !hook.remote_app.is_empty(),
                "it is about an application",
            );
            return;
        }
        rule(
            relation.created || implicit || passed_over || leaving,
            "created comes first",
        );
        if let Some(joined) = &relation.joined {
            let follows = hook.event == RelationEvent::Changed && remote == Some(joined);
            rule(
                follows,
                "a unit that joined has changed before anything else",
            );
        }
        match hook.event {
            RelationEvent::Joined => rule(remote.is_some() && !member && !leaving, "joined once"),
            RelationEvent::Changed => rule(
                remote.is_none() || member,
                "changed between joined and departed",
            ),
            RelationEvent::Departed => {
                rule(member, "departed after joined");
                let who = if leaving { Some(unit) } else { remote };
                rule(hook.departing.as_ref() == who, "it says who goes");
            }
            RelationEvent::Broken => {
                rule(
                    relation.members.is_empty(),
                    "broken after all have departed",
                );
                rule(hook.endpoint != "cluster", "peers never break");
                rule(remote.is_none(), "it is about an application");
            }
            RelationEvent::Created => {}
        }
    }
}
