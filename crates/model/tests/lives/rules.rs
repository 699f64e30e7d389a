//! The order of hooks, rule by rule, as the agent keeps it.

use std::collections::{BTreeMap, BTreeSet};

use super::past::Past;
use ensign_model::{
    Hook, Life, Model, ModelStatus, Operation, OperationKind, Outcome, Profile, RelationId,
    SecretEvent, StorageEvent, UnitName, UnitStatus,
};

pub(super) struct Rules {
    profile: Profile,
    pub(super) hooks: usize,
    units: BTreeMap<UnitName, Past>,
    /// Relations that have ever been suspended: they may be passed over.
    suspended: BTreeSet<RelationId>,
    /// Counts changes of an application's configuration.
    changes: BTreeMap<String, u64>,
    /// Who holds an application's lease, and how often that has changed.
    leaders: BTreeMap<String, (Option<UnitName>, u64)>,
    /// What runs and holds its machine.
    busy: BTreeMap<String, UnitName>,
}

impl Rules {
    pub(super) const fn new(profile: Profile) -> Self {
        Self {
            profile,
            hooks: 0,
            units: BTreeMap::new(),
            suspended: BTreeSet::new(),
            changes: BTreeMap::new(),
            leaders: BTreeMap::new(),
            busy: BTreeMap::new(),
        }
    }

    pub(super) fn configured(&mut self, application: &str) {
        *self.changes.entry(application.to_owned()).or_default() += 1;
    }

    pub(super) fn suspended(&mut self, id: RelationId) {
        self.suspended.insert(id);
    }

    pub(super) fn forced(&mut self, unit: &UnitName) {
        for (name, past) in &mut self.units {
            // Its subordinates go with it.
            past.forced |= name == unit || name.application() == "log";
        }
    }

    pub(super) fn resolved(&mut self, unit: &UnitName, retry: bool) {
        self.units.entry(unit.clone()).or_default().skip = !retry;
    }

    pub(super) fn rebooted(&mut self, machine: &str, units: &[UnitStatus]) {
        for status in units.iter().filter(|status| status.machine == machine) {
            let past = self.units.entry(status.unit.clone()).or_default();
            past.rebooted = past.started && !past.stopped;
        }
    }

