//! What a handler holds: the unit, its flags and values, and the tools, for the length of one hook.

mod action;
mod changes;
mod command;
mod config;
mod doubt;
mod files;
mod flags;
mod juju;
mod kv;
mod layer_command;
mod marks;
mod memory;
mod owner;
mod phase;
mod provider;
mod providers;
mod publication;
mod value;
mod world;

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use action::Action;
pub use command::Command;
pub(crate) use command::LOOK_EVERY;
pub use config::Config;
pub(crate) use config::MEMORY as CONFIG_MEMORY;
pub use kv::Kv;
pub use layer_command::{LAYER_COMMANDS, LayerCommand};
pub(crate) use phase::Phase;
pub use provider::{HandlerView, PROVIDERS, Provider, ProviderEntry, Seen, Updates};
pub(crate) use provider::{RelationCall, Requires, Slot, SlotState};
pub use publication::{Bag, SecretGrant, SecretReference, SecretWrite};
pub(crate) use publication::{Publication, SECRET_LABELS};
pub use value::{Secret, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::flags::{FlagSet, Triggers};
use crate::hook::HookEnv;
use crate::host::{Clock, Disk, Entropy, Host, Programs};
use crate::metadata::Metadata;
use crate::store::{Document, Mark, Record, Store};
use crate::tools::Tools;
pub(crate) use changes::{Change, Changes};
pub(crate) use doubt::Doubt;

/// The running hook, as a handler sees it.
///
/// Everything a handler changes through it is one transaction: flags, the unit's own values and what goes to
/// relations become true together when the hook succeeds, or not at all. What Juju does at once (statuses,
/// leader settings on 3.x, files) is the exception, and each such method says so.
pub struct Context {
    pub(crate) env: HookEnv,
    pub(crate) metadata: Metadata,
    pub(crate) tools: Tools,
    pub(crate) disk: Box<dyn Disk>,
    programs: Box<dyn Programs>,
    pub(crate) clock: Box<dyn Clock>,
    entropy: Box<dyn Entropy>,
    /// The working copy; its `flags` stay empty until the commit.
    pub(crate) document: Document,
    /// The document and its flags as they were loaded.
    loaded: Option<Document>,
    loaded_flags: BTreeSet<String>,
    /// Something in the document may differ from what was loaded.
    pub(crate) touched: bool,
    /// The record of an earlier process of this context, or of this one once it commits.
    pub(crate) record: Option<Record>,
    pub(crate) flags: FlagSet,
    pub(crate) triggers: Triggers,
    pub(crate) changes: Changes,
    pub(crate) slots: Vec<Slot>,
    pub(crate) publication: Publication,
    pub(crate) doubt: Doubt,
    /// What Juju did at once in this hook, in words, for the report of a failure.
    pub(crate) immediate: Vec<String>,
    /// The first failure of a flag call: it fails the hook even if the handler ignored it.
    pub(crate) poison: Option<Error>,
    /// Arguments made for handlers, by id and place (B29).
    arguments: BTreeMap<(&'static str, usize), Box<dyn Any>>,
    pub(crate) config: Option<Config>,
    files: files::Watched,
    /// The phase that is running: external handlers ask for it.
    pub(crate) phase: Phase,
    /// The flags that changed in the last batch; `None` while every flag handler may run (B21, B22).
    pub(crate) visible: Option<BTreeSet<Box<str>>>,
    /// Only in a charm that carries endpoints.
    pub(crate) relation_call: Option<RelationCall>,
    /// Where the document lives; none in restricted hooks.
    pub(crate) store: Option<Store>,
    mode: Mode,
}

/// What kind of context this is, as far as state goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A hook: consumes changes.
    Hook,
    /// An action, a juju-exec, the command: sees changes, consumes none.
    Aside,
    /// A restricted hook: no store, no flags.
    Restricted,
}

impl Context {
    /// A context over `host`, with the state that was found.
    pub(crate) fn new(
        host: Host,
        document: Document,
        triggers: Triggers,
        slots: Vec<Slot>,
    ) -> Self {
        let hook = &host.env.hook;
        let mode = if hook.is_restricted() {
            Mode::Restricted
        } else if hook.is_action() || hook.is_exec() {
            Mode::Aside
        } else {
            Mode::Hook
        };
        let mut ctx = Self {
            env: host.env,
            metadata: host.metadata,
            tools: Tools::new(host.transport),
            disk: host.disk,
            programs: host.programs,
            clock: host.clock,
            entropy: host.entropy,
            document,
            loaded: None,
            loaded_flags: BTreeSet::new(),
            touched: false,
            record: None,
            flags: FlagSet::default(),
            triggers,
            changes: Changes::default(),
            slots,
            publication: Publication::default(),
            doubt: Doubt::default(),
            immediate: Vec::new(),
            poison: None,
            arguments: BTreeMap::new(),
            config: None,
            files: files::Watched::default(),
            phase: Phase::Hooks,
            visible: None,
            relation_call: None,
            store: None,
            mode,
        };
        ctx.load_flags();
        ctx
    }

    /// Goes on from another document, before anything was read from this one.
    pub(crate) fn adopt(&mut self, document: Document, record: Option<Record>) {
        self.document = document;
        self.record = record;
        self.load_flags();
    }

    fn load_flags(&mut self) {
        self.loaded_flags = std::mem::take(&mut self.document.flags);
        self.flags = self.loaded_flags.iter().map(String::as_str).collect();
    }

    /// The document as it is to be written: with the flags that are stored.
    pub(crate) fn finished_document(&self) -> Document {
        let mut document = self.document.clone();
        let derived = |name: &str| {
            self.slots
                .iter()
                .any(|s| s.derived && name.starts_with(&*s.prefix))
        };
        document.flags = self
            .flags
            .sorted()
            .into_iter()
            .filter(|name| !derived(name))
            .map(str::to_owned)
            .collect();
        document
    }

    /// Whether this context consumes what changed; actions and `juju exec` only look.
    #[must_use]
    pub fn consumes(&self) -> bool {
        self.mode == Mode::Hook
    }

    /// From now on nothing is consumed: for the command, which looks on even in an ordinary hook.
    pub(crate) fn only_look(&mut self) {
        if self.mode == Mode::Hook {
            self.mode = Mode::Aside;
        }
    }

    pub(crate) fn is_restricted(&self) -> bool {
        self.mode == Mode::Restricted
    }

    /// The mark of a handler, to be changed.
    pub(crate) fn mark(&mut self, id: &str) -> &mut Mark {
        self.touched = true;
        self.document.marks.entry(id.to_owned()).or_default()
    }

    /// A value made once in this hook under this name and place, if it was made and is a `T`.
    pub(crate) fn made<T: Clone + 'static>(&self, id: &'static str, place: usize) -> Option<T> {
        self.arguments
            .get(&(id, place))?
            .downcast_ref::<T>()
            .cloned()
    }

    /// Keeps such a value.
    pub(crate) fn keep_made<T: 'static>(&mut self, id: &'static str, place: usize, value: T) {
        self.arguments.insert((id, place), Box::new(value));
    }

    /// Remembers the first failure of a call whose result a handler may have ignored.
    pub(crate) fn poisoned(&mut self, error: Error) -> Error {
        if self.poison.is_none() {
            let copy = Error::new(error.kind(), error.line());
            self.poison = Some(match error.advice() {
                Some(advice) => copy.hint(advice),
                None => copy,
            });
        }
        error
    }

    /// Fails with what [`poisoned`](Self::poisoned) remembered.
    pub(crate) fn unpoisoned(&mut self) -> Result {
        self.poison.take().map_or(Ok(()), Err)
    }

    /// Names something that Juju or the disk did at once and that a failing hook does not undo.
    ///
    /// Layers call it so that the report of a failed hook can say what stays.
    pub fn note_immediate(&mut self, what: impl Into<String>) {
        self.immediate.push(what.into());
    }

    /// Random bytes of the system's generator.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn random<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.entropy
            .fill(&mut bytes)
            .map_err(|e| Error::from(e).context("cannot read the system's random generator"))?;
        Ok(bytes)
    }

    /// A password of `length` letters and digits, about 5.95 bits each, from the system's generator.
    ///
    /// # Panics
    /// When the system's random generator cannot be read: a predictable password would be worse.
    #[must_use]
    pub fn password(&mut self, length: usize) -> Secret {
        const ALPHABET: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        while text.len() < length {
            let mut bytes = [0; 64];
            if let Err(e) = self.entropy.fill(&mut bytes) {
                #[expect(
                    clippy::panic,
                    reason = "no password is better than one that can be guessed"
                )]
                {
                    panic!("cannot read the system's random generator: {e}");
                }
            }
            // 248 = 4 × 62: larger bytes would favour the first letters.
            let fair = bytes.iter().filter(|b| **b < 248);
            text.extend(
                fair.map(|b| char::from(ALPHABET[usize::from(b % 62)]))
                    .take(length - text.len()),
            );
        }
        Secret::new(text)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("env", &self.env)
            .finish_non_exhaustive()
    }
}

/// Something is about endpoints, in a charm that does not carry the code behind them.
pub(crate) fn no_endpoints() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "this charm was built without endpoints: no handler of its Rust code names one",
    )
    .hint("write `ensign::endpoints!();` in one of its crates")
}

/// Calls in a hook that has no store.
pub(crate) fn no_store() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "flags and values do not exist in restricted hooks (`collect-metrics`, `meter-status-changed`)",
    )
    .hint("move this into an ordinary handler")
}
