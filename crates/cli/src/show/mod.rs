//! Makes text of data.

pub(crate) mod exec;
mod finding;
mod layers;
pub(crate) mod models;
mod run;
pub(crate) mod status;
mod table;
mod time;

pub(crate) use finding::{finding, findings};
pub(crate) use layers::layers;
pub(crate) use run::outcome;