    /// At `install` all storage there is has been attached.
    pub(super) fn installs_with<'a>(
        &self,
        unit: &UnitName,
        storage: impl Iterator<Item = &'a str>,
    ) {
        let past = &self.units[unit];
        if past.failed.is_some() || past.requeued.is_some() {
            // What came since waits until it has worked.
            return;
        }
        for id in storage {
            assert!(past.attached.contains(id), "{unit}: install without {id}");
        }
    }

    /// Who leads, and who is gone: a unit goes by its last hooks, unless it was forced.
    pub(super) fn look(&mut self, model: &Model) {
        let status = model.status();
        for (name, application) in &status.applications {
            let leading: Vec<_> = application
                .units
                .iter()
                .filter(|unit| unit.leader)
                .collect();
            assert!(leading.len() <= 1, "{name} has {} leaders", leading.len());
            let known = self.leaders.entry(name.clone()).or_default();
            if known.0 != application.leader {
                *known = (application.leader.clone(), known.1 + 1);
            }
        }
        let there = |unit: &UnitName| {
            let application = &status.applications[unit.application()];
            application.units.iter().any(|status| status.unit == *unit)
        };
        let gone: Vec<UnitName> = self
            .units
            .keys()
            .filter(|unit| !there(unit))
            .cloned()
            .collect();
        for unit in gone {
            let Some(mut past) = self.units.remove(&unit) else {
                continue;
            };
            past.settle_failed();
            if !past.forced {
                assert!(!past.started || past.stopped, "{unit} went without stop");
                assert!(
                    !past.installed || past.removed,
                    "{unit} went without remove"
                );
                let left = past.attached.difference(&past.detached).count();
                assert_eq!(left, 0, "{unit} went with its storage attached: {past:?}");
            }
        }
    }

    pub(super) fn begin(&mut self, model: &Model, operation: &Operation) {
        let unit = &operation.unit;
        let status = model.status();
        let application = &status.applications[unit.application()];
        let own = application
            .units
            .iter()
            .find(|status| status.unit == *unit)
            .unwrap();
        let dying = own.life != Life::Alive;
        let leaving = dying || application.life != Life::Alive;
        let changes = self.changes.get(unit.application()).copied().unwrap_or(0);
        let moved = self
            .leaders
            .get(unit.application())
            .map_or(0, |(_, moved)| *moved);
        if !matches!(operation.kind, OperationKind::Deploy { .. }) {
            let busy = self.busy.insert(own.machine.clone(), unit.clone());
            assert_eq!(
                busy, None,
                "{unit} and another run on machine {}",
                own.machine
            );
        }
        let suspended = &self.suspended;
        let settings = self.profile.differences().leader_settings;
        let past = self.units.entry(unit.clone()).or_default();
        let name = operation.name();
        macro_rules! rule {
            ($holds:expr, $why:expr $(,)?) => {
                assert!($holds, "{unit}: {name}: {}: {past:?}", $why)
            };
        }
        let hook = match &operation.kind {
            OperationKind::Deploy { upgrade, .. } => {
                rule!(
                    *upgrade == past.deployed,
                    "the first charm is deployed, others are upgrades",
                );
                rule!(
                    past.queued.is_none() || past.failed.is_some(),
                    "no upgrade between hooks that follow each other",
                );
                return;
            }
            OperationKind::Action { .. } | OperationKind::Commands { .. } => {
                rule!(past.deployed, "nothing runs before the charm is there");
                rule!(
                    past.queued.is_none() || past.failed.is_some(),
                    "nothing slips in before a queued hook",
                );
                rule!(
                    past.requeued.is_none(),
                    "nothing slips in before a hook that was terminated",
                );
                return;
            }
            OperationKind::Hook(hook) => hook,
        };
        self.hooks += 1;
        // What only a leader does counts as run when leadership is gone.
        let passed_over = |old: &Option<Hook>| match old {
            Some(Hook::LeaderElected) => true,
            Some(Hook::Secret(secret)) => secret.event != SecretEvent::Changed,
            _ => false,
        };
        if past.failed.is_some() && past.failed.as_ref() != Some(hook) {
            rule!(
                past.skip || passed_over(&past.failed),
                "a failed hook comes first",
            );
            past.skip = true;
            past.settle_failed();
        }
        if past.requeued.is_some() && past.requeued.as_ref() != Some(hook) {
            rule!(passed_over(&past.requeued), "a terminated hook comes first");
            past.requeued = None;
        }
        past.begun = (changes, moved);
        let again = past.failed.as_ref() == Some(hook) || past.requeued.as_ref() == Some(hook);
        rule!(past.deployed, "no hook before the charm is there");
        rule!(!past.removed, "remove is the last hook");
        if again {
            return;
        }
        if let Some(queued) = past.queued {
            rule!(
                name == queued,
                "start follows config-changed, and that upgrade-charm, at once",
            );
            return;
        }
        if past.rebooted && !dying {
            rule!(
                *hook == Hook::Start,
                "after a reboot start comes before all else",
            );
        }
        let fresh = !matches!(hook, Hook::Install | Hook::Storage(_));
        rule!(
            past.installed || !fresh,
            "only storage comes before install",
        );
        if past.stopped {
            rule!(*hook == Hook::Remove, "only remove comes after stop");
        }
        let living = matches!(
            hook,
            Hook::Install
                | Hook::ConfigChanged
                | Hook::UpgradeCharm
                | Hook::LeaderElected
                | Hook::LeaderSettingsChanged
                | Hook::UpdateStatus
                | Hook::Secret(_)
        );
        // Where units take turns, one may be elected, wait, and be on its way out when its turn comes.
        let waited = on_machine(&status, &own.machine) > 1 && *hook == Hook::LeaderElected;
        rule!(
            !dying || !living || waited,
            "a unit that goes does only what that takes"
        );
        match hook {
            Hook::Install => rule!(!past.installed, "once"),
            Hook::Start => rule!(
                past.rebooted,
                "start without config-changed only after a reboot",
            ),
            Hook::ConfigChanged => {
                if past.configured.is_none() {
                    let told = past.led_or_told || !settings;
                    rule!(told, "leader hooks come before the first config-changed");
                }
                rule!(past.configured != Some(changes), "something has changed");
            }
            Hook::UpgradeCharm => {}
            Hook::LeaderSettingsChanged => {
                rule!(settings, "there is no such hook",);
            }
            Hook::LeaderElected => {
                rule!(
                    past.elected != Some(moved),
                    "once for each time it is elected",
                );
            }
            Hook::UpdateStatus => rule!(past.started, "not before start"),
            Hook::Stop | Hook::Remove => {
                rule!(dying, "only at the end");
                rule!(
                    past.started == past.stopped || *hook == Hook::Stop,
                    "stop comes before remove",
                );
                rule!(
                    past.relations
                        .values()
                        .all(|relation| relation.members.is_empty()),
                    "all have departed",
                );
                rule!(past.attached == past.detached, "all storage is detached");
            }
            Hook::Secret(_) => {}
            Hook::Storage(storage) => match storage.event {
                StorageEvent::Attached => {
                    rule!(
                        !past.attached.contains(&storage.id) && !dying,
                        "attached once",
                    );
                }
                StorageEvent::Detaching => {
                    rule!(
                        past.attached.contains(&storage.id),
                        "detached after it was attached",
                    );
                    rule!(!past.detached.contains(&storage.id), "detached once");
                    rule!(!past.leaving, "storage goes before relations");
                }
            },
            Hook::Relation(relation) => {
                let id = relation.relation;
                // What is suspended or on its way out when it is looked at is passed over.
                let alive = |id| {
                    status
                        .relations
                        .get(id)
                        .is_some_and(|found| found.life == Life::Alive)
                };
                let passed_over = suspended.contains(&id) || !alive(&id);
                past.relation(unit, relation, leaving, dying, passed_over);
            }
        }
    }

    pub(super) fn end(&mut self, operation: &Operation, outcome: Outcome) {
        self.busy.retain(|_, unit| {
            *unit != operation.unit || matches!(operation.kind, OperationKind::Deploy { .. })
        });
        let past = self.units.entry(operation.unit.clone()).or_default();
        let hook = match &operation.kind {
            OperationKind::Deploy { upgrade, .. } => {
                if outcome == Outcome::Done {
                    past.deployed = true;
                    if *upgrade && past.failed.is_none() {
                        past.queued = Some("upgrade-charm");
                    }
                }
                return;
            }
            OperationKind::Hook(hook) => hook,
            _ => return,
        };
        past.skip = false;
        past.failed = None;
        past.requeued = None;
        match outcome {
            Outcome::Done | Outcome::Skipped => {
                past.done(hook);
                match hook {
                    Hook::ConfigChanged => past.configured = Some(past.begun.0),
                    Hook::LeaderElected => past.elected = Some(past.begun.1),
                    _ => {}
                }
            }
            Outcome::Failed | Outcome::FlushFailed => past.failed = Some(hook.clone()),
            Outcome::Requeued => past.requeued = Some(hook.clone()),
        }
    }
}

/// How many units share a machine.
fn on_machine(status: &ModelStatus, machine: &str) -> usize {
    let units = status
        .applications
        .values()
        .flat_map(|application| &application.units);
    units.filter(|unit| unit.machine == machine).count()
}
