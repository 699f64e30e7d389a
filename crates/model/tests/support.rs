//! A driver for tests: runs what the model hands out, one operation after the other.

use std::time::Duration;

use ensign_model::{
    Call, CharmInfo, ContextId, Exit, Finished, MemoryFiles, Model, ModelConfig, Operation,
    OperationKind, Profile, UnitName,
};

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A model and its files.
pub(crate) struct Sim {
    pub(crate) model: Model,
    pub(crate) files: MemoryFiles,
}

impl Sim {
    pub(crate) fn new(profile: Profile) -> Self {
        Self::seeded(profile, 1)
    }

    /// A model whose defaults `change` changes.
    pub(crate) fn with(profile: Profile, change: impl FnOnce(&mut ModelConfig)) -> Self {
        let mut config = ModelConfig::new(profile, 1);
        change(&mut config);
        Self {
            model: Model::new(config),
            files: MemoryFiles::default(),
        }
    }

    pub(crate) fn seeded(profile: Profile, seed: u64) -> Self {
        Self {
            model: Model::new(ModelConfig::new(profile, seed)),
            files: MemoryFiles::default(),
        }
    }

    /// Calls a tool; the words of `line` are its arguments.
    pub(crate) fn tool(&mut self, context: &ContextId, line: &str) -> Reply {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.call(context, &words, None)
    }

    pub(crate) fn call(
        &mut self,
        context: &ContextId,
        words: &[&str],
        stdin: Option<&str>,
    ) -> Reply {
        let argv: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        let call = Call {
            argv: &argv,
            stdin: stdin.map(str::as_bytes),
            cwd: "/charm",
        };
        let result = self
            .model
            .tool(context, &call, &mut self.files)
            .result()
            .expect("stdin was given");
        Reply {
            code: result.code,
            stdout: String::from_utf8(result.stdout).unwrap(),
            stderr: String::from_utf8(result.stderr).unwrap(),
        }
    }

    /// Calls a tool that must work; returns what it printed.
    pub(crate) fn ok(&mut self, context: &ContextId, line: &str) -> String {
        let reply = self.tool(context, line);
        assert_eq!((reply.code, reply.stderr.as_str()), (0, ""), "{line}");
        reply.stdout
    }

    pub(crate) fn finish(&mut self, operation: &Operation, exit: Exit) -> Finished {
        self.model
            .finish(&operation.context, exit)
            .expect("it runs")
    }

    /// Runs everything that is due now, as `charm` says.
    pub(crate) fn drain(&mut self, mut charm: impl FnMut(&mut Self, &Operation) -> Exit) {
        for _ in 0..20_000 {
            let Some(operation) = self.model.poll() else {
                return;
            };
            let exit = match operation.kind {
                OperationKind::Deploy { .. } => Exit::Code(0),
                _ => charm(self, &operation),
            };
            let _ = self.finish(&operation, exit);
        }
        panic!("the model never comes to rest");
    }

    /// Runs and moves time until the model has settled.
    pub(crate) fn settle_with(&mut self, mut charm: impl FnMut(&mut Self, &Operation) -> Exit) {
        for _ in 0..1000 {
            self.drain(&mut charm);
            if self.model.settled().is_settled() {
                return;
            }
            let next = self.model.next_timer().expect("something will happen");
            self.model.advance(next);
        }
        panic!("not settled: {:?}", self.model.settled());
    }

    /// The same with a charm that does nothing.
    pub(crate) fn settle(&mut self) {
        self.settle_with(|_, _| Exit::Code(0));
    }

    /// Moves time on by seconds, running what comes up on the way.
    pub(crate) fn pass(&mut self, seconds: f64) {
        let until = self.model.now() + Duration::from_secs_f64(seconds);
        loop {
            self.drain(|_, _| Exit::Code(0));
            match self.model.next_timer() {
                Some(time) if time <= until => self.model.advance(time),
                _ => break,
            }
        }
        self.model.advance(until);
        self.drain(|_, _| Exit::Code(0));
    }

    /// Polls until this unit runs the hook of that name, running all others; returns it, still running.
    pub(crate) fn until_hook(&mut self, unit: &UnitName, hook: &str) -> Operation {
        for _ in 0..20_000 {
            match self.model.poll() {
                Some(operation) if operation.unit == *unit && operation.name() == hook => {
                    return operation;
                }
                Some(operation) => {
                    let _ = self.finish(&operation, Exit::Code(0));
                }
                None => {
                    let next = self.model.next_timer().expect("something will happen");
                    self.model.advance(next);
                }
            }
        }
        panic!("`{unit}` never runs `{hook}`");
    }

    /// Runs commands on a unit and returns its operation, still running.
    pub(crate) fn enter(&mut self, unit: &UnitName) -> Operation {
        self.model.exec(unit, "true").unwrap();
        self.until_hook(unit, "run-commands")
    }

    /// The names of what a unit has run.
    pub(crate) fn hooks(&self, unit: &UnitName) -> Vec<&str> {
        self.model
            .history(unit)
            .iter()
            .map(|record| record.hook.as_str())
            .collect()
    }

    /// What a unit has run since it had run `from` operations.
    pub(crate) fn hooks_since(&self, unit: &UnitName, from: usize) -> Vec<&str> {
        self.hooks(unit).split_off(from)
    }

    pub(crate) fn leader(&self, application: &str) -> Option<UnitName> {
        self.model.status().applications[application].leader.clone()
    }

    /// A settled application of the plain charm.
    pub(crate) fn settled(profile: Profile, units: u32) -> (Self, Vec<UnitName>) {
        let mut sim = Self::new(profile);
        let names = sim.model.deploy("app", peered(), units).unwrap();
        sim.settle();
        (sim, names)
    }

    /// A settled application, its leader, and the others.
    pub(crate) fn led(profile: Profile, units: u32) -> (Self, UnitName, Vec<UnitName>) {
        let (sim, names) = Self::settled(profile, units);
        let leader = sim.leader("app").expect("it has a leader");
        let others = names.into_iter().filter(|unit| *unit != leader).collect();
        (sim, leader, others)
    }
}

/// A charm with one peer endpoint, `cluster`.
pub(crate) fn peered() -> CharmInfo {
    CharmInfo::named("app").with_peer("cluster", "app-peer")
}

/// Both versions.
pub(crate) const BOTH: [Profile; 2] = [Profile::V3_6, Profile::V4_0];
