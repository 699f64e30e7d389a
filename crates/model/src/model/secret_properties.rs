//! Random lives of secrets keep the rules, whatever fails.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::Model;
use crate::world::Content;
use crate::{
    Call, CharmInfo, Exit, Hook, MemoryFiles, ModelConfig, Operation, OperationKind, Outcome,
    Profile, SecretEvent, SecretStatus, UnitName, flush_parts,
};

/// What a unit does with one secret of those there are.
#[derive(Debug, Clone)]
enum Use {
    Add { unit_owned: bool, label: u8 },
    Set { which: usize, value: u8 },
    Label { which: usize, label: u8 },
    Remove { which: usize, revision: u8 },
    Get { which: usize, how: u8 },
    GetByLabel { label: u8 },
    Grant { which: usize },
    Revoke { which: usize },
}

/// How a run ends.
#[derive(Debug, Clone)]
enum End {
    Well,
    Fails,
    Refused { parts: usize },
    AnswerLost,
    Late { arrives: bool },
    LeadershipLost { to: usize },
}

#[derive(Debug, Clone)]
struct Step {
    unit: usize,
    uses: Vec<Use>,
    end: End,
}

fn uses() -> impl Strategy<Value = Use> {
    prop_oneof![
        3 => (any::<bool>(), 0..4_u8).prop_map(|(unit_owned, label)| Use::Add { unit_owned, label }),
        3 => (0..8_usize, 0..4_u8).prop_map(|(which, value)| Use::Set { which, value }),
        1 => (0..8_usize, 0..4_u8).prop_map(|(which, label)| Use::Label { which, label }),
        1 => (0..8_usize, 0..4_u8).prop_map(|(which, revision)| Use::Remove { which, revision }),
        4 => (0..8_usize, 0..4_u8).prop_map(|(which, how)| Use::Get { which, how }),
        2 => (0..4_u8).prop_map(|label| Use::GetByLabel { label }),
        2 => (0..8_usize).prop_map(|which| Use::Grant { which }),
        1 => (0..8_usize).prop_map(|which| Use::Revoke { which }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let end = prop_oneof![
        6 => Just(End::Well),
        1 => Just(End::Fails),
        2 => (0..3_usize).prop_map(|parts| End::Refused { parts }),
        1 => Just(End::AnswerLost),
        1 => any::<bool>().prop_map(|arrives| End::Late { arrives }),
        1 => (0..3_usize).prop_map(|to| End::LeadershipLost { to }),
    ];
    let step = (0..4_usize, prop::collection::vec(uses(), 1..5), end);
    prop::collection::vec(
        step.prop_map(|(unit, uses, end)| Step { unit, uses, end }),
        1..25,
    )
}

/// A model of three units that share secrets, and one of another application, related to them.
struct World {
    model: Model,
    files: MemoryFiles,
    units: Vec<UnitName>,
    /// What the running commands want to change: that they read as they left it, whosever it is.
    touched: BTreeSet<String>,
    /// Every revision's content as first seen.
    contents: BTreeMap<(String, u32), Content>,
}

/// What only a flush may change of a secret.
type Kept = BTreeMap<String, (String, String, u32, Vec<u32>, Vec<String>)>;

impl World {
    fn new(profile: Profile, seed: u64) -> Self {
        let mut config = ModelConfig::new(profile, seed);
        config.retry_hooks = false;
        let endpoint = |role| crate::Endpoint {
            role,
            interface: "sql".to_owned(),
            scope: crate::Scope::Global,
            optional: false,
        };
        let charm = |name: &str, role| {
            let mut charm = CharmInfo::named(name);
            charm.endpoints.insert("db".to_owned(), endpoint(role));
            charm
        };
        let mut model = Model::new(config);
        let db = charm("db", crate::Role::Provider);
        let mut units = model.deploy("db", db, 3).expect("it deploys");
        let web = charm("web", crate::Role::Requirer);
        units.extend(model.deploy("web", web, 1).expect("it deploys"));
        model
            .integrate(("db", "db"), ("web", "db"))
            .expect("it relates");
        let mut world = Self {
            model,
            files: MemoryFiles::default(),
            units,
            touched: BTreeSet::new(),
            contents: BTreeMap::new(),
        };
        world.settle();
        world
    }

    fn tool(&mut self, operation: &Operation, line: &str) -> (i32, String) {
        let argv: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let call = Call {
            argv: &argv,
            stdin: None,
            cwd: "/charm",
        };
        let answer = self.model.tool(&operation.context, &call, &mut self.files);
        let result = answer.result().expect("no tool here reads its stdin");
        (
            result.code,
            String::from_utf8_lossy(&result.stdout).into_owned(),
        )
    }

    /// Runs all hooks, with a charm that refreshes what has changed and removes what nobody tracks.
    fn settle(&mut self) {
        for _ in 0..500 {
            let Some(operation) = self.model.poll() else {
                return;
            };
            if let OperationKind::Hook(Hook::Secret(hook)) = &operation.kind {
                let (id, revision) = (&hook.id, hook.revision);
                let line = match hook.event {
                    SecretEvent::Remove => format!("secret-remove {id} --revision {revision}"),
                    _ => format!("secret-get {id} --refresh"),
                };
                self.tool(&operation, &line);
            }
            let finished = self.model.finish(&operation.context, Exit::Code(0));
            assert!(finished.is_ok());
            self.look();
        }
        panic!("hooks go on for ever");
    }

    fn ids(&self) -> Vec<String> {
        self.model.secrets().into_keys().collect()
    }

    fn kept(&self, of: impl Fn(&SecretStatus) -> bool) -> Kept {
        let secrets = self.model.secrets().into_iter();
        secrets
            .filter(|(_, secret)| of(secret))
            .map(|(id, secret)| {
                let revisions = secret.revisions.into_keys().collect();
                let rest = (
                    secret.label,
                    secret.description,
                    secret.latest,
                    revisions,
                    secret.granted,
                );
                (id, rest)
            })
            .collect()
    }

    /// One thing a unit does.
    fn use_secret(&mut self, run: &Operation, each: &Use) {
        let ids = self.ids();
        let id = |which: usize| {
            ids.get(which % ids.len().max(1))
                .cloned()
                .unwrap_or_default()
        };
        let line = match each {
            Use::Add { unit_owned, label } => {
                let owner = if *unit_owned { "unit" } else { "application" };
                format!("secret-add --owner {owner} --label label{label} token=first{label}")
            }
            Use::Set { which, value } => {
                self.touched.insert(id(*which));
                format!("secret-set {} token=value{value}", id(*which))
            }
            Use::Label { which, label } => {
                format!("secret-set {} --label label{label}", id(*which))
            }
            Use::Remove { which, revision } => {
                format!("secret-remove {} --revision {revision}", id(*which))
            }
            Use::Get { which, how } => {
                let how = ["", "--peek", "--refresh", "--label mine"][usize::from(*how)];
                return self.read(run, &id(*which), how);
            }
            Use::GetByLabel { label } => format!("secret-get --label label{label}"),
            Use::Grant { which } => format!("secret-grant {} -r db:0", id(*which)),
            Use::Revoke { which } => format!("secret-revoke {} --app web", id(*which)),
        };
        self.tool(run, &line);
    }

    /// Reading works for those who may, and for nobody else.
    fn read(&mut self, run: &Operation, id: &str, how: &str) {
        let Some(secret) = self.model.secrets().remove(id) else {
            return;
        };
        let (code, _) = self.tool(run, &format!("secret-get {id} {how}"));
        let (unit, application) = (run.unit.as_str(), run.unit.application());
        let owns = secret.owner == unit || secret.owner == application;
        let granted = secret
            .granted
            .contains(&format!("application-{application}"));
        assert!(
            code != 0 || owns || granted || self.touched.contains(id),
            "{unit} reads {id} of {}",
            secret.owner
        );
    }

    fn step(&mut self, step: &Step) {
        let unit = self.units[step.unit].clone();
        self.model.exec(&unit, "true").expect("the unit is there");
        let run = loop {
            let operation = self.model.poll().expect("the command is run");
            if operation.unit == unit && operation.name() == "run-commands" {
                break operation;
            }
            let _ = self.model.finish(&operation.context, Exit::Code(0));
        };
        self.touched.clear();
        for each in &step.uses {
            self.use_secret(&run, each);
        }
        let exit = self.prepare(&unit, &step.end);
        let leads = self.model.world.leases.is_held_by(&unit);
        let shared = |secret: &SecretStatus| secret.owner == unit.application();
        let (ours, all) = (self.kept(shared), self.kept(|_| true));
        let finished = self.model.finish(&run.context, exit).expect("it runs");
        if let Some(document) = self.model.world.units.get_mut(&unit) {
            // A flush that had nothing to send.
            document.flush_fault = None;
        }
        if !leads {
            assert_eq!(self.kept(shared), ours, "{unit} does not lead");
        }
        let whole = flush_parts(self.model.controller_profile()).len() == 1;
        let stored = matches!(step.end, End::AnswerLost) || finished.outcome == Outcome::Done;
        if whole && !stored {
            assert_eq!(self.kept(|_| true), all, "{:?}", step.end);
        }
        self.look();
        if let End::Late { arrives: true } = step.end {
            let _ = self
                .model
                .deliver_late_flush(&unit)
                .expect("the unit is there");
            self.look();
        }
        self.settle();
    }

    /// Arranges for an end.
    fn prepare(&mut self, unit: &UnitName, end: &End) -> Exit {
        let done = match end {
            End::Well => Ok(()),
            // Commands are flushed whatever their exit code is; only the agent's death spares it.
            End::Fails => return Exit::AgentDied,
            End::Refused { parts } => self.model.fail_next_flush_after(unit, *parts, "no"),
            End::AnswerLost => self.model.lose_next_flush_answer(unit),
            End::Late { .. } => self.model.delay_next_flush(unit),
            End::LeadershipLost { to } => {
                let to = self.units[*to].clone();
                self.model.force_leader(&to)
            }
        };
        done.expect("the unit is there");
        Exit::Code(0)
    }

    /// What holds at any moment.
    fn look(&mut self) {
        let mut labels = Vec::new();
        for (id, secret) in self.model.world.secrets.iter() {
            if !secret.label.is_empty() {
                labels.push((secret.owner.tag(), secret.label.clone()));
            }
            for (number, revision) in &secret.revisions {
                let key = (id.clone(), *number);
                let first = self
                    .contents
                    .entry(key)
                    .or_insert_with(|| revision.content.clone());
                assert_eq!(*first, revision.content, "{id}/{number}");
                assert!(*number <= secret.latest);
            }
        }
        let count = labels.len();
        labels.sort();
        labels.dedup();
        assert_eq!(labels.len(), count, "an owner has a label twice");
    }
}

fn live(profile: Profile, seed: u64, steps: &[Step]) {
    let mut world = World::new(profile, seed);
    for step in steps {
        world.step(step);
    }
    let saved = serde_json::to_string(&world.model).expect("it can be saved");
    let read: Model = serde_json::from_str(&saved).expect("it can be read");
    assert_eq!(read.secrets(), world.model.secrets());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn in_three_six(seed in any::<u64>(), steps in steps()) {
        live(Profile::V3_6, seed, &steps);
    }

    #[test]
    fn in_four(seed in any::<u64>(), steps in steps()) {
        live(Profile::V4_0, seed, &steps);
    }

    #[test]
    fn in_early_four(seed in any::<u64>(), steps in steps()) {
        live(Profile::V4_0Early, seed, &steps);
        live(Profile::V4_0EarlyX, seed, &steps);
    }
}
