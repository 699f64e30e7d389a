//! The charm's crate and its compiler: everything that is asked of Cargo.

mod compile;
mod dependencies;
mod generated;
mod linker;
mod package;
mod profile;
mod target;

pub(crate) use compile::compile;
pub(crate) use dependencies::{Dependency, dependencies, library_of};
pub(crate) use generated::generate;
pub use package::Package;
pub use profile::Purpose;
pub(crate) use target::{Target, architecture};
