//! One module a section of the semantics.

mod attributes;
mod bad_tools;
mod changed;
mod commands;
mod commit;
mod conditions;
mod config;
mod coverage;
mod data;
mod dispatch;
mod endpoint;
mod entry;
mod files;
mod flags;
mod kill;
mod leadership;
mod ports;
mod properties;
mod store;
mod trace;
mod typed;
mod versions;
