//! Campaigns find what they are for: each defence of the library, replaced by a faulty one, is missed.

#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

mod faulty;
mod found;
mod machines;
mod schedules;
mod subjects;
