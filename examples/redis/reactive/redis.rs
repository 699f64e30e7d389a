//! Redis: one primary that the other units follow, or a cluster; one password for all of them and for their clients.
//!
//! | file | handlers for |
//! |---|---|
//! | `install` | where the server comes from; a unit that leaves |
//! | `options` | what the operator wants, checked |
//! | `serve` | each unit's server is as it is to be |
//! | `replication` | the leader says which unit is the primary |
//! | `cluster` | the leader forms and mends the cluster |
//! | `clients` | what other applications are told; a new password |
//! | `actions`, `nrpe` | what operators and their monitoring ask |
//!
//! What knows Redis rather than Juju is in `lib/`, of which `lib/mod.rs` has the table.

mod actions;
mod clients;
mod cluster;
mod install;
#[path = "../lib/mod.rs"]
mod lib;
mod nrpe;
mod options;
mod replication;
mod serve;
