//! All handlers, triggers and providers of a charm, and their order.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::order::Demands;
use super::{ENDPOINTS, Endpoints, Handler};
use crate::automatic;
use crate::context::{PROVIDERS, ProviderEntry};
use crate::error::{Error, ErrorKind, Result};
use crate::flags::{TRIGGERS, TriggerDecl};
use crate::metadata::Metadata;

/// Every handler of every linked crate. The attribute macros fill it; its order is the linker's.
#[linkme::distributed_slice]
pub static HANDLERS: [Handler];

/// The crates of a charm, base first: their place is the first part of a handler's order (D2).
#[derive(Debug, Clone)]
pub struct CrateOrder {
    crates: Vec<String>,
}

/// The library alone.
impl Default for CrateOrder {
    fn default() -> Self {
        Self::new::<String>([])
    }
}

impl CrateOrder {
    /// The crates in this order, after the library's own.
    #[must_use]
    pub fn new<S: Into<String>>(crates: impl IntoIterator<Item = S>) -> Self {
        let mut all = vec!["ensign".to_owned()];
        all.extend(
            crates
                .into_iter()
                .map(Into::into)
                .filter(|c: &String| c != "ensign"),
        );
        Self { crates: all }
    }

    /// The crates, base first, the library itself at the head.
    #[must_use]
    pub fn crates(&self) -> &[String] {
        &self.crates
    }

    fn place(&self, krate: &str) -> Option<usize> {
        self.crates.iter().position(|c| c == krate)
    }
}

/// What a charm consists of.
#[derive(Debug, Clone)]
pub struct Registry {
    pub(crate) handlers: Vec<&'static Handler>,
    pub(crate) triggers: Vec<&'static TriggerDecl>,
    pub(crate) providers: Vec<&'static ProviderEntry>,
    order: CrateOrder,
    /// Ids of handlers that are replaced by their instances.
    pub(super) templates: Vec<&'static str>,
    /// Iterations before a hook that does not settle fails (D1); `None` for no limit.
    pub(crate) limit: Option<usize>,
}

/// Upstream's limit (B15); with us reaching it is a failure that names the cycle (D1).
const ITERATIONS: usize = 100;

impl Registry {
    /// Everything that is linked, with the crates in the order in which `main!` names them, base first.
    #[must_use]
    pub fn linked(order: CrateOrder) -> Self {
        let mut providers: Vec<_> = automatic::BUILT_IN.iter().chain(PROVIDERS.iter()).collect();
        providers.sort_by_key(|p| p.prefix);
        Self {
            handlers: HANDLERS.iter().collect(),
            triggers: TRIGGERS.iter().collect(),
            providers,
            order,
            templates: Vec::new(),
            limit: Some(ITERATIONS),
        }
    }

    /// The same without the handlers and triggers of other crates: for tests into which several charms are linked.
    #[must_use]
    pub fn of_crates(order: CrateOrder) -> Self {
        let named = |krate: &str| order.crates.iter().any(|name| name == krate);
        let handlers = HANDLERS.iter().filter(|h| named(h.krate)).collect();
        let triggers = TRIGGERS.iter().filter(|t| named(t.krate)).collect();
        Self {
            handlers,
            triggers,
            ..Self::linked(order)
        }
    }

    /// A registry by hand: for tests that must not see what else is linked.
    #[must_use]
    pub fn new(
        handlers: impl IntoIterator<Item = &'static Handler>,
        triggers: impl IntoIterator<Item = &'static TriggerDecl>,
    ) -> Self {
        let handlers: Vec<_> = handlers.into_iter().collect();
        let crates: BTreeSet<_> = handlers.iter().map(|h| h.krate).collect();
        let order = CrateOrder::new(crates);
        Self {
            handlers,
            triggers: triggers.into_iter().collect(),
            order,
            ..Self::linked(CrateOrder::default())
        }
    }

    /// The same with another limit of iterations; `None` lifts it.
    #[must_use]
    pub fn with_limit(mut self, limit: Option<usize>) -> Self {
        self.limit = limit;
        self
    }

