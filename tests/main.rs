//! The library's behaviours, each by name: a test called `b24_…` holds what line B24 of the semantics says,
//! `d03_…` what Ensign does instead. `coverage.rs` fails when a line has no test.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

#[macro_use]
mod support;

mod behaviours;
