//! A unit whose hooks run in this process, over a Juju that answers from a table.

mod juju;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ensign::dispatch::{TraceEvent, Tracer};
use ensign::handler::Registry;
use ensign::hook::HookEnv;
use ensign::host::Host;
use ensign::metadata::Metadata;
use ensign::{Error, Handler, TriggerDecl};
use ensign_testing::{Faults, MemoryDisk, MortalDisk, MortalTools, SeededEntropy, TestClock};

pub use juju::Juju;

/// A handler made by hand, so that a test sees no other.
macro_rules! handler {
    ($id:literal, [$($clause:expr),* $(,)?], $run:expr) => {{
        static HANDLER: ::ensign::Handler = handler!(@ $id, [$($clause),*], &[], &[], &[], $run);
        &HANDLER
    }};
    ($id:literal, [$($clause:expr),* $(,)?], before $before:expr, $run:expr) => {{
        static HANDLER: ::ensign::Handler = handler!(@ $id, [$($clause),*], $before, &[], &[], $run);
        &HANDLER
    }};
    ($id:literal, [$($clause:expr),* $(,)?], after $after:expr, $run:expr) => {{
        static HANDLER: ::ensign::Handler = handler!(@ $id, [$($clause),*], &[], $after, &[], $run);
        &HANDLER
    }};
    ($id:literal, [$($clause:expr),* $(,)?], was $was:expr, $run:expr) => {{
        static HANDLER: ::ensign::Handler = handler!(@ $id, [$($clause),*], &[], &[], $was, $run);
        &HANDLER
    }};
    (@ $id:literal, [$($clause:expr),*], $before:expr, $after:expr, $was:expr, $run:expr) => {
        ::ensign::Handler {
            id: $id,
            krate: "charm",
            file: "reactive/charm.rs",
            line: line!(),
            clauses: &[$($clause),*],
            sets: &[],
            clears: &[],
            before: $before,
            after: $after,
            was: $was,
            run: |ctx| {
                let run: fn(&mut ::ensign::Context) -> ::ensign::Result = $run;
                run(ctx).map(|()| ::ensign::Outcome::Done)
            },
        }
    };
}

/// A clause over flag literals: `clause!(When: "a", "b")`.
macro_rules! clause {
    ($kind:ident: $($flag:literal),+) => {
        ::ensign::handler::Clause::$kind(&[$(::ensign::Flag::new($flag)),+])
    };
    (Hook: $($pattern:expr),+) => { ::ensign::handler::Clause::Hook(&[$($pattern),+]) };
}

/// `hook!("install")`.
macro_rules! hook {
    ($($pattern:literal),+) => { ::ensign::handler::Clause::Hook(&[$($pattern),+]) };
}

/// `changed!("leader" = "key")`.
macro_rules! changed {
    ($($kind:literal = $key:literal),+) => {
        ::ensign::handler::Clause::WhenChanged(&[$(::ensign::handler::Source { kind: $kind, key: $key }),+])
    };
}

/// What a handler does that only has to run.
pub fn nothing(_ctx: &mut ensign::Context) -> ensign::Result {
    Ok(())
}

/// A unit between hooks.
#[derive(Debug)]
pub struct Unit {
    pub juju: Juju,
    pub disk: MemoryDisk,
    pub clock: TestClock,
    pub registry: Registry,
    pub build: serde_json::Value,
    entropy: SeededEntropy,
    contexts: usize,
    extra: BTreeMap<String, String>,
}

/// What one hook did.
#[derive(Debug)]
pub struct Ran {
    pub error: Option<Error>,
    /// Ids in the order they ran.
    pub ran: Vec<String>,
    /// The queue of each iteration of phase `other`.
    pub queues: Vec<Vec<String>>,
    pub events: Vec<String>,
    pub tools: Vec<String>,
}

impl Ran {
    pub fn ok(self) -> Self {
        assert!(self.error.is_none(), "the hook failed: {:?}", self.error);
        self
    }

    pub fn err(self) -> Error {
        self.error.expect("the hook should have failed")
    }

    pub fn times(&self, id: &str) -> usize {
        self.ran.iter().filter(|r| *r == id).count()
    }
}

