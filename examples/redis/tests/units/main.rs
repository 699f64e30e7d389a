//! The charm's units in an in-process model of Juju, on machines whose programs the test plays.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actions;
mod campaign;
mod cluster;
mod failover;
mod fake;
mod kills;
mod options;
mod rotation;
mod source;
mod standalone;
mod steady;
mod world;
