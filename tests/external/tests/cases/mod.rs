//! One module a concern.

mod bash;
mod command;
mod conditions;
mod protocol;
mod transaction;
