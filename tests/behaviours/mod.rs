//! One module a section of the semantics.

mod changed;
mod conditions;
mod config;
mod data;
mod dispatch;
mod entry;
mod flags;
mod leadership;
mod trace;
