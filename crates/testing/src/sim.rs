//! A model whose units run in this process.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use ensign::dispatch::Silent;
use ensign::hook::HookEnv;
use ensign::host::Host;
use ensign_model::{
    Exit, Model, ModelConfig, ModelError, Operation, OperationKind, Outcome, Paths, Profile,
    UnitName,
};

use crate::charm::Charm;
use crate::faults::{Faults, MortalDisk, MortalPrograms, MortalTools};
use crate::memory::{MemoryDisk, SeededEntropy, TestClock};
use crate::tools::{ModelTools, UnitFiles};
use crate::workload::{Bare, MachinePrograms, SharedWorkload, Workload};

/// A Juju model in this process: real semantics, logical time, charms as functions.
#[derive(Debug)]
pub struct Sim {
    model: Rc<RefCell<Model>>,
    clock: TestClock,
    charms: BTreeMap<String, Charm>,
    machines: BTreeMap<UnitName, Machine>,
    workload: SharedWorkload,
    seed: u64,
    /// Below which units have their folders.
    data_dir: String,
}

/// What a unit keeps between hooks.
#[derive(Debug, Clone)]
pub(crate) struct Machine {
    pub(crate) disk: MemoryDisk,
    entropy: SeededEntropy,
    pub(crate) charm: Charm,
}

impl Machine {
    /// A copy whose files and random bytes are its own.
    pub(crate) fn copied(&self) -> Self {
        Self {
            disk: self.disk.copied(),
            entropy: self.entropy.copied(),
            charm: self.charm.clone(),
        }
    }
}

/// One operation that ran.
#[derive(Debug)]
pub struct Ran {
    /// Whose it was.
    pub unit: UnitName,
    /// The hook's or action's name.
    pub name: String,
    /// What Juju made of it.
    pub outcome: Outcome,
    /// Why the charm failed, if it did.
    pub error: Option<String>,
}

/// A model that does not come to rest.
#[derive(Debug)]
pub struct Unsettled {
    /// What each unit waits for, as the model tells it.
    pub why: String,
}

impl std::fmt::Display for Unsettled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the model does not settle: {}", self.why)
    }
}

impl std::error::Error for Unsettled {}

impl Sim {
    /// An empty model of that Juju. The same seed and the same steps give the same run.
    #[must_use]
    pub fn new(profile: Profile, seed: u64) -> Self {
        Self::with(ModelConfig::new(profile, seed))
    }

    /// An empty model with these settings.
    #[must_use]
    pub fn with(config: ModelConfig) -> Self {
        Self {
            seed: config.seed,
            data_dir: config.data_dir.clone(),
            model: Rc::new(RefCell::new(Model::new(config))),
            clock: TestClock::default(),
            charms: BTreeMap::new(),
            machines: BTreeMap::new(),
            workload: Rc::new(RefCell::new(Box::new(Bare))),
        }
    }

    /// The model and its machines as they are now, to go on from here on its own: a test that tries many ends of one
    /// beginning plays the beginning once. What runs on the machines is copied by [`Workload::copied`]; a test that
    /// wants to look at it there [installs](Self::install) a copy of its own.
    #[must_use]
    pub fn copied(&self) -> Self {
        let clock = self.clock.copied();
        let copied = |(unit, machine): (&UnitName, &Machine)| {
            let machine = Machine {
                disk: machine.disk.copied_at(&clock),
                ..machine.copied()
            };
            (unit.clone(), machine)
        };
        Self {
            model: Rc::new(RefCell::new(self.model.borrow().clone())),
            charms: self.charms.clone(),
            machines: self.machines.iter().map(copied).collect(),
            workload: self.workload_copied(),
            seed: self.seed,
            data_dir: self.data_dir.clone(),
            clock,
        }
    }

    /// Has the machines run these programs. Without that nothing is installed on them.
    pub fn install(&mut self, workload: impl Workload + 'static) {
        self.install_boxed(Box::new(workload));
    }

    pub(crate) fn install_boxed(&mut self, workload: Box<dyn Workload>) {
        self.workload = Rc::new(RefCell::new(workload));
    }

    /// Tells what runs on the machines that this one is gone.
    pub(crate) fn lost(&self, unit: &UnitName) {
        self.workload.borrow_mut().lost(unit);
    }

