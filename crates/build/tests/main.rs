//! What `ensign build` makes of a charm's folder.

#![allow(missing_docs, clippy::unwrap_used)]

mod archives;
mod charm;
mod differential;
mod layers;
mod merging;
mod mistakes;
mod outputs;
mod proof;
