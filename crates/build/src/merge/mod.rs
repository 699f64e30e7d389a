//! One charm out of the files of its layers, by the rules of `charm build` (B112, B113), with what it keeps silent
//! about: which values of a lower layer a higher one replaced, and which layer every key came from.

mod charmcraft;
mod conflict;
mod deep;
mod deletes;
mod document;
mod layer_yaml;
pub(crate) mod options;
mod origin;

pub(crate) use charmcraft::{bases as charmcraft_bases, is_charm as charmcraft_is_charm};
pub(crate) use document::{Merged, merge_documents};
pub(crate) use layer_yaml::{complete as complete_layer_yaml, merge_layer_yaml};
pub use origin::Origin;
pub(crate) use origin::origins;
