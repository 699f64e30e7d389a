//! Automatic flags: a provider owns a namespace of flags and keeps them true.

use std::any::Any;
use std::fmt;

use serde_json::Value;

use crate::store::Digest;
use crate::{Context, Result};

/// A layer's automatic flags, and the source that `when_changed` can wait for.
///
/// A provider owns every flag that begins with its prefix. It is woken before handlers are looked at if any
/// linked handler or trigger names such a flag, else by the first read of one, by any means; a provider that
/// nothing mentions costs nothing, not one tool call. The bundled leadership layer is written against this
/// trait and nothing else.
pub trait Provider: Any {
    /// Looks at the world and says which flags are to be set and cleared. Called once per process.
    ///
    /// # Errors
    /// When the world cannot be read; the hook fails, nothing having run on half the picture.
    fn refresh(&mut self, ctx: &mut Context) -> Result<Updates>;

    /// Called before each run of a handler that names a flag of this provider: is the picture still true?
    ///
    /// # Errors
    /// When that cannot be found out.
    fn revalidate(&mut self, ctx: &mut Context, handler: &HandlerView<'_>) -> Result<Updates> {
        let _ = (ctx, handler);
        Ok(Updates::default())
    }

    /// Called after each run of such a handler.
    fn finished(&mut self, ctx: &mut Context, handler: &HandlerView<'_>) {
        let _ = (ctx, handler);
    }

    /// Something else called hook tools: what was read must be read again. [`refresh`](Self::refresh) follows at
    /// the next read; what this context wrote stays visible.
    fn forget(&mut self, ctx: &mut Context) {
        let _ = ctx;
    }

    /// What a `when_changed` source of this provider holds now.
    ///
    /// # Errors
    /// When it cannot be read.
    fn changed_value(&mut self, ctx: &mut Context, key: &str) -> Result<Seen> {
        let _ = (ctx, key);
        Ok(Seen::Absent)
    }

    /// The last word before the commit: publish through [`Context::publish`], remember through
    /// [`Context::remember`]. What it returns stands in the commit record until that is settled; it is handed
    /// in again if a later process of the same context goes on.
    ///
    /// # Errors
    /// When what was written may no longer be published. Nothing is then.
    fn commit(&mut self, ctx: &mut Context) -> Result<Option<Value>> {
        let _ = ctx;
        Ok(None)
    }

    /// Whether a write of the record is proved not to have reached Juju, although the commit id did.
    ///
    /// # Errors
    /// When the answer needs a read that failed.
    fn lost(&mut self, ctx: &mut Context, wrote: &Value) -> Result<bool> {
        let _ = (ctx, wrote);
        Ok(false)
    }

    /// A record was dropped: what must not be remembered any more goes from the memory.
    ///
    /// # Errors
    /// When the memory cannot be understood.
    fn dropped(&mut self, ctx: &mut Context, wrote: &Value) -> Result {
        let _ = (ctx, wrote);
        Ok(())
    }
}

/// What a look at the world changed.
#[derive(Debug, Default)]
pub struct Updates {
    pub(crate) flags: Vec<(String, bool)>,
    pub(crate) sources: Vec<String>,
    pub(crate) renewed: Vec<String>,
}

impl Updates {
    /// The flag is to be set (or cleared); naming one that is so already is harmless.
    pub fn flag(&mut self, name: impl Into<String>, set: bool) {
        self.flags.push((name.into(), set));
    }

    /// The flag may be set already, and what it tells has happened once more: handlers that name it are looked
    /// at again, triggers are not (D8).
    pub fn renewed(&mut self, flag: impl Into<String>) {
        self.renewed.push(flag.into());
    }

    /// The value of a source's key may differ from what handlers saw earlier in this hook.
    pub fn source(&mut self, key: impl Into<String>) {
        self.sources.push(key.into());
    }
}

/// What a source holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// It exists, but cannot be read yet: nothing is pending and nothing is delivered.
    NotYet,
    /// There is no value.
    Absent,
    /// A value of this digest.
    Value(Digest),
}

/// What a provider may know of a handler.
#[derive(Debug)]
pub struct HandlerView<'a> {
    /// The handler's id.
    pub id: &'a str,
    /// Whether one of its conditions can only hold while this flag is set.
    pub(crate) requires: &'a dyn Requires,
}

/// Whether a handler requires a flag.
pub(crate) trait Requires: fmt::Debug {
    fn requires(&self, flag: &str) -> bool;
}

impl HandlerView<'_> {
    /// Whether the handler can only run while `flag` is set.
    #[must_use]
    pub fn requires(&self, flag: &str) -> bool {
        self.requires.requires(flag)
    }
}

/// A provider's registration.
#[derive(Debug)]
pub struct ProviderEntry {
    /// Every flag that begins with it belongs to the provider: `"leadership."`.
    pub prefix: &'static str,
    /// The source of `when_changed` it answers for: `leader` in `when_changed(leader = "k")`.
    pub source: Option<&'static str>,
    /// Its flags are derived in every hook and never stored (D31).
    pub derived: bool,
    /// Makes the provider, once per process.
    pub new: fn() -> Box<dyn Provider>,
}

/// The providers of every linked layer.
#[linkme::distributed_slice]
pub static PROVIDERS: [ProviderEntry];

/// Calls a method of an endpoint by name: the endpoint, the method, its arguments. What it prints are lines.
pub(crate) type RelationCall = fn(&mut Context, &str, &str, &[String]) -> Result<Vec<String>>;

/// A provider and how far it has got in this process.
pub(crate) struct Slot {
    /// Every flag that begins with it belongs to the provider.
    pub(crate) prefix: Box<str>,
    /// The source of `when_changed` it answers for, and what the keys it answers for begin with.
    pub(crate) source: Option<(&'static str, Box<str>)>,
    /// Its flags are never stored.
    pub(crate) derived: bool,
    pub(crate) state: SlotState,
    /// Out while it is being called.
    pub(crate) provider: Option<Box<dyn Provider>>,
}

/// How far a provider has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SlotState {
    /// Nothing of its namespace was read.
    Asleep,
    /// Its flags are being brought up to date.
    Waking,
    /// Its flags are true.
    Awake,
}

impl Slot {
    /// A registered provider, asleep.
    pub(crate) fn of(entry: &ProviderEntry) -> Self {
        Self {
            prefix: entry.prefix.into(),
            source: entry.source.map(|kind| (kind, "".into())),
            derived: entry.derived,
            state: SlotState::Asleep,
            provider: Some((entry.new)()),
        }
    }

    /// The rest of a source's key, if this provider answers for it.
    pub(crate) fn key_of<'a>(&self, kind: &str, key: &'a str) -> Option<&'a str> {
        let (ours, begin) = self.source.as_ref()?;
        if *ours != kind {
            return None;
        }
        key.strip_prefix(&**begin)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot")
            .field("prefix", &self.prefix)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
