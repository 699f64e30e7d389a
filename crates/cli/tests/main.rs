//! The `ensign` command as one types it.

#![allow(missing_docs, clippy::unwrap_used)]

mod building;
mod exploring;
mod full;
mod juju;
mod lacking;
mod layering;
mod making;
mod proofing;
mod running;
mod secrecy;
mod tool;
mod tutorial;
mod usage;
