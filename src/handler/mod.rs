//! Handlers as data: what the attribute macros emit and the dispatcher reads.

mod carried;
mod clause;
mod extract;
mod instance;
mod order;
mod registry;

pub use carried::{ENDPOINTS, Endpoints, clauses_name_endpoint, flags_name_endpoint};
pub use clause::{Clause, Source};
pub(crate) use extract::argument;
pub use extract::{FromContext, IntoOutcome, Outcome};
pub(crate) use instance::{PLACEHOLDER, instances};
pub use registry::{CrateOrder, HANDLERS, Ranks, Registry};

use crate::metadata::Interface;
use crate::{Context, Result};

/// One handler, as its attributes declare it. Constant data; the macros write it.
#[derive(Debug)]
pub struct Handler {
    /// `crate::module::function`, or what `#[id("…")]` says. Names the handler in logs and marks.
    pub id: &'static str,
    /// The crate it was written in, with underscores: its place in the layer order.
    pub krate: &'static str,
    /// Source file, relative to its package.
    pub file: &'static str,
    /// Line of the function's name.
    pub line: u32,
    /// All must hold (B18).
    pub clauses: &'static [Clause],
    /// Flags it declares to set, or that its body sets by literal; `b.*` stands for a prefix.
    pub sets: &'static [&'static str],
    /// Flags it declares to clear, or that its body clears by literal.
    pub clears: &'static [&'static str],
    /// Ids it runs before, inside an iteration.
    pub before: &'static [&'static str],
    /// Ids it runs after, inside an iteration.
    pub after: &'static [&'static str],
    /// Earlier ids, whose marks it inherits.
    pub was: &'static [&'static str],
    /// Of a handler that names `{endpoint_name}`: the interface whose endpoints it stands for (B33).
    pub interface: Option<Interface>,
    /// Of such a handler as one of them has it: that endpoint.
    pub endpoint: Option<&'static str>,
    /// Of a handler that names endpoints in any way: the code behind them.
    pub endpoints: Option<&'static Endpoints>,
    /// The function, behind a shim that makes the arguments and turns the result into an outcome.
    pub run: fn(&mut Context) -> Result<Outcome>,
}

impl Handler {
    /// A handler by hand, as tests and benchmarks make them: of a crate `charm`, with its conditions and nothing else
    /// declared. Everything further is a field.
    #[must_use]
    #[track_caller]
    pub const fn new(
        id: &'static str,
        clauses: &'static [Clause],
        run: fn(&mut Context) -> Result<Outcome>,
    ) -> Self {
        Self {
            id,
            krate: "charm",
            file: "reactive/charm.rs",
            line: std::panic::Location::caller().line(),
            clauses,
            sets: &[],
            clears: &[],
            before: &[],
            after: &[],
            was: &[],
            interface: None,
            endpoint: None,
            endpoints: None,
            run,
        }
    }
}

/// The endpoint that the running handler of an interface layer stands for.
pub(crate) fn running_endpoint() -> Option<&'static str> {
    RUNNING.get()?.endpoint
}

thread_local! {
    /// The handler that runs, so that a panic can be reported with its name.
    pub(crate) static RUNNING: std::cell::Cell<Option<&'static Handler>> = const { std::cell::Cell::new(None) };
}
