//! Machines with apt: packages, lists, sources, and what goes wrong with them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Output;
use std::rc::Rc;

use ensign::host::Program;
use ensign_testing::{MemoryDisk, UnitName, Workload, exited};

/// What the world of these machines is like. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Rc<RefCell<Inner>>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Inner {
    /// What the archive has, once the lists were fetched.
    pub(crate) archive: BTreeMap<String, String>,
    /// What the next runs of `apt-get install` do instead of installing, first one first.
    pub(crate) failing: Vec<Fault>,
    pub(crate) network_is_down: bool,
    /// How many more runs find the lock taken.
    pub(crate) locked: u32,
    /// Every run, with its arguments.
    pub(crate) runs: Vec<String>,
    /// Broken by an interrupted run, until `dpkg --configure -a`.
    pub(crate) interrupted: bool,
    pub(crate) lists_are_fetched: bool,
    pub(crate) installed: BTreeMap<String, String>,
    pub(crate) held: BTreeSet<String>,
    pub(crate) no_apt: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// It unpacks, and then it is as if the machine lost power.
    Interrupted,
    /// It fails with these words.
    Says(&'static str),
}

impl World {
    pub(crate) fn look(&self) -> std::cell::RefMut<'_, Inner> {
        self.0.borrow_mut()
    }

    /// The runs of this program, without options.
    pub(crate) fn runs(&self, program: &str) -> Vec<String> {
        let runs = &self.0.borrow().runs;
        let of_it = runs.iter().filter(|run| run.starts_with(program));
        let short = |run: &String| {
            let words = run
                .split(' ')
                .filter(|word| !word.starts_with("--") || *word == "--configure");
            words.collect::<Vec<_>>().join(" ")
        };
        of_it.map(short).collect()
    }
}

const INTERRUPTED: &str = "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. \n";
const LOCKED: &str = "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 17 (unattended-upgr)\n";

impl Workload for World {
    fn run(&mut self, _: &UnitName, _: &MemoryDisk, program: &Program) -> Option<Output> {
        let mut machine = self.0.borrow_mut();
        let name = program.name.to_str()?.to_owned();
        let arguments: Vec<String> = (program.arguments.iter())
            .map(|a| a.to_str().expect("text").to_owned())
            .collect();
        if machine.no_apt
            || !["apt-get", "apt-mark", "dpkg", "dpkg-query", "sleep"].contains(&&*name)
        {
            return None;
        }
        let noninteractive = ("DEBIAN_FRONTEND".into(), "noninteractive".into());
        assert!(program.environment.contains(&noninteractive));
        machine.runs.push(format!("{name} {}", arguments.join(" ")));
        Some(machine.run(&name, &arguments))
    }

    fn copied(&self) -> Box<dyn Workload> {
        Box::new(Self(Rc::new(RefCell::new(self.0.borrow().clone()))))
    }
}

impl Inner {
    fn run(&mut self, name: &str, arguments: &[String]) -> Output {
        let operands = arguments.iter().position(|a| a == "--");
        let operands = operands.map_or(&[][..], |at| &arguments[at + 1..]).to_vec();
        match name {
            "sleep" => return exited(0, "", ""),
            "dpkg-query" => return self.query(&operands[0]),
            _ => {}
        }
        if self.locked > 0 {
            self.locked -= 1;
            return exited(100, "", LOCKED);
        }
        match (name, &*arguments[0]) {
            ("dpkg", "--configure") => {
                self.interrupted = false;
                exited(0, "", "")
            }
            _ if self.interrupted => exited(100, "", INTERRUPTED),
            ("apt-get", "update") if self.network_is_down => exited(
                100,
                "",
                "E: Failed to fetch http://me:secret@deb.example/x  Could not resolve 'deb.example'\n",
            ),
            ("apt-get", "update") => {
                self.lists_are_fetched = true;
                exited(0, "", "")
            }
            ("apt-get", "install") => self.install(&operands),
            ("apt-get", "purge") => {
                self.installed.retain(|name, _| !operands.contains(name));
                exited(0, "", "")
            }
            ("apt-mark", "hold") => {
                self.held.extend(operands);
                exited(0, "", "")
            }
            ("apt-mark", "unhold") => {
                self.held.retain(|name| !operands.contains(name));
                exited(0, "", "")
            }
            _ => panic!("no machine runs `{name} {arguments:?}`"),
        }
    }

    fn install(&mut self, wanted: &[String]) -> Output {
        if !self.failing.is_empty() {
            return match self.failing.remove(0) {
                Fault::Says(words) => exited(100, "", words),
                Fault::Interrupted => {
                    self.interrupted = true;
                    exited(100, "", INTERRUPTED)
                }
            };
        }
        let mut found = Vec::new();
        for package in wanted {
            let (name, version) = package.split_once('=').unwrap_or((package, ""));
            match self.archive.get(name).filter(|_| self.lists_are_fetched) {
                None => {
                    let words = format!("E: Unable to locate package {name}\n");
                    return exited(100, "", words);
                }
                Some(there) => {
                    let version = if version.is_empty() { there } else { version };
                    found.push((name.to_owned(), version.to_owned()));
                }
            }
        }
        self.installed.extend(found);
        exited(0, "", "")
    }

    fn query(&self, name: &str) -> Output {
        match self.installed.get(name) {
            Some(version) => exited(0, format!("installed {version}\n"), ""),
            None => exited(
                1,
                "",
                format!("dpkg-query: no packages found matching {name}\n"),
            ),
        }
    }
}
