//! The work behind the commands. Nothing here prints: it returns data, and tells [`Progress`] how far it is.
//!
//! [`Progress`]: crate::progress::Progress

mod build;
mod charm;
mod juju;
mod layers;
mod model;
mod new;
mod proof;
mod run;
mod shell;
mod ssh;
mod test;
mod watch;

pub(crate) use build::{build, building};
pub(crate) use juju::{Exec, Executed, destroy, exec};
pub(crate) use layers::layers;
pub(crate) use model::{connect, left_behind};
pub(crate) use new::{Kind, New, new};
pub(crate) use proof::proof;
pub(crate) use run::{Outcome, Run, Steps, run};
pub(crate) use shell::shell;
pub(crate) use ssh::{Forwarding, Ssh, ssh};
pub(crate) use test::{Test, explore, test};
