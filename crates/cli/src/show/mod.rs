//! Makes text of data.

pub(crate) mod exec;
mod finding;
pub(crate) mod models;
mod run;
pub(crate) mod status;
mod table;
mod time;

pub(crate) use finding::finding;
pub(crate) use run::outcome;
