//! Turns a charm's source into a charm directory and a `.charm` file.
//!
//! [`build`] is the whole of it, in this order:
//!
//! 1. [`describe`]: the YAML files of the author's folder, read into trees that know every value's place
//!    ([`yaml`]), then into types checked by Juju's rules ([`schema`]). All mistakes are reported at once, each
//!    with its line and what to do ([`Finding`]).
//! 2. Cargo builds the charm's own program ([`Package`], [`Purpose`]); the handlers in it are read from its ELF
//!    section ([`Registry`]), never by running it.
//! 3. The author's files and what the build makes become one tree, written as a directory and as an archive of
//!    reproducible bytes.
//!
//! Nothing here prints, except Cargo, which talks to the author directly.

mod cargo;
mod data;
mod describe;
mod error;
mod finding;
mod job;
mod linked;
mod options;
pub mod owner;
mod pack;
mod registry;
pub mod schema;
mod tree;
mod unpack;
pub mod yaml;

pub use cargo::{Package, Purpose};
pub use describe::{Description, describe};
pub use error::{Error, Result};
pub use finding::{Finding, Findings, Level};
pub use job::{Built, Options, Step, build};
pub use registry::{Registered, Registry};
pub use schema::is_charm_name;
pub use unpack::{name_of, unpack};