    /// The model itself: for operators' commands, faults and a look.
    pub fn model(&self) -> std::cell::RefMut<'_, Model> {
        self.model.borrow_mut()
    }

    /// Deploys a charm as an application with so many units.
    ///
    /// # Errors
    /// As the model refuses it.
    pub fn deploy(
        &mut self,
        application: &str,
        charm: &Charm,
        units: u32,
    ) -> Result<Vec<UnitName>, ModelError> {
        let deployed = self
            .model()
            .deploy(application, charm.info.clone(), units)?;
        self.charms.insert(application.to_owned(), charm.clone());
        Ok(deployed)
    }

    /// Refreshes an application with another build of its charm.
    ///
    /// # Errors
    /// As the model refuses it.
    pub fn upgrade(
        &mut self,
        application: &str,
        charm: &Charm,
        force: bool,
    ) -> Result<(), ModelError> {
        self.model()
            .upgrade(application, charm.info.clone(), force)?;
        self.charms.insert(application.to_owned(), charm.clone());
        Ok(())
    }

    /// A unit's files.
    #[must_use]
    pub fn disk(&self, unit: &UnitName) -> MemoryDisk {
        self.machines
            .get(unit)
            .map_or_else(|| MemoryDisk::new(self.clock.clone()), |m| m.disk.clone())
    }

    /// The application's units that are alive, and what each has in a file.
    #[must_use]
    pub fn files(&self, application: &str, path: &str) -> BTreeMap<UnitName, Option<String>> {
        let status = self.model.borrow().status();
        let units = status
            .applications
            .get(application)
            .map(|a| a.units.clone());
        units
            .unwrap_or_default()
            .into_iter()
            .filter(|u| u.alive)
            .map(|u| {
                let text = self.disk(&u.unit).text(path);
                (u.unit, text)
            })
            .collect()
    }

    /// The application's units whose agent runs and reaches the controller.
    pub(crate) fn live(&self, application: &str) -> Vec<UnitName> {
        let status = self.model.borrow().status();
        let units = status.applications.get(application).map(|a| &a.units);
        let live = units.into_iter().flatten().filter(|unit| unit.alive);
        live.map(|unit| unit.unit.clone()).collect()
    }

    /// The next operation of any unit, if there is one now.
    pub fn poll(&mut self) -> Option<Operation> {
        let operation = self.model().poll();
        self.synchronise();
        operation
    }

    /// The next operation of this unit, if there is one now.
    pub fn poll_unit(&mut self, unit: &UnitName) -> Option<Operation> {
        let operation = self.model().poll_unit(unit);
        self.synchronise();
        operation
    }

    /// Moves on to whatever happens by itself next; `false` if nothing ever will.
    pub fn wait_for_timer(&mut self) -> bool {
        let Some(next) = self.model.borrow().next_timer() else {
            return false;
        };
        self.model().advance(next);
        self.synchronise();
        true
    }

    /// Lets model time pass.
    pub fn advance(&mut self, by: Duration) {
        let now = self.model.borrow().now();
        let by = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        let to = ensign_model::Time::from_micros(now.as_micros().saturating_add(by));
        self.model().advance(to);
        self.synchronise();
    }

    /// Runs until nothing is left to do, jumping over waits.
    ///
    /// # Errors
    /// When more operations run than any sane model needs, or nothing moves and it is not settled.
    pub fn settle(&mut self) -> Result<Vec<Ran>, Unsettled> {
        self.settle_with(|_| Faults::none())
    }

    /// The same, with faults for each operation.
    ///
    /// # Errors
    /// As [`settle`](Self::settle).
    pub fn settle_with(
        &mut self,
        mut faults: impl FnMut(&Operation) -> Faults,
    ) -> Result<Vec<Ran>, Unsettled> {
        const ENOUGH: usize = 10_000;
        let mut all = Vec::new();
        while all.len() < ENOUGH {
            if let Some(operation) = self.poll() {
                let faults = faults(&operation);
                all.push(self.run(&operation, &faults));
            } else if self.model.borrow().settled().is_settled() {
                return Ok(all);
            } else if !self.wait_for_timer() {
                break;
            }
        }
        let why = format!("{:?}", self.model.borrow().settled());
        Err(Unsettled { why })
    }

    /// The same, with a unit that is killed once, at the fatal moment of `faults`, and is spared from then on.
    ///
    /// # Errors
    /// As [`settle`](Self::settle).
    pub fn settle_under(&mut self, faults: &Faults) -> Result<Vec<Ran>, Unsettled> {
        self.settle_with(|_| {
            if faults.struck() {
                Faults::none()
            } else {
                faults.clone()
            }
        })
    }

    /// Runs one operation, to its end or to its fatal moment: a killed process ends by SIGKILL.
    pub fn run(&mut self, operation: &Operation, faults: &Faults) -> Ran {
        let (exit, error) = match &operation.kind {
            OperationKind::Deploy { .. } => {
                self.unpack(&operation.unit);
                (Exit::Code(0), None)
            }
            // There is no shell here; commands run as a context that only settles and commits.
            OperationKind::Hook(_)
            | OperationKind::Action { .. }
            | OperationKind::Commands { .. } => self.execute(operation, faults),
        };
        let exit = if faults.struck() {
            Exit::Signal(9)
        } else {
            exit
        };
        self.close(operation, exit, error)
    }

    /// Ends an operation whose processes have ended.
    pub(crate) fn close(
        &mut self,
        operation: &Operation,
        exit: Exit,
        error: Option<String>,
    ) -> Ran {
        let finished = self.model().finish(&operation.context, exit);
        Ran {
            unit: operation.unit.clone(),
            name: operation.name(),
            outcome: finished.as_ref().map_or(Outcome::Failed, |f| f.outcome),
            error: error.or_else(|| finished.err().map(|e| e.to_string())),
        }
    }

    /// Puts the application's charm onto the unit's machine.
    pub(crate) fn unpack(&mut self, unit: &UnitName) {
        let Some(charm) = self.charms.get(unit.application()).cloned() else {
            return;
        };
        let seed = self.seed;
        let clock = &self.clock;
        self.machines
            .entry(unit.clone())
            .and_modify(|m| m.charm = charm.clone())
            .or_insert_with(|| Machine {
                disk: MemoryDisk::new(clock.clone()),
                entropy: SeededEntropy::new(
                    seed ^ u64::from(unit.number()).wrapping_mul(0x9e37_79b9_7f4a_7c15),
                ),
                charm: charm.clone(),
            });
        let folder = Paths::of(&self.data_dir, unit).charm;
        let disk = self.disk(unit);
        for (path, bytes) in charm.files.iter() {
            disk.put(format!("{folder}/{path}"), bytes);
        }
    }

    /// A unit's machine, if its charm has been put there.
    pub(crate) fn machine(&self, unit: &UnitName) -> Option<Machine> {
        self.machines.get(unit).cloned()
    }

    fn execute(&mut self, operation: &Operation, faults: &Faults) -> (Exit, Option<String>) {
        let Some(machine) = self.machine(&operation.unit) else {
            return (Exit::Missing, None);
        };
        let host = match self.host(operation, &machine) {
            Ok(host) => host,
            Err(error) => return (Exit::Code(1), Some(error)),
        };
        let host = Host {
            transport: Box::new(MortalTools::new(host.transport, faults.clone())),
            disk: Box::new(MortalDisk::new(machine.disk.clone(), faults.clone())),
            programs: Box::new(MortalPrograms::new(
                programs(&self.workload, &operation.unit, &machine),
                faults.clone(),
            )),
            ..host
        };
        let ended = ensign::run::hook(host, &machine.charm.registry, &mut Silent);
        let code = i32::from(!ended.succeeded());
        (Exit::Code(code), ended.error.map(|e| e.line()))
    }

    /// What a process of this operation runs with.
    pub(crate) fn host(&self, operation: &Operation, machine: &Machine) -> Result<Host, String> {
        self.host_in(&self.model, &self.workload, operation, machine)
    }

    /// The same in another model and on other machines, which know the operation too: copies to look at what would
    /// be.
    pub(crate) fn host_in(
        &self,
        model: &Rc<RefCell<Model>>,
        workload: &SharedWorkload,
        operation: &Operation,
        machine: &Machine,
    ) -> Result<Host, String> {
        let env = HookEnv::read(
            &|name| operation.variable(name).map(str::to_owned),
            Path::new("dispatch"),
        )
        .map_err(|e| e.to_string())?;
        let tools = ModelTools {
            model: Rc::clone(model),
            context: operation.context.clone(),
            files: UnitFiles(machine.disk.clone()),
            cwd: env.charm_dir.to_string_lossy().into_owned(),
        };
        Ok(Host {
            env,
            metadata: (*machine.charm.metadata).clone(),
            transport: Box::new(tools),
            disk: Box::new(machine.disk.clone()),
            programs: Box::new(programs(workload, &operation.unit, machine)),
            clock: Box::new(self.clock.clone()),
            entropy: Box::new(machine.entropy.clone()),
        })
    }

    /// A copy of what runs on the machines, which goes on from here on its own.
    pub(crate) fn workload_copied(&self) -> SharedWorkload {
        Rc::new(RefCell::new(self.workload.borrow().copied()))
    }

    fn synchronise(&self) {
        self.clock
            .set_since_start(self.model.borrow().now().since_start());
    }
}

fn programs(workload: &SharedWorkload, unit: &UnitName, machine: &Machine) -> MachinePrograms {
    MachinePrograms {
        workload: Rc::clone(workload),
        unit: unit.clone(),
        disk: machine.disk.clone(),
    }
}
