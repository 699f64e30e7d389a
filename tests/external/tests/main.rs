//! Handlers that are executables, and the `charms.reactive` command: the behaviours B94–B100 and what Ensign does
//! differently (D4, D6, …), each by name, against a charm that runs as Juju would run it.

#![allow(clippy::unwrap_used, missing_docs)]

mod cases;
mod unit;
