//! Turns a charm's source into a charm directory and a `.charm` file.
//!
//! [`build`] is the whole of it, in this order:
//!
//! 1. [`describe`]: the charm's layers are found and put in order ([`Stack`]); their YAML files are read into trees
//!    that know every value's place ([`yaml`]), merged base to top, then read into types checked by Juju's rules
//!    ([`schema`]). All mistakes are reported at once, each with its line and what to do ([`Finding`]).
//! 2. Cargo builds the charm's own program ([`Package`], [`Purpose`]); the handlers in it are read from its ELF
//!    section ([`Registry`]), never by running it.
//! 3. The layers' files and what the build makes become one tree, written as a directory and as an archive of
//!    reproducible bytes.
//!
//! Nothing here prints, except Cargo, which talks to the author directly.

mod cargo;
pub mod contents;
mod data;
mod describe;
mod error;
mod finding;
mod job;
mod layers;
mod linked;
mod merge;
pub mod owner;
mod pack;
pub mod proof;
mod registry;
pub mod schema;
mod signatures;
mod tree;
mod unpack;
pub mod yaml;

pub use cargo::{Package, Purpose};
pub use describe::{Description, describe, describe_layers, is_built};
pub use error::{Error, Result};
pub use finding::{Finding, Findings, Level};
pub use job::{Built, Options, Step, build};
pub use layers::{Found, Kind, Layer, Paths, Stack};
pub use merge::Origin;
pub use registry::{Registered, Registry};
pub use schema::is_charm_name;
pub use unpack::{name_of, unpack};
