//! Machines with a service, under systemd or under init scripts.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;
use std::process::Output;
use std::rc::Rc;

use ensign::host::Program;
use ensign_testing::{MemoryDisk, UnitName, Workload, exited};

/// Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct World(Rc<RefCell<Inner>>);

#[derive(Debug, Default, Clone)]
pub(crate) struct Inner {
    /// systemd is installed, and something else is process 1.
    pub(crate) is_without_systemd: bool,
    pub(crate) services: BTreeMap<String, Daemon>,
    /// What a start says that fails.
    pub(crate) broken: Option<&'static str>,
    /// A reload that fails.
    pub(crate) cannot_reload: bool,
    /// Init scripts wait for ever.
    pub(crate) hangs: bool,
    /// It starts, and ends at once.
    pub(crate) ends_at_once: bool,
    /// The units that systemd has read last.
    pub(crate) units: BTreeMap<String, String>,
    /// Every run that changes something.
    pub(crate) runs: Vec<String>,
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Daemon {
    pub(crate) state: State,
    pub(crate) is_enabled: bool,
    /// What it has read: at its start, and what it reads when told to.
    pub(crate) port: Option<String>,
    pub(crate) level: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    #[default]
    Inactive,
    Active,
    Failed,
}

impl World {
    pub(crate) fn look(&self) -> RefMut<'_, Inner> {
        self.0.borrow_mut()
    }

    /// The service of the tests.
    pub(crate) fn daemon(&self) -> Daemon {
        self.0
            .borrow()
            .services
            .get("foo")
            .cloned()
            .unwrap_or_default()
    }

    /// A world of its own, as this one is now.
    pub(crate) fn copied(&self) -> Self {
        Self(Rc::new(RefCell::new(self.0.borrow().clone())))
    }

    /// What was done since the last call.
    pub(crate) fn done(&self) -> Vec<String> {
        std::mem::take(&mut self.0.borrow_mut().runs)
    }
}

impl Workload for World {
    fn run(&mut self, _: &UnitName, disk: &MemoryDisk, program: &Program) -> Option<Output> {
        let name = program.name.to_str()?.to_owned();
        let arguments: Vec<&str> = (program.arguments.iter())
            .map(|a| a.to_str().expect("text"))
            .collect();
        let mut machine = self.0.borrow_mut();
        let (name, arguments) = match (&*name, &*arguments) {
            ("timeout", ["120", name, rest @ ..]) if machine.hangs => {
                assert_eq!((*name, rest.len()), ("service", 2));
                return Some(exited(124, "", ""));
            }
            ("timeout", ["120", name, rest @ ..]) => ((*name).to_owned(), rest.to_vec()),
            _ => (name, arguments),
        };
        let (verb, service) = match (&*name, &*arguments) {
            ("systemctl", ..) if machine.is_without_systemd => {
                let words = "System has not been booted with systemd as init system (PID 1). Can't operate.\n";
                return Some(exited(1, "", words));
            }
            ("running-port", _) => {
                let daemon = machine.services.get("foo").cloned().unwrap_or_default();
                return Some(exited(0, daemon.port.unwrap_or_default(), ""));
            }
            ("systemctl", [verb]) => (*verb, ""),
            ("systemctl", [verb, service]) => (*verb, *service),
            ("service" | "update-rc.d", [service, verb]) => (*verb, *service),
            _ => return None,
        };
        if !["is-active", "is-enabled", "status"].contains(&verb) {
            machine.runs.push(format!("{name} {}", arguments.join(" ")));
        }
        Some(machine.act(verb, service, disk))
    }

    fn copied(&self) -> Box<dyn Workload> {
        Box::new(Self::copied(self))
    }
}

impl Inner {
    fn act(&mut self, verb: &str, name: &str, disk: &MemoryDisk) -> Output {
        let broken = self.broken;
        let ends_at_once = self.ends_at_once;
        let cannot_reload = self.cannot_reload;
        if verb == "daemon-reload" {
            let units = disk
                .paths()
                .into_iter()
                .filter(|path| path.starts_with("/etc/systemd/system"));
            let text = |path: std::path::PathBuf| {
                (path.display().to_string(), disk.text(&path).expect("text"))
            };
            self.units = units.map(text).collect();
            return exited(0, "", "");
        }
        let daemon = self.services.entry(name.to_owned()).or_default();
        match verb {
            "is-active" => match daemon.state {
                State::Active => exited(0, "active\n", ""),
                State::Inactive => exited(3, "inactive\n", ""),
                State::Failed => exited(3, "failed\n", ""),
            },
            "status" => exited(if daemon.state == State::Active { 0 } else { 3 }, "", ""),
            "is-enabled" => exited(u8::from(!daemon.is_enabled), "", ""),
            "enable" | "disable" => {
                daemon.is_enabled = verb == "enable";
                exited(0, "", "")
            }
            "stop" => {
                daemon.state = State::Inactive;
                exited(0, "", "")
            }
            "reset-failed" => {
                daemon.state = State::Inactive;
                exited(0, "", "")
            }
            "reload" if cannot_reload => exited(1, "", "Job type reload is not applicable\n"),
            "reload" => {
                daemon.level = disk.text("/etc/foo.level");
                exited(0, "", "")
            }
            "start" | "restart" => {
                if let Some(words) = broken {
                    daemon.state = State::Failed;
                    return exited(1, "", words);
                }
                if daemon.state == State::Failed && verb == "start" {
                    return exited(1, "", "Start request repeated too quickly.\n");
                }
                daemon.state = if ends_at_once {
                    State::Failed
                } else {
                    State::Active
                };
                daemon.port = disk.text("/etc/foo.conf");
                daemon.level = disk.text("/etc/foo.level");
                exited(0, "", "")
            }
            _ => panic!("no machine knows `{verb}`"),
        }
    }
}
