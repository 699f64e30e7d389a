//! The `ensign` command as one types it.

#![allow(missing_docs, clippy::unwrap_used)]

mod building;
mod juju;
mod making;
mod running;
mod tool;
mod usage;
