//! A unit whose hooks run in this process, over a Juju that answers from a table.

#[macro_use]
mod macros;
mod juju;
mod programs;
mod recorder;
mod relation;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ensign::dispatch::Silent;
use ensign::handler::Registry;
use ensign::hook::HookEnv;
use ensign::host::{Disk, Host, Programs, SystemDisk, SystemPrograms};
use ensign::metadata::Metadata;
use ensign::{Context, Error, Handler, Result, TriggerDecl};
use ensign_testing::{Faults, MemoryDisk, MortalDisk, MortalTools, SeededEntropy, TestClock};
use serde_json::{Value, json};

pub(crate) use juju::{Flush, Happening, Juju};
use recorder::Recorder;

/// What a handler does that only has to run.
pub(crate) fn nothing(_ctx: &mut Context) -> Result {
    Ok(())
}

/// A failure of the charm's own.
pub(crate) fn fails(_ctx: &mut Context) -> Result {
    Err(std::io::Error::other("out of paper").into())
}

/// For `trigger!`.
pub(crate) const NO_TRIGGER: TriggerDecl = TriggerDecl {
    when: None,
    when_not: None,
    set: &[],
    clear: &[],
    interface: None,
    krate: "charm",
    file: "reactive/charm.rs",
    line: 1,
};

const MODEL: &str = "deadbeef-0bad-400d-8000-4b1d0d06f00d";

/// Where the unit's state lies.
pub(crate) const STATE: &str = "/charm/.ensign/state.json";
/// Where state lies that is not settled yet.
pub(crate) const NEXT: &str = "/charm/.ensign/state.next";
/// Where handlers in doubt stand.
pub(crate) const DOUBT: &str = "/charm/.ensign/doubt";

/// A unit between hooks.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) juju: Juju,
    pub(crate) disk: MemoryDisk,
    pub(crate) clock: TestClock,
    pub(crate) registry: Registry,
    /// What `ensign build` would have written.
    pub(crate) build: Value,
    /// What becomes of the changes of the next hook.
    pub(crate) flush: Flush,
    entropy: SeededEntropy,
    contexts: usize,
    extra: BTreeMap<String, String>,
    /// What the next hook is about.
    about: BTreeMap<String, String>,
    /// Files are real ones.
    real: bool,
    /// The one program is `sleep`, on this unit's clock.
    sleepy: bool,
}

/// What one hook did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) error: Option<Error>,
    /// Juju took over what the hook changed.
    pub(crate) flushed: bool,
    /// Ids in the order they ran.
    pub(crate) ran: Vec<String>,
    /// The queue of each iteration of phase `other`.
    pub(crate) queues: Vec<Vec<String>>,
    /// Everything a tracer saw.
    pub(crate) events: Vec<String>,
    pub(crate) tools: Vec<String>,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!(self.error.is_none(), "the hook failed: {:?}", self.error);
        self
    }

    #[track_caller]
    pub(crate) fn err(self) -> Error {
        self.error.expect("the hook should have failed")
    }

    pub(crate) fn times(&self, id: &str) -> usize {
        self.ran.iter().filter(|r| *r == id).count()
    }

    pub(crate) fn calls(&self, tool: &str) -> usize {
        self.tools.iter().filter(|t| *t == tool).count()
    }
}