    /// What the charm of this metadata has: handlers and triggers of interface layers once for each endpoint of
    /// their interface, and not at all where there is none (B33).
    pub(crate) fn of_charm(&self, metadata: &Metadata) -> Cow<'_, Self> {
        let handlers = self.handlers.iter().any(|h| h.interface.is_some());
        let triggers = || self.triggers.iter().any(|t| t.interface.is_some());
        match self.endpoints() {
            Some(endpoints) if handlers || triggers() => {
                Cow::Owned((endpoints.instances)(self, metadata))
            }
            _ => Cow::Borrowed(self),
        }
    }

    /// The code behind endpoints, if anything in the charm names one.
    pub(crate) fn endpoints(&self) -> Option<&'static Endpoints> {
        let handlers = self.handlers.iter().find_map(|h| h.endpoints);
        handlers.or_else(|| ENDPOINTS.iter().find_map(|e| *e))
    }

    /// The crates, base first.
    #[must_use]
    pub fn crates(&self) -> &CrateOrder {
        &self.order
    }

    /// Handlers in the linker's order; see [`ranks`](Self::ranks) for the one they run in.
    #[must_use]
    pub fn handlers(&self) -> &[&'static Handler] {
        &self.handlers
    }

    /// The declared triggers.
    #[must_use]
    pub fn triggers(&self) -> &[&'static TriggerDecl] {
        &self.triggers
    }

    /// Refuses what can never be right: two handlers of one id, handlers of a crate that has no place, and
    /// `before` and `after` that contradict each other or name nobody.
    ///
    /// # Errors
    /// Naming the handlers and where they stand.
    pub fn check(&self) -> Result {
        let mut seen: HashMap<&str, usize, foldless::Build> =
            HashMap::with_capacity_and_hasher(self.handlers.len(), foldless::Build::default());
        let mut known: Option<&str> = None;
        for (i, &handler) in self.handlers.iter().enumerate() {
            if let Some(other) = seen.insert(handler.id, i) {
                let other = self.handlers[other];
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!(
                        "two handlers have the id `{}`: {}:{} and {}:{}",
                        handler.id, other.file, other.line, handler.file, handler.line
                    ),
                )
                .hint("give one of them another with `#[id(\"…\")]`"));
            }
            if known == Some(handler.krate) {
                continue;
            }
            if self.order.place(handler.krate).is_none() {
                return Err(Error::new(
                    ErrorKind::Invalid,
                    format!(
                        "the handler `{}` is in the crate `{}`, which `ensign::main!` does not name; it names `{}`",
                        handler.id,
                        handler.krate,
                        self.order.crates[1..].join("`, `")
                    ),
                )
                .hint("name every layer in `main!`, base first, under its crate's own name"));
            }
            known = Some(handler.krate);
        }
        if self.asks_for_order() {
            Demands::of(&self.handlers, &self.templates, |id| seen.get(id).copied())?
                .refuse_loops(&self.handlers)?;
        }
        Ok(())
    }

    /// The order in which handlers of one iteration run, as a rank for each: layers base first, then
    /// `before`/`after`, then id (D2).
    ///
    /// # Errors
    /// When `before` and `after` contradict each other, or name a handler that does not exist.
    pub fn ranks(&self) -> Result<Ranks<'_>> {
        let mut sorted = None;
        if self.asks_for_order() {
            let places: HashMap<&str, usize> = self
                .handlers
                .iter()
                .enumerate()
                .map(|(i, h)| (h.id, i))
                .collect();
            let demands = Demands::of(&self.handlers, &self.templates, |id| {
                places.get(id).copied()
            })?;
            demands.refuse_loops(&self.handlers)?;
            sorted = Some(demands.ranks(self.handlers.len(), |i| self.key(i)));
        }
        Ok(Ranks {
            registry: self,
            sorted,
        })
    }

    fn asks_for_order(&self) -> bool {
        self.handlers
            .iter()
            .any(|h| !h.before.is_empty() || !h.after.is_empty())
    }

    fn key(&self, index: usize) -> (usize, &'static str) {
        let handler = self.handlers[index];
        (
            self.order.place(handler.krate).unwrap_or(usize::MAX),
            handler.id,
        )
    }
}

/// The order of a registry's handlers.
#[derive(Debug)]
pub struct Ranks<'r> {
    registry: &'r Registry,
    /// Only where `before` or `after` is used; otherwise layer and id say it all.
    sorted: Option<Vec<usize>>,
}

impl Ranks<'_> {
    /// Sorts indices of handlers into the order they run in.
    pub fn sort(&self, indices: &mut [usize]) {
        match &self.sorted {
            Some(rank) => indices.sort_unstable_by_key(|i| rank[*i]),
            None => indices.sort_unstable_by_key(|i| self.registry.key(*i)),
        }
    }
}

/// A hasher for ids, which nobody outside the charm chooses: FNV-1a by words, to keep the check of 10,000 ids
/// well below a millisecond.
mod foldless {
    use std::hash::{BuildHasherDefault, Hasher};

    pub(super) type Build = BuildHasherDefault<Ids>;

    #[derive(Debug, Clone)]
    pub(super) struct Ids(u64);

    impl Default for Ids {
        fn default() -> Self {
            Self(0xcbf2_9ce4_8422_2325)
        }
    }

    impl Hasher for Ids {
        fn finish(&self) -> u64 {
            self.0
        }

        fn write(&mut self, bytes: &[u8]) {
            for chunk in bytes.chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                self.0 = (self.0 ^ u64::from_le_bytes(word))
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .rotate_left(29);
            }
        }
    }
}
