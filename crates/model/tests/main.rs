//! The model's behaviour, seen from a driver.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod actions;
mod calls;
mod charms;
mod determinism;
mod elections;
mod environment;
mod failure_modes;
mod faults;
mod flags;
mod flush;
mod hook_errors;
mod leader_settings;
mod life;
mod lives;
mod machines;
mod moving;
mod peers;
mod recorded;
mod relations;
mod secret_grants;
mod secret_hooks;
mod secret_lives;
mod secrets;
mod storage;
mod subordinates;
mod support;
mod suspended;
mod update_status;
mod user_secrets;
mod vectors;