impl Unit {
    pub(crate) fn new(handlers: &[&'static Handler]) -> Self {
        Self::with_triggers(handlers, &[])
    }

    pub(crate) fn with_triggers(
        handlers: &[&'static Handler],
        triggers: &[&'static TriggerDecl],
    ) -> Self {
        let clock = TestClock::default();
        Self {
            juju: Juju::new(clock.clone()),
            disk: MemoryDisk::new(clock.clone()),
            clock,
            registry: Registry::new(handlers.iter().copied(), triggers.iter().copied()),
            build: json!({"schema": 1, "name": "charm", "build": "one"}),
            flush: Flush::default(),
            entropy: SeededEntropy::new(7),
            contexts: 0,
            extra: BTreeMap::new(),
            about: BTreeMap::new(),
            real: false,
            sleepy: false,
        }
    }

    /// The same on Juju 4, with a peer endpoint `cluster` whose relation is not there yet.
    pub(crate) fn on_four(mut self) -> Self {
        self.juju.become_four();
        self.env("JUJU_VERSION", "4.0.1");
        self.build["metadata"] = json!({"peers": {"cluster": {"interface": "charm-peers"}}});
        self
    }

    /// The same with its charm directory in a real folder.
    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.env("JUJU_CHARM_DIR", folder.to_str().unwrap());
        self.real = true;
        self
    }

    /// The same, whose one program is `sleep`; it takes no time but on the unit's clock.
    pub(crate) fn that_sleeps(mut self) -> Self {
        self.sleepy = true;
        self
    }

    /// Another set of handlers and another build, as after an upgrade.
    pub(crate) fn upgrade(&mut self, handlers: &[&'static Handler], build: &str) {
        self.registry = Registry::new(handlers.iter().copied(), []);
        self.build["build"] = build.into();
    }

    /// Starts from a committed document with these flags.
    pub(crate) fn start_with(&self, flags: &[&str]) {
        let document = json!({
            "version": "1.0",
            "owner": {"model": MODEL, "unit": "charm/0"},
            "key": "0",
            "build": self.build["build"],
            "flags": flags,
        });
        self.disk.put(STATE, document.to_string());
    }

    /// Sets an environment variable for all hooks that follow.
    pub(crate) fn env(&mut self, name: &str, value: &str) {
        self.extra.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn hook(&mut self, name: &str) -> Ran {
        self.hook_under(name, &Faults::none())
    }

    pub(crate) fn hook_under(&mut self, name: &str, faults: &Faults) -> Ran {
        self.contexts += 1;
        self.juju.begin();
        let variables = self.variables(Some(&format!("hooks/{name}")));
        self.run(&variables, faults, true)
    }

    /// A hook of the relation `db:3`: `joined` of the unit `mysql/0`, or of the application alone. Membership
    /// changes as it does in Juju.
    pub(crate) fn relation_hook(&mut self, id: &str, event: &str, unit: Option<&str>) -> Ran {
        self.relation_hook_under(id, event, unit, &Faults::none())
    }

    pub(crate) fn relation_hook_under(
        &mut self,
        id: &str,
        event: &str,
        unit: Option<&str>,
        faults: &Faults,
    ) -> Ran {
        let endpoint = id.split(':').next().unwrap();
        let app = if self.juju.has_relation(id) {
            self.juju.relation(id, |relation| {
                match (event, unit) {
                    ("joined" | "changed", Some(unit)) => {
                        relation.members.insert(unit.to_owned());
                    }
                    ("departed", Some(unit)) => {
                        relation.members.remove(unit);
                    }
                    _ => {}
                }
                relation.app.clone()
            })
        } else {
            unit.map_or("mysql", |unit| unit.split('/').next().unwrap())
                .to_owned()
        };
        let mut about = BTreeMap::from([
            ("JUJU_RELATION".to_owned(), endpoint.to_owned()),
            ("JUJU_RELATION_ID".to_owned(), id.to_owned()),
            ("JUJU_REMOTE_APP".to_owned(), app),
        ]);
        if let Some(unit) = unit {
            about.insert("JUJU_REMOTE_UNIT".to_owned(), unit.to_owned());
            if event == "departed" {
                about.insert("JUJU_DEPARTING_UNIT".to_owned(), unit.to_owned());
            }
        }
        self.about = about;
        let ran = self.hook_under(&format!("{endpoint}-relation-{event}"), faults);
        self.about.clear();
        ran
    }

    /// The hook with nobody listening to its trace; what ran is not known then.
    pub(crate) fn hook_unheard(&mut self, name: &str) -> Ran {
        self.contexts += 1;
        self.juju.begin();
        let variables = self.variables(Some(&format!("hooks/{name}")));
        self.run(&variables, &Faults::none(), false)
    }

    /// Another process of the context that ran last, whose changes Juju has not applied yet.
    pub(crate) fn same_context(&mut self, name: &str) -> Ran {
        let variables = self.variables(Some(&format!("hooks/{name}")));
        self.run(&variables, &Faults::none(), true)
    }

    pub(crate) fn action(&mut self, name: &str) -> Ran {
        self.contexts += 1;
        self.juju.begin();
        let mut variables = self.variables(Some(&format!("actions/{name}")));
        variables.insert("JUJU_ACTION_NAME".to_owned(), name.to_owned());
        variables.insert("JUJU_ACTION_UUID".to_owned(), "2".to_owned());
        self.run(&variables, &Faults::none(), true)
    }

    /// A `juju exec`: no dispatch path, no hook name.
    pub(crate) fn exec(&mut self) -> Ran {
        self.contexts += 1;
        self.juju.begin();
        let variables = self.variables(None);
        self.run(&variables, &Faults::none(), true)
    }

    fn variables(&self, dispatch_path: Option<&str>) -> BTreeMap<String, String> {
        let mut all: BTreeMap<String, String> = [
            ("JUJU_CONTEXT_ID", &*format!("charm/0-{}", self.contexts)),
            ("JUJU_UNIT_NAME", "charm/0"),
            ("JUJU_MODEL_UUID", MODEL),
            ("JUJU_MODEL_NAME", "test"),
            ("JUJU_VERSION", "3.6.1"),
            ("JUJU_CHARM_DIR", "/charm"),
        ]
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v.to_owned()))
        .collect();
        if let Some(path) = dispatch_path {
            all.insert("JUJU_DISPATCH_PATH".to_owned(), path.to_owned());
            let hook = path.trim_start_matches("hooks/");
            if let Some((endpoint, _)) = hook.rsplit_once("-relation-") {
                all.insert("JUJU_RELATION".to_owned(), endpoint.to_owned());
                all.insert("JUJU_RELATION_ID".to_owned(), format!("{endpoint}:0"));
            }
            all.extend(self.about.clone());
        }
        all.extend(self.extra.clone());
        all
    }

    fn run(&mut self, variables: &BTreeMap<String, String>, faults: &Faults, heard: bool) -> Ran {
        let get = |name: &str| variables.get(name).cloned();
        let env = HookEnv::read(&get, Path::new("dispatch")).unwrap();
        let disk: Box<dyn Disk> = if self.real {
            Box::new(SystemDisk)
        } else {
            Box::new(MortalDisk::new(self.disk.clone(), faults.clone()))
        };
        let programs: Box<dyn Programs> = if self.sleepy {
            let clock = self.clock.clone();
            Box::new(programs::Sleeping { clock })
        } else {
            Box::new(SystemPrograms)
        };
        let host = Host {
            env,
            metadata: Metadata::parse(&self.build.to_string()).unwrap(),
            transport: Box::new(MortalTools::new(self.juju.clone(), faults.clone())),
            disk,
            clock: Box::new(self.clock.clone()),
            programs,
            entropy: Box::new(self.entropy.clone()),
        };
        let mut tracer = Recorder::default();
        let before = self.juju.called();
        let ended = if heard {
            ensign::run::hook(host, &self.registry, &mut tracer)
        } else {
            ensign::run::hook(host, &self.registry, &mut Silent)
        };
        let flush = std::mem::take(&mut self.flush);
        let flushed = self.juju.end(ended.succeeded() && !faults.struck(), flush);
        Ran {
            error: ended.error,
            flushed,
            ran: tracer.ran,
            queues: tracer.queues,
            events: tracer.events,
            tools: self.juju.calls_since(before),
        }
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The document as it stands if Juju took over the last hook: the staged one, else the committed one.
    pub(crate) fn document(&self) -> Value {
        let text = self.disk.text(NEXT).or_else(|| self.disk.text(STATE));
        serde_json::from_str(&text.unwrap_or_else(|| "{}".to_owned())).unwrap()
    }

    /// The flags in that document.
    pub(crate) fn stored_flags(&self) -> Vec<String> {
        let document = self.document();
        let flags = document["flags"].as_array().into_iter().flatten();
        flags.map(|f| f.as_str().unwrap().to_owned()).collect()
    }

    /// A value of the charm's own in that document.
    pub(crate) fn stored(&self, key: &str) -> Value {
        self.document()["kv"][key].clone()
    }
}
