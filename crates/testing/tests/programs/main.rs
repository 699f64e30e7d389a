//! Programs on a model's machines: a test plays them, and they are moments at which a unit can be killed.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::BTreeMap;
use std::process::Output;

use ensign::handler::{CrateOrder, Registry};
use ensign::host::Program;
use ensign::prelude::*;
use ensign_testing::model::Time;
use ensign_testing::{Charm, Faults, MemoryDisk, Profile, Sim, UnitName, Workload, exited};

#[when_not("charm.installed")]
fn install(ctx: &mut Context) -> Result {
    ctx.command("installer")
        .arg("--yes")
        .input("a word")
        .run()?;
    ctx.set_flag("charm.installed")
}

/// How often each unit has run `installer`; the first time of all fails.
#[derive(Debug, Clone, Default)]
struct Installer(BTreeMap<UnitName, u32>);

impl Workload for Installer {
    fn run(&mut self, unit: &UnitName, disk: &MemoryDisk, program: &Program) -> Option<Output> {
        if program.name != "installer" {
            return None;
        }
        assert_eq!(program.arguments, ["--yes"]);
        assert_eq!(program.input, b"a word");
        let first = self.0.is_empty();
        let times = self.0.entry(unit.clone()).or_default();
        *times += 1;
        if first {
            return Some(exited(1, "", "the network is down\n"));
        }
        disk.put("/usr/bin/installed", times.to_string());
        Some(exited(0, "done\n", ""))
    }

    fn copied(&self) -> Box<dyn Workload> {
        Box::new(self.clone())
    }
}

fn model() -> Sim {
    let charm =
        Charm::with_peers("charm", Registry::linked(CrateOrder::new([module_path!()]))).unwrap();
    let mut sim = Sim::new(Profile::V4_0, 7);
    sim.deploy("charm", &charm, 2).unwrap();
    sim
}

fn now(sim: &Sim) -> Time {
    sim.model().now()
}

fn installed(sim: &Sim) -> Vec<Option<String>> {
    sim.files("charm", "/usr/bin/installed")
        .into_values()
        .collect()
}

#[test]
fn a_program_that_fails_fails_the_hook_and_runs_again() {
    let mut sim = model();
    sim.install(Installer::default());
    let mut errors = Vec::new();
    while let Some(operation) = sim.poll() {
        errors.extend(sim.run(&operation, &Faults::none()).error);
    }
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0].contains("`installer --yes` failed with exit status: 1: the network is down")
    );
    sim.settle().unwrap();
    let mut times = installed(&sim);
    times.sort();
    assert_eq!(times, [Some("1".to_owned()), Some("2".to_owned())]);
}

#[test]
fn nothing_of_the_host_runs_in_a_model() {
    let mut sim = model();
    let mut errors = std::iter::from_fn(|| {
        let operation = sim.poll()?;
        Some(sim.run(&operation, &Faults::none()).error)
    });
    let error = errors
        .find_map(|error| error)
        .expect("the program is not there");
    assert!(error.contains("cannot start `installer --yes`"), "{error}");
}

#[test]
fn a_unit_can_be_killed_before_and_after_a_program() {
    let counted = Faults::none();
    let mut sim = model();
    sim.install(Installer::default());
    sim.settle_with(|_| counted.clone()).unwrap();
    assert!(counted.steps().contains(&"program installer".to_owned()));
    for moment in 0..counted.moments() {
        let faults = Faults::at(moment);
        let mut sim = model();
        sim.install(Installer::default());
        sim.settle_under(&faults).unwrap();
        assert!(faults.struck());
        assert!(
            installed(&sim).iter().all(Option::is_some),
            "moment {moment}"
        );
    }
}

#[test]
fn a_copy_goes_on_on_its_own() {
    let mut sim = model();
    sim.install(Installer::default());
    while installed(&sim).iter().all(Option::is_none) {
        let operation = sim.poll().expect("there is more to do");
        sim.run(&operation, &Faults::none());
    }
    let (then, before) = (now(&sim), installed(&sim));
    let mut copy = sim.copied();
    copy.settle().unwrap();
    assert!(installed(&copy).iter().all(Option::is_some));
    assert_eq!((now(&sim), installed(&sim)), (then, before));
    sim.settle().unwrap();
    assert_eq!(installed(&sim), installed(&copy));
    assert_eq!(now(&sim), now(&copy));
}
