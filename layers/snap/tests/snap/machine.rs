//! A machine with snapd, and an apt that installs what it is asked for.

use std::cell::{RefCell, RefMut};
use std::process::Output;
use std::rc::Rc;

use ensign::host::Program;
use ensign_testing::{MemoryDisk, UnitName, Workload, exited};

use crate::snapd::Snapd;

/// Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Rc<RefCell<Inner>>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Inner {
    pub(crate) snapd: Snapd,
    /// Every run, with its arguments.
    pub(crate) runs: Vec<String>,
}

impl World {
    pub(crate) fn look(&self) -> RefMut<'_, Inner> {
        self.0.borrow_mut()
    }

    /// The runs of `snap` that change something.
    pub(crate) fn changes(&self) -> Vec<String> {
        let runs = &self.look().runs;
        let of_snap = runs.iter().filter_map(|run| run.strip_prefix("snap "));
        let changes = of_snap.filter(|run| !run.starts_with("wait ") && !run.starts_with("list "));
        changes.map(str::to_owned).collect()
    }
}

impl Workload for World {
    fn run(&mut self, _: &UnitName, _: &MemoryDisk, program: &Program) -> Option<Output> {
        let mut machine = self.look();
        let mut words: Vec<&str> = (program.arguments.iter())
            .map(|argument| argument.to_str().expect("text"))
            .collect();
        let mut name = program.name.to_str()?;
        if name == "timeout" {
            words.remove(0);
            name = words.remove(0);
        }
        machine.runs.push(format!("{name} {}", words.join(" ")));
        match name {
            "apt-get" => {
                machine.snapd.is_there |= words.contains(&"snapd");
                machine.snapd.has_curl |= words.contains(&"curl");
                Some(exited(0, "", ""))
            }
            "sleep" => Some(exited(0, "", "")),
            _ => machine.snapd.run(name, &words, &program.input),
        }
    }

    fn copied(&self) -> Box<dyn Workload> {
        Box::new(Self(Rc::new(RefCell::new(self.look().clone()))))
    }
}
