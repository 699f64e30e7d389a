//! Redis: one primary that the other units follow, or a cluster; one password for all of them and for their clients.
//!
//! | file | about |
//! |---|---|
//! | `options` | what the operator wants, checked |
//! | `serve`, `describe`, `apply` | each unit's server is as it is to be |
//! | `replication` | the leader says which unit is the primary |
//! | `cluster`, `plan`, `nodes` | the leader forms and mends the cluster |
//! | `clients` | what other applications are told |
//! | `actions`, `nrpe` | what operators and their monitoring ask |
//! | `server`, `conf` | talking to a server; its file |
//! | `install`, `source` | where the server comes from |

mod actions;
mod apply;
mod clients;
mod cluster;
mod conf;
mod describe;
mod install;
mod nodes;
mod nrpe;
mod options;
mod plan;
mod replication;
mod serve;
mod server;
mod source;
