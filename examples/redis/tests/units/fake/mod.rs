//! Machines with Redis servers, in this process: what `apt-get`, `snap`, `systemctl` and `redis-cli` do there, and whom a
//! server reaches. Every refusal is worded as redis 7.0 words it.

mod cli;
mod cluster;
mod commands;
mod conf;
mod machine;
mod manage;
mod replication;
mod server;
#[path = "../../../../../layers/snap/tests/snap/snapd.rs"]
mod snapd;

use std::cell::{RefCell, RefMut};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;
use std::rc::Rc;

use ensign::host::Program;
use ensign_testing::{MemoryDisk, UnitName, Workload};

pub(crate) use machine::Machine;
pub(crate) use server::{Role, Server};

/// All machines. Clones are the same ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fleet(Rc<RefCell<Inner>>);

/// What there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inner {
    pub(crate) machines: BTreeMap<UnitName, Machine>,
    /// Machines that are gone.
    pub(crate) lost: BTreeSet<UnitName>,
    /// Machines that reach nobody.
    pub(crate) cut: BTreeSet<UnitName>,
    /// What must never be: one line each.
    pub(crate) alarms: Vec<String>,
    /// Every run: unit and command line.
    pub(crate) runs: Vec<(UnitName, String)>,
    /// Every how many runs of `redis-cli --cluster` stop in the middle; 0 for none.
    pub(crate) stumbles: usize,
    pub(crate) reshards: usize,
    /// How many commands servers were given.
    pub(crate) commands: usize,
    /// The one at which the connection breaks: it and what comes after it in this run of `redis-cli` never arrive.
    pub(crate) breaks_at: Option<usize>,
    /// How many runs of `redis-cli --cluster check` wait for a node that is lost, for longer than they may.
    pub(crate) hangs: usize,
    /// Machines whose servers read their data: nodes are known to others, and answer nobody.
    pub(crate) loading: BTreeSet<UnitName>,
    /// How many nodes that are to follow another have not heard of it yet.
    pub(crate) unheard: usize,
}

impl Fleet {
    pub(crate) fn look(&self) -> RefMut<'_, Inner> {
        self.0.borrow_mut()
    }

    /// Machines of their own, as these are now.
    pub(crate) fn copied(&self) -> Self {
        Self(Rc::new(RefCell::new(self.look().clone())))
    }

    /// The machine is gone, with everything on it.
    pub(crate) fn lose(&self, unit: &UnitName) {
        self.look().lost.insert(unit.clone());
        self.look().tick();
    }

    /// The server ends without saving anything, and is not started again.
    pub(crate) fn crash(&self, unit: &UnitName) {
        if let Some(machine) = self.look().machines.get_mut(unit) {
            let _lost = machine.crash();
        }
        self.look().tick();
    }

    /// Has nobody reach that machine, nor it anybody.
    pub(crate) fn cut(&self, unit: &UnitName, cut: bool) {
        if cut {
            self.look().cut.insert(unit.clone());
        } else {
            self.look().cut.remove(unit);
        }
        self.look().tick();
    }

    /// What a client on the machine of `from` is told by the server there.
    pub(crate) fn say(
        &self,
        from: &UnitName,
        host: &str,
        port: u16,
        password: &str,
        command: &str,
    ) -> String {
        self.look()
            .converse(from, host, port, password, command, false)
    }
}

impl Workload for Fleet {
    fn run(&mut self, unit: &UnitName, disk: &MemoryDisk, program: &Program) -> Option<Output> {
        self.look().run(unit, disk, program)
    }

    fn copied(&self) -> Box<dyn Workload> {
        Box::new(Self::copied(self))
    }

    fn lost(&mut self, unit: &UnitName) {
        self.lose(unit);
    }
}
