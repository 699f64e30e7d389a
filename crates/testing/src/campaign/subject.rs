//! What a campaign plays with: a charm, and what is to be watched of it.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{Charm, Sim, Workload};

/// A charm, and what a campaign has to know of it.
#[derive(Debug, Clone)]
pub struct Subject {
    pub(super) application: String,
    pub(super) charm: Charm,
    pub(super) units: u32,
    pub(super) watches: Vec<Watch>,
    pub(super) steps: Vec<Step>,
    pub(super) options: Vec<(String, Vec<String>)>,
    pub(super) settings: Vec<(String, String)>,
    pub(super) beside: Vec<Beside>,
    pub(super) machines: Option<Maker>,
    pub(super) lost_are_removed: bool,
}

/// Another application, related to the one that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Beside {
    pub(super) application: String,
    pub(super) charm: Charm,
    pub(super) units: u32,
    /// The endpoint of the charm that is looked at, and its own.
    pub(super) endpoints: (String, String),
}

/// Whether machines are as they have to be, and what is wrong.
pub type Look = Box<dyn Fn(&Sim) -> Result<(), String>>;

/// What runs on the machines of a schedule, and what has to be right about it.
pub struct Machines {
    /// The programs.
    pub workload: Box<dyn Workload>,
    /// Asked once everything is at rest.
    pub right: Look,
}

impl fmt::Debug for Machines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machines")
            .field("workload", &self.workload)
            .finish_non_exhaustive()
    }
}

/// Makes the machines of one schedule.
#[derive(Clone)]
pub(super) struct Maker(pub(super) Arc<dyn Fn() -> Machines + Send + Sync>);

impl fmt::Debug for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Maker")
    }
}

impl Subject {
    /// The charm, deployed under this name with one to three units, of which nothing is watched yet.
    #[must_use]
    pub fn new(application: &str, charm: &Charm) -> Self {
        Self {
            application: application.to_owned(),
            charm: charm.clone(),
            units: 3,
            watches: Vec::new(),
            steps: Vec::new(),
            options: Vec::new(),
            settings: Vec::new(),
            beside: Vec::new(),
            machines: None,
            lost_are_removed: false,
        }
    }

    /// Has each schedule's machines run programs. A unit that is lost is told to the workload, and once everything is
    /// at rest `right` says whether the machines are as they have to be: the rule *machines are right*.
    #[must_use]
    pub fn machines(mut self, make: impl Fn() -> Machines + Send + Sync + 'static) -> Self {
        self.machines = Some(Maker(Arc::new(make)));
        self
    }

    /// Has an operator remove units that are lost: where others fail until that is done, and in any case once everything
    /// else is at rest, after which everything has to be right again.
    #[must_use]
    pub fn lost_units_are_removed(mut self) -> Self {
        self.lost_are_removed = true;
        self
    }

    /// What an option is set to when the charm is deployed.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Another application, with so many units, related from the charm's endpoint to one of its own. Its units run
    /// their hooks like all others; what is watched, removed, lost and elected are those of the charm.
    #[must_use]
    pub fn beside(
        mut self,
        application: &str,
        charm: &Charm,
        units: u32,
        endpoints: (&str, &str),
    ) -> Self {
        self.beside.push(Beside {
            application: application.to_owned(),
            charm: charm.clone(),
            units,
            endpoints: (endpoints.0.to_owned(), endpoints.1.to_owned()),
        });
        self
    }

    /// The most units to begin with.
    #[must_use]
    pub fn units(mut self, most: u32) -> Self {
        self.units = most.max(1);
        self
    }

    /// Watches a leader value.
    #[must_use]
    pub fn watch(mut self, watch: Watch) -> Self {
        self.watches.push(watch);
        self
    }

    /// Something an operator may do at any time.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// An option, and what an operator may set it to.
    #[must_use]
    pub fn option(mut self, name: &str, values: &[&str]) -> Self {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        self.options.push((name.to_owned(), values));
        self
    }
}

/// A leader value, and what has to become of it on every unit.
#[derive(Debug, Clone)]
pub struct Watch {
    pub(super) key: String,
    pub(super) files: Vec<String>,
    pub(super) absent: Option<String>,
    pub(super) secret: bool,
    pub(super) required: bool,
}

impl Watch {
    /// The leader value of this key: all units have to end with the one that was committed last.
    #[must_use]
    pub fn key(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            files: Vec::new(),
            absent: None,
            secret: false,
            required: false,
        }
    }

    /// A handler on every unit writes the value to this file: it must hear of every change.
    #[must_use]
    pub fn file(mut self, path: &str) -> Self {
        self.files.push(path.to_owned());
        self
    }

    /// What the files hold where the value has been removed, if they are still there then.
    #[must_use]
    pub fn absent_as(mut self, text: &str) -> Self {
        self.absent = Some(text.to_owned());
        self
    }

    /// The value is secret: it may stand in Juju's secrets and in the charm's own files, nowhere else.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Once everything is at rest there is a value.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// What an operator does. Only these may replace or remove a leader value that is in use.
#[derive(Debug, Clone)]
pub struct Step {
    pub(super) name: String,
    pub(super) what: What,
    pub(super) revokes: bool,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    /// `juju run`
    Action {
        name: String,
        params: Map<String, Value>,
    },
    /// `juju exec`
    Exec(String),
}

impl Step {
    /// `juju exec` of these commands, separated by `;` or `&&`: `charms.reactive …` each. `{value}` is another value
    /// each time.
    #[must_use]
    pub fn exec(name: &str, commands: &str) -> Self {
        Self {
            name: name.to_owned(),
            what: What::Exec(commands.to_owned()),
            revokes: false,
        }
    }

    /// `juju run` of the action. `{value}` in a parameter is another value each time.
    #[must_use]
    pub fn action(name: &str, action: &str, params: Map<String, Value>) -> Self {
        Self {
            name: name.to_owned(),
            what: What::Action {
                name: action.to_owned(),
                params,
            },
            revokes: false,
        }
    }

    /// It removes leader values.
    #[must_use]
    pub fn revokes(mut self) -> Self {
        self.revokes = true;
        self
    }
}
