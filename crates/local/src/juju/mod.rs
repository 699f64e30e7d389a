//! The command's side of a model: start it, talk to it, end it.

mod connection;
mod enter;
mod left;
pub(crate) mod protocol;
mod report;
mod start;
mod step;

pub use connection::LocalModel;
pub use enter::Forward;
pub use protocol::{Event, Settling};
pub use report::{Comparison, HookReport, Report, UnitReport, Workload};
pub(crate) use start::READY;
pub use start::{Options, Wanted};
pub use step::{BadStep, Step, read_duration, read_steps};
