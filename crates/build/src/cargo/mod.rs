//! The charm's crate and its compiler: everything that is asked of Cargo.

mod compile;
mod linker;
mod package;
mod profile;
mod target;

pub(crate) use compile::compile;
pub use package::Package;
pub use profile::Purpose;
pub(crate) use target::{Target, architecture};