impl Unit {
    pub fn new(handlers: &[&'static Handler]) -> Self {
        Self::with_triggers(handlers, &[])
    }

    pub fn with_triggers(handlers: &[&'static Handler], triggers: &[&'static TriggerDecl]) -> Self {
        let clock = TestClock::default();
        Self {
            juju: Juju::default(),
            disk: MemoryDisk::new(clock.clone()),
            clock,
            registry: Registry::new(handlers.iter().copied(), triggers.iter().copied()),
            build: serde_json::json!({"schema": 1, "name": "charm", "build": "one"}),
            entropy: SeededEntropy::new(7),
            contexts: 0,
            extra: BTreeMap::new(),
        }
    }

    /// Another set of handlers, as after an upgrade.
    pub fn upgrade(&mut self, handlers: &[&'static Handler], build: &str) {
        self.registry = Registry::new(handlers.iter().copied(), []);
        self.build["build"] = build.into();
    }

    /// Sets an environment variable for all hooks that follow.
    pub fn env(&mut self, name: &str, value: &str) {
        self.extra.insert(name.to_owned(), value.to_owned());
    }

    pub fn hook(&mut self, name: &str) -> Ran {
        self.run(&format!("hooks/{name}"), &Faults::none())
    }

    pub fn action(&mut self, name: &str) -> Ran {
        self.run(&format!("actions/{name}"), &Faults::none())
    }

    pub fn hook_under(&mut self, name: &str, faults: &Faults) -> Ran {
        self.run(&format!("hooks/{name}"), faults)
    }

    fn run(&mut self, dispatch_path: &str, faults: &Faults) -> Ran {
        self.contexts += 1;
        self.juju.begin();
        let mut vars: BTreeMap<String, String> = [
            ("JUJU_CONTEXT_ID", format!("charm/0-{}", self.contexts)),
            ("JUJU_UNIT_NAME", "charm/0".to_owned()),
            (
                "JUJU_MODEL_UUID",
                "deadbeef-0bad-400d-8000-4b1d0d06f00d".to_owned(),
            ),
            ("JUJU_MODEL_NAME", "test".to_owned()),
            ("JUJU_VERSION", "3.6.1".to_owned()),
            ("JUJU_CHARM_DIR", "/charm".to_owned()),
            ("JUJU_DISPATCH_PATH", dispatch_path.to_owned()),
        ]
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v))
        .collect();
        if let Some(action) = dispatch_path.strip_prefix("actions/") {
            vars.insert("JUJU_ACTION_NAME".to_owned(), action.to_owned());
            vars.insert("JUJU_ACTION_UUID".to_owned(), "2".to_owned());
        }
        vars.extend(self.extra.clone());
        let env = HookEnv::read(&|name| vars.get(name).cloned(), Path::new("dispatch")).unwrap();
        let host = Host {
            env,
            metadata: Metadata::parse(&self.build.to_string()).unwrap(),
            transport: Box::new(MortalTools::new(self.juju.clone(), faults.clone())),
            disk: Box::new(MortalDisk::new(self.disk.clone(), faults.clone())),
            clock: Box::new(self.clock.clone()),
            entropy: Box::new(self.entropy.clone()),
        };
        let mut tracer = Recorder::default();
        let before = self.juju.calls().len();
        let ended = ensign::run::hook(host, &self.registry, &mut tracer);
        self.juju.end(ended.succeeded() && !faults.struck());
        Ran {
            error: ended.error,
            ran: tracer.ran,
            queues: tracer.queues,
            events: tracer.events,
            tools: self.juju.calls().split_off(before),
        }
    }

    /// Lets time pass.
    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The flags in the committed document and in the one that waits to be settled.
    pub fn stored_flags(&self) -> Vec<String> {
        let text = self
            .disk
            .text("/charm/.ensign/state.next")
            .or_else(|| self.disk.text("/charm/.ensign/state.json"))
            .unwrap_or_else(|| "{}".to_owned());
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        document["flags"]
            .as_array()
            .map(|flags| {
                flags
                    .iter()
                    .filter_map(|f| f.as_str())
                    .map(str::to_owned)
                    .collect()
            })
            .unwrap_or_default()
    }
}

#[derive(Debug, Default)]
struct Recorder {
    ran: Vec<String>,
    queues: Vec<Vec<String>>,
    events: Vec<String>,
}

impl Tracer for Recorder {
    fn event(&mut self, event: &TraceEvent<'_>) {
        match event {
            TraceEvent::Run { handler } => self.ran.push((*handler).to_owned()),
            TraceEvent::Queue {
                phase: "other",
                handlers,
                ..
            } => {
                self.queues
                    .push(handlers.iter().map(|h| (*h).to_owned()).collect());
            }
            _ => {}
        }
        self.events.push(format!("{event:?}"));
    }
}
