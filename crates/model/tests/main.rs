//! The model's behaviour, seen from a driver.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actions;
mod calls;
mod charms;
mod determinism;
mod elections;
mod environment;
mod failure_modes;
mod flush;
mod hook_errors;
mod leader_settings;
mod life;
mod machines;
mod peers;
mod recorded;
mod relations;
mod soak;
mod support;
mod update_status;
mod vectors;
