//! Random lives: several applications with relations, subordinates, storage, secrets and faults. Whatever happens, the
//! rules hold, nothing that was committed is lost, and everything settles.
//!
//! `ENSIGN_LIFE=3.6:17` plays one life again; `ENSIGN_LIVES=1000` plays as many of each version.

mod data;
mod past;
mod rules;
mod steps;

use std::time::Duration;

use ensign_model::{Exit, Operation, OperationKind, Outcome, Profile, Time, UnitName, UnitStatus};

use crate::support::{BOTH, Sim};
use data::{Data, Writes};
use rules::Rules;

/// Steps in a life, and lives of each version: 10,000 steps in all.
const STEPS: usize = 250;
const LIVES: u64 = 20;

/// A generator of the test's own.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        (!items.is_empty()).then(|| &items[self.roll(items.len())])
    }
}

/// Says how to play a life again if it ends badly.
struct Epitaph(Profile, u64);

impl Drop for Epitaph {
    #[expect(clippy::print_stderr, reason = "what it is for")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self(profile, seed) = self;
            eprintln!(
                "play it again: ENSIGN_LIFE={profile}:{seed} cargo test -p ensign-model --test model lives"
            );
        }
    }
}

struct Life {
    sim: Sim,
    dice: Dice,
    rules: Rules,
    data: Data,
    running: Vec<(Operation, Writes)>,
    /// Who was promised leadership, and until when.
    promises: Vec<(UnitName, Time)>,
    builds: u32,
}

impl Life {
    fn new(profile: Profile, seed: u64) -> Self {
        let mut life = Self {
            sim: Sim::seeded(profile, seed),
            dice: Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1),
            rules: Rules::new(profile),
            data: Data::new(profile),
            running: Vec::new(),
            promises: Vec::new(),
            builds: 1,
        };
        life.deploy();
        life
    }

    fn units(&self) -> Vec<UnitStatus> {
        let status = self.sim.model.status();
        let units = status.applications.into_values();
        units.flat_map(|application| application.units).collect()
    }

    /// Begins an operation and uses its tools.
    fn begin(&mut self, operation: Operation) {
        self.rules.begin(&self.sim.model, &operation);
        let mut writes = Writes::default();
        if !matches!(operation.kind, OperationKind::Deploy { .. }) {
            let leads = self.sim.ok(&operation.context, "is-leader") == "True\n";
            if leads {
                self.promise(&operation.unit);
            }
            if operation.name() == "install" {
                let storage = self.sim.ok(&operation.context, "storage-list");
                self.rules.installs_with(&operation.unit, storage.lines());
            }
            writes = self
                .data
                .visit(&mut self.sim, &operation, leads, &mut self.dice);
        }
        self.running.push((operation, writes));
    }

    /// `is-leader` has said yes: for 30 seconds nobody else may hear it.
    fn promise(&mut self, unit: &UnitName) {
        let now = self.sim.model.now();
        self.promises
            .retain(|(other, until)| *until > now && other != unit);
        for (other, until) in &self.promises {
            // One that is gone has taken its promise along.
            let same = other.application() == unit.application();
            assert!(
                !same || self.units().iter().all(|status| status.unit != *other),
                "{unit} leads at {now:?}, and {other} was promised to until {until:?}"
            );
        }
        self.promises
            .push((unit.clone(), now + Duration::from_secs(30)));
    }

    fn end(&mut self, at: usize, exit: Exit) {
        let (operation, writes) = self.running.swap_remove(at);
        let outcome = match self.sim.model.finish(&operation.context, exit) {
            Ok(finished) => finished.outcome,
            Err(_) => self.told(&operation),
        };
        self.account(&operation, writes, outcome);
    }

    /// What became of an operation that ended without us.
    fn told(&self, operation: &Operation) -> Outcome {
        let records = self.sim.model.history(&operation.unit);
        let mut records = records.iter().rev();
        records
            .find(|record| record.context == operation.context)
            .map_or(Outcome::Failed, |record| record.outcome)
    }

    fn account(&mut self, operation: &Operation, writes: Writes, outcome: Outcome) {
        self.rules.end(operation, outcome);
        if outcome == Outcome::Done {
            self.data.commit(&operation.unit, writes);
        }
        self.look();
    }

    /// After anything has happened: what ended without us, who leads, who is gone.
    fn look(&mut self) {
        while let Some(at) = self.running.iter().position(|(operation, _)| {
            self.sim.model.running(&operation.unit) != Some(&operation.context)
        }) {
            let (operation, writes) = self.running.swap_remove(at);
            let outcome = self.told(&operation);
            self.rules.end(&operation, outcome);
            if outcome == Outcome::Done {
                self.data.commit(&operation.unit, writes);
            }
        }
        self.rules.look(&self.sim.model);
    }

    /// Runs a few operations, some of them not to their end.
    fn run(&mut self) {
        for _ in 0..self.dice.roll(16) {
            match self.sim.model.poll() {
                Some(operation) => self.begin(operation),
                None if self.running.is_empty() => return,
                None => {}
            }
            if self.running.is_empty() || self.dice.roll(4) == 0 {
                continue;
            }
            let at = self.dice.roll(self.running.len());
            let deploy = matches!(self.running[at].0.kind, OperationKind::Deploy { .. });
            let exit = match self.dice.roll(if deploy { 60 } else { 14 }) {
                0 => Exit::Code(1),
                1 => Exit::AgentDied,
                2 if !deploy => Exit::Signal(9),
                3 if !deploy => Exit::Signal(11),
                _ => Exit::Code(0),
            };
            self.end(at, exit);
        }
    }

    /// Everything that went wrong on purpose is put right; then it must come to rest by itself.
    fn settle(&mut self) {
        for name in ["app", "sql"] {
            self.sim.model.add_unit(name).unwrap();
        }
        while !self.running.is_empty() {
            self.end(0, Exit::Code(0));
        }
        for status in self.units() {
            let _ = self.sim.model.heal(&status.unit);
        }
        for _ in 0..4000 {
            while let Some(operation) = self.sim.model.poll() {
                self.begin(operation);
                while !self.running.is_empty() {
                    self.end(0, Exit::Code(0));
                }
            }
            if self.sim.model.settled().is_settled() {
                return;
            }
            for status in self.units() {
                let _ = self.resolve(&status.unit, true);
            }
            if let Some(next) = self.sim.model.next_timer() {
                self.sim.model.advance(next);
            }
        }
        panic!("not settled: {:?}", self.sim.model.settled());
    }
}

fn live(profile: Profile, seed: u64) -> usize {
    let _epitaph = Epitaph(profile, seed);
    let mut life = Life::new(profile, seed);
    for _ in 0..STEPS {
        life.step();
        life.look();
        life.run();
    }
    life.data.quiet = true;
    life.settle();
    for status in life.units() {
        if status.alive {
            life.data.check(&mut life.sim, &status.unit);
        }
    }
    life.rules.hooks
}

#[test]
fn lives_keep_the_rules_lose_nothing_and_settle() {
    if let Ok(one) = std::env::var("ENSIGN_LIFE") {
        let (profile, seed) = one.split_once(':').unwrap();
        live(profile.parse().unwrap(), seed.parse().unwrap());
        return;
    }
    let lives = std::env::var("ENSIGN_LIVES").map_or(LIVES, |lives| lives.parse().unwrap());
    let mut hooks = 0;
    for profile in BOTH {
        for seed in 0..lives {
            hooks += live(profile, seed);
        }
    }
    println!("{} steps, {hooks} hooks", 2 * lives * STEPS as u64);
    assert!(hooks > 5000, "{hooks} hooks were run");
}
